// Every screen in a browser of phone size, light and dark, English and German: axe finds nothing, and nothing is wider
// than the phone. PICTURES names a folder for pictures of what was checked.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "puppeteer-core";
import { launch } from "puppeteer-core";
import type { ViteDevServer } from "vite";
import { createServer } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { screens } from "./screens";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.env.PICTURES;

let server: ViteDevServer;
let browser: Browser;

function chromium(): string {
  const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = places.find((path) => path && existsSync(path));
  if (!found) throw new Error("there is no Chromium: make setup");
  return found;
}

beforeAll(async () => {
  const root = new URL("../..", import.meta.url).pathname;
  server = await createServer({
    root,
    configFile: `${root}vite.config.ts`,
    logLevel: "error",
    server: { host: "127.0.0.1" },
  });
  await server.listen();
  const args = [
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-sync",
  ];
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  browser = await launch({ executablePath: chromium(), args });
  if (pictures) mkdirSync(pictures, { recursive: true });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function open(screen: string, language: string): Promise<Page> {
  const page = await browser.newPage();
  await page.setViewport({ width: 360, height: 740, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  await page.evaluateOnNewDocument((l: string) => {
    Object.defineProperty(navigator, "languages", { get: () => [l] });
  }, language);
  await page.goto(`${server.resolvedUrls?.local[0]}src/stage/stage.html?screen=${screen}`);
  await page.waitForSelector("body[data-ready] main");
  await page.evaluate(axe);
  return page;
}

describe.each(["en", "de"])("in %s", (language) => {
  it.each(Object.keys(screens))("the screen %s is for everyone", { timeout: 60_000 }, async (screen) => {
    const page = await open(screen, language);
    for (const scheme of ["light", "dark"]) {
      // Without motion: a colour that is still on its way is nobody's choice.
      await page.emulateMediaFeatures([
        { name: "prefers-color-scheme", value: scheme },
        { name: "prefers-reduced-motion", value: "reduce" },
      ]);
      if (pictures) await page.screenshot({ path: `${pictures}/${screen}.${language}.${scheme}.png`, fullPage: true });
      const found = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResults;
      expect(found.violations.map((v) => [v.id, v.nodes.map((n) => n.html)])).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.close();
  });
});
