/** A second manager of passkeys, made on the spot: it takes the page's functions as well-known ones do. */
import { mkdirSync, writeFileSync } from "node:fs";

/**
 * How it takes them: by assigning to navigator.credentials, by putting another object in its place, or by doing so for
 * good, with a setter that throws.
 */
export type Way = "assigns" | "replaces" | "keeps";

/** It answers for requests whose challenge is one byte long, and gives all others to whom it found there. */
const TAKES = `
  const theirs = navigator.credentials;
  const own = { create: theirs.create.bind(theirs), get: theirs.get.bind(theirs) };
  const mine = (options) => options?.publicKey?.challenge?.byteLength === 1;
  const create = async (options) => (mine(options) ? "the other manager's" : own.create(options));
  const get = async (options) => (mine(options) ? "the other manager's" : own.get(options));
`;

const WAYS: Record<Way, string> = {
  assigns: "navigator.credentials.create = create; navigator.credentials.get = get;",
  replaces: 'Object.defineProperty(navigator, "credentials", { value: { create, get }, configurable: true });',
  keeps: `const kept = { create, get };
  Object.defineProperty(navigator, "credentials", {
    get: () => kept,
    set() { throw new TypeError("mine"); },
    configurable: false,
  });`,
};

/** Writes the extension into a folder and returns it. */
export function manager(folder: string, way: Way): string {
  mkdirSync(folder, { recursive: true });
  const script = { matches: ["http://*/*"], js: ["page.js"], run_at: "document_start", all_frames: true, world: "MAIN" };
  const manifest = {
    manifest_version: 3,
    name: "another manager",
    version: "1.0",
    content_scripts: [script],
    browser_specific_settings: { gecko: { id: "another@manager.example" } },
  };
  writeFileSync(`${folder}/manifest.json`, JSON.stringify(manifest));
  writeFileSync(`${folder}/page.js`, `{${TAKES}${WAYS[way]}}`);
  return folder;
}
