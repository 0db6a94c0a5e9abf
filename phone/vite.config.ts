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

export default defineConfig({
  base: "./", // mounted at / or below any path
  root: here("."),
  plugins: [svelte(), serviceWorker()],
  define: { __APP_VERSION__: JSON.stringify(version) },
  server: { fs: { allow: [here("..")] } },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: false },
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  test: { environment: "node" },
});
