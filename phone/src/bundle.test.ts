// What a phone loads before it shows the first screen: the page, its styles and scripts, and one language.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Rollup } from "vite";
import { build } from "vite";
import { afterEach, expect, it, vi } from "vitest";

const limit = 59_500; // bytes, compressed: 60 KB is promised
const root = fileURLToPath(new URL("..", import.meta.url));

afterEach(() => vi.unstubAllEnvs());

it("is small to load", { timeout: 240_000 }, async () => {
  // As `npm run build` does it, not with what the framework adds for tests.
  vi.stubEnv("NODE_ENV", "production");
  vi.stubEnv("VITEST", "");
  const configFile = `${root}vite.config.ts`;
  const made = await build({ root, configFile, mode: "production", logLevel: "error", build: { write: false } });
  const { output } = made as Rollup.RollupOutput;
  const text = new Map(output.map((o) => [o.fileName, o.type === "chunk" ? o.code : o.source]));
  const size = (name: string) => gzipSync(text.get(name) ?? "", { level: 9 }).length;
  const first = new Set(["index.html"]);
  const follow = (name: string) => {
    const chunk = output.find((o) => o.fileName === name);
    if (first.has(name) || chunk?.type !== "chunk") return;
    first.add(name);
    for (const css of chunk.viteMetadata?.importedCss ?? []) first.add(css);
    for (const next of chunk.imports) follow(next);
  };
  const chunks = output.filter((o) => o.type === "chunk");
  for (const c of chunks) if (c.isEntry) follow(c.fileName);
  // Of two languages a phone loads one; German has the longer words.
  for (const c of chunks) if (c.facadeModuleId?.endsWith("/words/de.ts")) follow(c.fileName);
  const total = [...first].reduce((sum, name) => sum + size(name), 0);
  const all = [...text.keys()].reduce((sum, name) => sum + size(name), 0);
  if (process.env.SIZES) for (const name of first) console.info(size(name), name);
  console.info(`first load ${total} bytes, everything ${all}`);
  expect([...first].some((name) => name.endsWith(".css"))).toBe(true);
  expect(chunks.some((c) => c.isDynamicEntry && !first.has(c.fileName))).toBe(true);
  expect(total).toBeLessThan(limit);
});
