// A browser of phone size on the stage's screens, for tests and for pictures.
import { existsSync } from "node:fs";
import type { Browser, Page } from "puppeteer-core";
import { launch } from "puppeteer-core";
import { createServer } from "vite";

const places = {
  chrome: [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  firefox: [process.env.FIREFOX, "/usr/bin/firefox-esr", "/usr/bin/firefox"],
};

const flags = [
  "--no-first-run",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-sync",
];

/** A width that small phones have, in CSS pixels. */
export const width = 360;
/** That of the narrowest. */
export const narrow = 320;

/** Pixels to a CSS pixel: phones have two and more, pictures for the documentation have one, to be small. */
const scale = Number(process.env.SCALE ?? 2);

const phone = { deviceScaleFactor: scale, isMobile: true, hasTouch: true };

/** The narrowest phone, and text twice as large: Chromium only. */
export async function enlarge(page: Page): Promise<void> {
  await page.setViewport({ width: narrow, height: 568, ...phone });
  await page.evaluate(() => {
    document.documentElement.style.fontSize = "200%";
  });
}

/** The stage in one browser. */
export interface Stage {
  /** Opens a screen in a language, and waits until it is there. */
  open(screen: string, language: string): Promise<Page>;
  close(): Promise<void>;
}

/** Serves the stage and starts a browser on it. */
export async function stage(kind: keyof typeof places): Promise<Stage> {
  const root = new URL("../..", import.meta.url).pathname;
  const configFile = `${root}vite.config.ts`;
  const server = await createServer({ root, configFile, logLevel: "error", server: { host: "127.0.0.1" } });
  await server.listen();
  const browser = await start(kind);
  const address = `${server.resolvedUrls?.local[0]}src/stage/stage.html`;
  return {
    async open(screen, language) {
      const page = await browser.newPage();
      await page.setViewport({ width, height: 740, ...(kind === "chrome" ? phone : {}) });
      await page.evaluateOnNewDocument((l: string) => {
        Object.defineProperty(navigator, "languages", { get: () => [l] });
      }, language);
      await page.goto(`${address}?screen=${screen}`);
      await page.waitForSelector("body[data-ready] main", { timeout: 60_000 });
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

function start(kind: keyof typeof places): Promise<Browser> {
  const executablePath = places[kind].find((path) => path && existsSync(path));
  if (!executablePath) throw new Error(`there is no ${kind}: make setup`);
  if (kind === "firefox") return launch({ browser: "firefox", executablePath });
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : []; // as root there is no sandbox to enter
  return launch({ executablePath, args: [...flags, ...root] });
}
