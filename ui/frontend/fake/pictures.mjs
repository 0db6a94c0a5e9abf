// Takes a picture of every state of the window, in light and dark and in German, with the fake bridge in headless Chromium,
// and fails where something is cut, too wide, or not accessible (axe-core).
// usage: node fake/pictures.mjs [folder, default docs/pictures/window] [part of a name]
import { execFile } from "node:child_process";
import { mkdir, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import puppeteer from "puppeteer-core";
import { createServer } from "vite";
import { scenes, sizes } from "./scenes.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = process.argv[2] ?? fileURLToPath(new URL("../../../docs/pictures/window", import.meta.url));
const run = promisify(execFile);
const only = process.argv[3] ?? "";
const tooLarge = 80_000; // bytes of a picture

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const server = await createServer({ root, logLevel: "error", server: { port: 0, host: "127.0.0.1" } });
await server.listen();
const base = `http://127.0.0.1:${server.httpServer.address().port}/fake/`;
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars"],
});
const wrong = [];
try {
  await mkdir(out, { recursive: true });
  const page = await browser.newPage();
  page.on("pageerror", (e) => wrong.push(`${page.url()}: ${e}`));
  for (const scene of scenes.filter(({ name }) => name.includes(only))) {
    for (const [lang, scheme] of [["en", "light"], ["en", "dark"], ["de", "light"]]) await picture(page, scene, lang, scheme);
    await narrow(page, scene);
  }
} finally {
  await browser.close();
  await server.close();
}
if (wrong.length) {
  console.error(wrong.join("\n"));
  process.exit(1);
}

async function picture(page, { name, query, then }, lang, scheme) {
  const [width, height] = sizes(query);
  await show(page, { query, then }, lang, scheme, width, height, 1);
  await check(page, `${name} ${lang} ${scheme}`);
  const violations = await page.evaluate(`(async () => { ${axe}; return (await axe.run()).violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target).join(" ")) })()`);
  wrong.push(...violations.map((v) => `${name} ${lang} ${scheme}: ${v}`));
  const path = `${out}/${name}.${scheme === "dark" ? "dark" : lang}.png`;
  await page.setViewport({ width, height: await page.evaluate(() => document.documentElement.scrollHeight) });
  await settle(page);
  await page.screenshot({ path });
  await run("convert", [path, "-dither", "None", "-colors", "64", `PNG8:${path}`]); // text needs no more
  const { size } = await stat(path);
  if (size > tooLarge) wrong.push(`${path}: ${size} bytes`);
}

// At 360 px, and with text of twice the size, everything is still there and nothing is cut.
async function narrow(page, { name, query, then }) {
  for (const [what, width, zoom] of [["narrow", 360, 1], ["large", sizes(query)[0], 2]]) {
    await show(page, { query, then }, "de", "light", width, 640, zoom);
    await check(page, `${name} ${what}`);
    if (process.env.NARROW) await page.screenshot({ path: `${process.env.NARROW}/${name}.${what}.png`, fullPage: true });
  }
}

async function show(page, { query, then }, lang, scheme, width, height, zoom) {
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }]);
  await page.goto(`${base}?${query}&lang=${lang}`, { waitUntil: "load" });
  await page.evaluate((z) => { document.documentElement.style.fontSize = `${z * 100}%`; }, zoom);
  await page.waitForSelector("main h1");
  await settle(page);
  for (const step of then ?? []) {
    const selector = step.into ?? step;
    await page.waitForSelector(selector);
    if (step.into) await page.type(selector, step.type);
    else await page.evaluate((s) => document.querySelector(s).click(), selector);
    await settle(page);
  }
}

function settle(page) {
  return page.evaluate(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(r, 60)))));
}

// Nothing may be wider than the window, and no text may stand outside its own box.
async function check(page, name) {
  const over = await page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    const text = (e) => !e.closest("svg, .sr, select, input") && e.clientWidth > 0;
    const cut = [...document.querySelectorAll("main *, header *")].filter((e) => text(e) && e.scrollWidth > e.clientWidth + 1)
      .map((e) => `${e.tagName}.${e.className}`);
    return { wide, cut };
  });
  if (over.wide > 0) wrong.push(`${name}: ${over.wide} px wider than the window`);
  if (over.cut.length) wrong.push(`${name}: cut: ${over.cut.join(", ")}`);
}
