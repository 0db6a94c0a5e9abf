/** The packages for the stores: the same bytes each time, readable by others, and without anything to object to. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
// @ts-expect-error: it brings no types
import { createInstance } from "addons-linter";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TARGETS, type Target } from "../../manifest.mjs";
import { pack } from "../../package.mjs";

const extension = fileURLToPath(new URL("../../", import.meta.url));
let folder: string;

/** Builds into a folder of the test's own, and packs that. */
function made(name: string, env: object = {}): Buffer[] {
  const out = `${folder}/${name}`;
  execFileSync("node", ["build.mjs", out], { cwd: extension, env: { ...process.env, ...env }, stdio: "inherit" });
  return TARGETS.map((target) => pack(target, pathToFileURL(`${out}/`)));
}

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const file = (target: Target) => `${folder}/${target}.zip`;

beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/packages-`);
  for (const [at, bytes] of made("first").entries()) writeFileSync(file(TARGETS[at] as Target), bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("two builds are the same byte for byte", { timeout: 60_000 }, () => {
  const first = TARGETS.map((target) => digest(readFileSync(file(target))));
  const second = made("second", { TZ: "Pacific/Auckland", LANG: "de_DE.UTF-8", USER: "bob" });
  expect(second.map(digest)).toEqual(first);
});

test.each(TARGETS)("another program reads every file of it: %s", (target) => {
  const script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip()); print(z.read('manifest.json').decode())";
  const [bad, ...manifest] = execFileSync("python3", ["-c", script, file(target)], { encoding: "utf8" }).split("\n");
  expect(bad).toBe("None");
  expect(manifest.join("\n").trim()).toBe(readFileSync(`${folder}/first/${target}/manifest.json`, "utf8").trim());
});

/** data_collection_permissions: the store asks for it, and Firefox before 140 passes over it. */
const KNOWN = ["KEY_FIREFOX_UNSUPPORTED_BY_MIN_VERSION", "KEY_FIREFOX_ANDROID_UNSUPPORTED_BY_MIN_VERSION"];

interface Finding {
  code: string;
  message: string;
  file?: string;
}

test("the linter of add-ons has nothing to object to", { timeout: 120_000 }, async () => {
  const linter = createInstance({
    config: { _: [file("firefox")], logLevel: "fatal", stack: false, pretty: false, output: "none", boring: true, selfHosted: false },
    runAsBinary: false,
  });
  const { errors, warnings } = (await linter.run()) as { errors: Finding[]; warnings: Finding[] };
  expect(errors).toEqual([]);
  expect(warnings.map(({ code }) => code)).toEqual(KNOWN);
});
