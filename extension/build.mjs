// @ts-check
/** Builds dist/chromium and dist/firefox, or those of the folder named: the same scripts, each with its own manifest. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { manifest, TARGETS } from "./manifest.mjs";

const here = new URL("./", import.meta.url);
/** @param {string} path */
const at = (path) => new URL(path, here).pathname;

const dist = pathToFileURL(`${resolve(process.argv[2] ?? at("dist"))}/`);
const { version } = JSON.parse(readFileSync(at("package.json"), "utf8"));

/** @param {Record<string, string>} entryPoints @param {boolean} small */
async function bundled(entryPoints, small) {
  /** @type {import("esbuild").BuildOptions & { write: false }} */
  const options = {
    entryPoints,
    bundle: true,
    write: false,
    outdir: at("dist"),
    format: "iife",
    target: ["chrome120", "firefox128"],
    charset: "utf8",
    logLevel: "warning",
    // Names stay: who reads the package finds the source's own.
    minifyWhitespace: small,
    minifySyntax: small,
  };
  return (await build(options)).outputFiles;
}

// Every page pays for the first two.
const outputFiles = [
  ...(await bundled({ page: at("src/page/main.ts"), gate: at("src/gate/main.ts") }, true)),
  ...(await bundled(
    {
      background: at("src/background/main.ts"),
      popup: at("src/popup/main.ts"),
      "popup-style": at("src/popup/popup.css"),
    },
    false,
  )),
];

for (const target of TARGETS) {
  const out = new URL(`${target}/`, dist);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const file of outputFiles) writeFileSync(new URL(file.path.split("/").at(-1) ?? "", out), file.contents);
  const popup = readFileSync(at("src/popup/popup.html"), "utf8");
  writeFileSync(new URL("popup.html", out), popup);
  // The popup's heading is the website; this page has none, so its own name is.
  const options = popup.replace("<body>", '<body class="options">').replace(/<span>(tallykey)<\/span>/, "<h1>$1</h1>");
  writeFileSync(new URL("options.html", out), options);
  cpSync(at("icons"), new URL("icons", out), { recursive: true });
  cpSync(at("locales"), new URL("_locales", out), { recursive: true });
  writeFileSync(new URL("manifest.json", out), `${JSON.stringify(manifest(target, version), null, 2)}\n`);
}
