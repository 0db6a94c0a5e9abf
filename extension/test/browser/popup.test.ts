import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Stage } from "../stage/stage.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.close());
beforeEach(() => stage.install());

const ready = { state: "ready" };
const running = (phones: object[]) => ({ version: "0.1.0", phones, keyring: ready, link: ready });
const alice = { id: "p1", name: "Alice’s phone", connected: true, lastSeen: "2026-11-23T14:02:00Z" };
const old = { id: "p2", name: "Old phone", connected: false, lastSeen: "2025-05-01T09:00:00Z" };

/** Opens the popup and reads it; pictures go into the folder that the variable PICTURES names. */
async function read(name: string): Promise<string> {
  const popup = await stage.popup();
  await popup.setViewport({ width: 340, height: 280, deviceScaleFactor: 2 });
  await popup.waitForSelector("main[aria-busy=false]");
  const text = await popup.evaluate(() => document.body.innerText);
  const wide = await popup.evaluate(() => document.documentElement.scrollWidth);
  const folder = process.env.PICTURES;
  if (folder) {
    mkdirSync(folder, { recursive: true });
    await popup.screenshot({ path: `${folder}/popup-${name}.png`, fullPage: true });
  }
  await popup.close();
  expect(wide).toBeLessThanOrEqual(340);
  return text.replaceAll(/\s+/g, " ");
}

test("shows each phone and whether it is there", async () => {
  stage.daemon.behave = (call) => call.answer(running([alice, old]));
  const text = await read("ready");
  expect(text).toContain("tallykey Ready Alice’s phone On this network Connected");
  expect(text).toContain("Old phone Last seen May 1 Not connected");
  expect(text).toContain("Check connection");
});

test("says what to do when no phone is there", async () => {
  stage.daemon.behave = (call) => call.answer(running([old]));
  expect(await read("away")).toContain("Open tallykey on the phone and join the same network");
});

test("says what to do when no phone is paired", async () => {
  stage.daemon.behave = (call) => call.answer(running([]));
  const text = await read("unpaired");
  expect(text).toContain("No phone is paired");
  expect(text).toContain("tallykey pair");
});

test("says which part of the daemon has a problem", async () => {
  const keyring = { state: "problem", code: "keyring_locked" };
  stage.daemon.behave = (call) => call.answer({ ...running([alice]), keyring });
  expect(await read("keyring")).toContain("The keyring is locked");
});

test("says that the daemon does not run, and sees it when it does", async () => {
  await stage.daemon.stop();
  const popup = await stage.popup();
  await popup.waitForSelector("h1");
  expect(await popup.evaluate(() => document.body.innerText)).toContain("tallykey is not running");
  stage.daemon.behave = (call) => call.answer(running([alice]));
  await stage.daemon.start();
  await popup.click("#check");
  await popup.waitForSelector("li");
  expect(await popup.evaluate(() => document.body.innerText)).toContain("Connected");
  await popup.close();
});

test("says that the browser knows no host, or not for us", async () => {
  stage.killHosts();
  stage.uninstall();
  expect(await read("missing")).toContain("It was not told where tallykey is on this desktop.");
  stage.install("strangers");
  expect(await read("forbidden")).toContain("another extension than this one");
});

test("does not tell a page about phones", async () => {
  const page = await stage.page();
  const text = await page.evaluate(`typeof chrome === "undefined" || !chrome.runtime ? "no way in" : "a way in"`);
  await page.close();
  expect(text).toBe("no way in");
});
