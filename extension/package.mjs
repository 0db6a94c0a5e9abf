// @ts-check
/** Packs dist/chromium as .zip and dist/firefox as .xpi into out/: what the stores take. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { TARGETS } from "./manifest.mjs";
import { zip } from "./zip.mjs";

const dist = new URL("dist/", import.meta.url);
const out = new URL("../out/", import.meta.url);

/**
 * The package of what was built for one target, in the folder named.
 * @param {import("./manifest.mjs").Target} target
 * @param {URL} from
 */
export function pack(target, from) {
  const folder = new URL(`${target}/`, from);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => pathToFileURL(`${entry.parentPath}/${entry.name}`).href.slice(folder.href.length));
  return zip(names.map((name) => ({ name, bytes: readFileSync(new URL(name, folder)) })));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  mkdirSync(out, { recursive: true });
  for (const target of TARGETS) {
    const { version } = JSON.parse(readFileSync(new URL(`${target}/manifest.json`, dist), "utf8"));
    const name = `tallykey-${target}-${version}.${target === "firefox" ? "xpi" : "zip"}`;
    writeFileSync(new URL(name, out), pack(target, dist));
  }
}
