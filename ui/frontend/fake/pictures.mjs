// Takes a picture of every state of the window, in light and dark, English and German, with the fake bridge in headless
// Chromium. usage: node fake/pictures.mjs [folder, default out/pictures/window] [part of a name]
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";
import { createServer } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = process.argv[2] ?? fileURLToPath(new URL("../../../out/pictures/window", import.meta.url));
const sizes = { prompt: [460, 560], pair: [720, 712], main: [900, 640] };
const long = "accounts-payable.europe-west.shared-services.intranet.fabrikam.example";

const only = process.argv[3]; // pictures whose name holds this
const scenes = [
  ["waiting", "view=prompt&state=waiting"],
  ["delivered", "view=prompt&state=delivered"],
  ["typed", "view=prompt&state=delivered&mode=type"],
  ["answering", "view=prompt&state=answering&more=1"],
  ["register", "view=prompt&state=delivered&action=create"],
  ...["approved", "registered", "declined", "reported", "wrong_number", "timed_out", "phone_unreachable", "key_gone", "daemon_stopped"].map(
    (c) => [`end-${c}`, `view=prompt&state=ended&code=${c}`]),
  ["long", `view=prompt&state=delivered&more=2&host=${long}&domain=fabrikam.example&account=a.very.long.name.of.a.person@contoso.example`],
  ["letters", "view=prompt&state=delivered&host=xn--contso-zqf.example&domain=xn--contso-zqf.example&top=shop.example"],
  ["not-running", "view=prompt&running=no&state=ended"],
  ["pair", "view=pair"],
  ["pair-number", "view=pair&state=delivered"],
  ["pair-paired", "view=pair&state=ended&code=paired"],
  ["pair-expired", "view=pair&left=0"],
  ["pair-failed", "view=pair&fail=link_failed"],
  ["main", "view=main"],
  ["main-problem", "view=main&problem=1&phones=away"],
  ["main-empty", "view=main&phones=none"],
  ["main-not-running", "view=main&running=no"],
].filter(([name]) => !only || name.includes(only));

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
  for (const [name, query] of scenes) {
    for (const lang of ["en", "de"]) await scene(page, name, query, lang);
  }
  await narrow(page);
} finally {
  await browser.close();
  await server.close();
}
if (wrong.length) {
  console.error(wrong.join("\n"));
  process.exit(1);
}

async function scene(page, name, query, lang) {
  const [width, height] = sizes[new URLSearchParams(query).get("view")];
  await page.setViewport({ width, height, deviceScaleFactor: 1.5 });
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }]);
    await page.goto(`${base}?${query}&lang=${lang}`, { waitUntil: "load" });
    await settle(page);
    await check(page, `${name} ${lang}`);
    await page.screenshot({ path: `${out}/${name}.${lang}-${scheme}.png`, fullPage: true });
  }
}

// At 320 px and with text of twice the size everything is still there and nothing is cut.
async function narrow(page) {
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  for (const [name, query] of scenes.filter(([n]) => ["delivered", "end-reported", "pair", "main", "long"].includes(n))) {
    for (const [what, width, zoom] of [["narrow", 320, 1], ["large", sizes[new URLSearchParams(query).get("view")][0], 2]]) {
      await page.setViewport({ width, height: 560 });
      await page.goto(`${base}?${query}&lang=de`, { waitUntil: "load" });
      await page.evaluate((z) => { document.documentElement.style.fontSize = `${z * 100}%`; }, zoom);
      await settle(page);
      await check(page, `${name} ${what}`);
      await page.screenshot({ path: `${out}/${name}.${what}.png`, fullPage: true });
    }
  }
}

function settle(page) {
  return page.evaluate(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(r, 60)))));
}

// Nothing may be wider than the window, and no text may stand outside its own box.
async function check(page, name) {
  const over = await page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    const cut = [...document.querySelectorAll("main *, header *")].filter((e) => !e.closest("svg, .sr") && e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1)
      .map((e) => `${e.tagName}.${e.className}`);
    return { wide, cut };
  });
  if (over.wide > 0) wrong.push(`${name}: ${over.wide} px wider than the window`);
  if (over.cut.length) wrong.push(`${name}: cut: ${over.cut.join(", ")}`);
}
