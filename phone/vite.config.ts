import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(readFileSync(here("package.json"), "utf8"));

/** Writes sw.js with the list of what it keeps, so that a new build is a new worker. */
function serviceWorker(): Plugin {
  return {
    name: "tallykey-service-worker",
    apply: "build",
    generateBundle(_, bundle) {
      const built = Object.keys(bundle).filter((name) => name !== "index.html" && !name.endsWith(".map"));
      const files = [
        "./",
        ...built.map((name) => `./${name}`),
        "./manifest.webmanifest",
        "./icon-192.png",
        "./icon.svg",
      ];
      const source = readFileSync(here("src/worker/sw.js"), "utf8");
      const hash = createHash("sha256").update(source).update(JSON.stringify(files));
      hash.update(readFileSync(here("index.html"))).update(readFileSync(here("public/manifest.webmanifest")));
      const filled = source
        .replace("__FILES__", JSON.stringify(files))
        .replace("__VERSION__", hash.digest("hex").slice(0, 16));
      this.emitFile({ type: "asset", fileName: "sw.js", source: filled });
    },
  };
}

/** The code table in one language, so that a phone loads no other: code to state, title, what happened, what to do. */
function outcomes(): Plugin {
  const table = here("../daemon/api/codes.json");
  return {
    name: "tallykey-outcomes",
    resolveId: (id) => (id.startsWith("virtual:outcomes/") ? `\0${id}` : undefined),
    load(id) {
      const language = /^\0virtual:outcomes\/(en|de)$/.exec(id)?.[1] as "en" | "de" | undefined;
      if (!language) return undefined;
      this.addWatchFile(table);
      const rows: Row[] = JSON.parse(readFileSync(table, "utf8"));
      const told = rows.map((r) => [r.code, [r.state, r[language].title, r[language].what, r[language].remedy]]);
      return `export default ${JSON.stringify(Object.fromEntries(told))}`;
    },
  };
}

type Text = Record<"title" | "what" | "remedy", string>;
interface Row extends Record<"en" | "de", Text> {
  code: string;
  state: string;
}

/**
 * Puts the policy of phone.go into the page itself, for a host that sends no header. Who may frame the page can't be
 * said there: the app looks at that itself.
 */
function policy(): Plugin {
  const source = readFileSync(here("phone.go"), "utf8").match(/const policy = ([\s\S]*?)\n\n/)?.[1] ?? "";
  const text = Array.from(source.matchAll(/"([^"]*)"/g), (m) => m[1]).join("");
  const own = text.replace(/frame-ancestors[^;]*; /, "");
  if (!own.includes("default-src 'none'")) throw new Error("phone.go has no policy");
  const attrs = { "http-equiv": "Content-Security-Policy", content: own };
  return {
    name: "tallykey-policy",
    apply: "build",
    transformIndexHtml: () => [{ tag: "meta", attrs, injectTo: "head-prepend" }],
  };
}

const shared =
  /node_modules\/svelte\/|src\/(app|view|device|link\/|request\/|session\/|store\/|keys\/(?!pin)|words\/words)|screens\/(Icon|icons|Mark|Halves|Site|focus|Lazy|lazy|Problem|Clock|Request)/;

export default defineConfig({
  base: "./", // mounted at / or below any path
  root: here("."),
  plugins: [svelte(), outcomes(), policy(), serviceWorker()],
  define: { __APP_VERSION__: JSON.stringify(version) },
  server: { fs: { allow: [here("..")] } },
  build: {
    ...{ target: "es2022", assetsInlineLimit: 0, modulePreload: false },
    // What every screen needs comes in one file: many small ones are larger, compressed, than one.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "shared", test: shared }] } } },
  },
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  // A busy machine stalls for seconds.
  test: { environment: "node", testTimeout: 60_000, hookTimeout: 60_000 },
});
