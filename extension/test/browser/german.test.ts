/** The popup in German. A browser may come without its translations, so that it speaks German is played here. */
import { readFileSync } from "node:fs";
import type { Page } from "puppeteer-core";
import { expect, test } from "vitest";
import { useStage } from "../stage/fixture.ts";
import { look, WIDTH } from "../stage/look.ts";

/** The browser's own part: which language, and a message with its values in the places for them. */
const GERMAN = `{
  const messages = ${readFileSync(new URL("../../locales/de/messages.json", import.meta.url), "utf8")};
  const filled = ({ message, placeholders = {} }, values) => message.replaceAll(/\\$(\\w+)\\$/g, (_, name) =>
    values[Number(placeholders[name.toLowerCase()].content.slice(1)) - 1]);
  Object.defineProperty(chrome.i18n, "getUILanguage", { value: () => "de" });
  Object.defineProperty(chrome.i18n, "getMessage", { value: (key, values = []) => messages[key] ? filled(messages[key], [values].flat()) : "" });
}`;

const on = useStage("login.localhost");

const ready = { state: "ready" };
const phone = { id: "p1", name: "Alices Telefon", connected: true, lastSeen: "2026-11-23T14:02:00Z" };
const status = { version: "0.1.0", phones: [phone], keyring: ready, link: ready, pauses: [] };
const registration = { id: "AQID", rpId: "localhost", account: "alice@contoso.example", phoneName: phone.name, created: "2025-05-01T09:00:00Z" };

async function open(): Promise<Page> {
  const popup = await on.stage.popup("popup", GERMAN);
  await popup.setViewport({ width: WIDTH, height: 280, deviceScaleFactor: 2 });
  await popup.waitForSelector("main[aria-busy=false]");
  await on.page.bringToFront();
  await popup.evaluate(() => {
    document.querySelector("main")?.setAttribute("aria-busy", "true");
    document.getElementById("check")?.click();
  });
  await popup.waitForSelector("main[aria-busy=false]");
  return popup;
}

async function shows(name: string, ...texts: string[]): Promise<void> {
  const popup = await open();
  const words = (await popup.evaluate(() => document.body.innerText)).replaceAll(/\s+/g, " ");
  for (const text of texts) expect(words).toContain(text);
  expect(await popup.evaluate(() => document.documentElement.lang)).toBe("de");
  await look(`de-${name}`, popup);
  await popup.close();
}

test("the website in front, with the newest outcome and its remedy", async () => {
  on.daemon.results.set("status", status);
  const last = { time: new Date().toISOString(), action: "get", code: "wrong_number" };
  on.daemon.results.set("site", { registrations: [registration], last });
  await shows("site", "Registriert am", "tallykey auf dieser Website verwenden", "tallykey auf allen Websites verwenden");
});

test("a pause, and no phone", async () => {
  on.daemon.results.set("status", { ...status, phones: [] });
  await shows("unpaired", "Telefon koppeln");
  on.daemon.results.set("status", { ...status, pauses: [{}] });
  await shows("paused", "Pausiert");
});

test("a request that waits", async () => {
  on.daemon.results.set("status", status);
  on.daemon.behave = (call) => call.take();
  const asked = on.daemon.next();
  await on.page.evaluate("void get()");
  await asked;
  await shows("pending", "Die Zahl steht auf Ihrem Desktop. Tippen Sie sie auf dem Telefon an.");
});

test("no daemon", async () => {
  await on.daemon.stop();
  await shows("stopped", "tallykey läuft nicht", "Starten: tallykey daemon.");
  await on.daemon.start();
});
