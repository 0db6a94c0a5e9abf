import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// The codes and the look are files of the repository: the page is built from them, never from copies.
const root = new URL("../..", import.meta.url).pathname;

export default defineConfig({
  plugins: [svelte(), keep()],
  build: { target: "es2022", modulePreload: false, assetsInlineLimit: 0, emptyOutDir: true },
  server: { fs: { allow: [root] }, host: "127.0.0.1" },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"], testTimeout: 60_000 },
  // Svelte has a build for servers too; components under test want the browser's.
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
});

// keep puts dist/.keep back: go:embed needs a file in dist before the first build of the page.
function keep() {
  return {
    name: "keep",
    generateBundle(this: { emitFile(f: { type: "asset"; fileName: string; source: string }): string }) {
      this.emitFile({ type: "asset", fileName: ".keep", source: "" });
    },
  };
}
