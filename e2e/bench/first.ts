import type { Page } from "puppeteer-core";
import { Authenticator } from "../lib/browser.ts";
import { Figures, type Row } from "../lib/figures.ts";
import { PHONE_APP } from "../lib/phone.ts";
import { register, type Shop } from "../lib/shop.ts";
import { until } from "../lib/wait.ts";
import type { World } from "../lib/world.ts";

/** Milliseconds that a person is given for each tap: to read the screen, to decide, to tap. */
const TAP = 4000;
/** For each fingerprint or face, and for the link to come from the desktop to the phone. */
const FINGER = 3000;
const LINK = 10_000;
const AIM = 60_000;

/** How long the first run took, and what the person did in it. */
interface First {
  paired: number;
  registered: number;
  taps: number;
}

/**
 * First runs, each on a phone that knows nothing: from the first opening of the page by the link that is pasted, the number
 * and its screen lock to "paired", and on to the first registration. The person is a program; a real one is reckoned with.
 */
export async function firstRuns(world: World, shop: Shop, n: number): Promise<Row[]> {
  const { page } = world.phone;
  await countTaps(page);
  const website = await shop.open();
  const runs: First[] = [];
  for (let i = 0; i < n; i++) runs.push(await firstRun(world, website, `first-${i}`));
  const taps = Math.max(...runs.map((run) => run.taps));
  const person = taps * TAP + 2 * FINGER + LINK;
  const rows = [
    { what: "first run: app opened → paired", figures: new Figures(runs.map((run) => run.paired)) },
    { what: "first run: app opened → first registration", figures: new Figures(runs.map((run) => run.registered)) },
    {
      what: `  and ${taps} taps of ${TAP / 1000} s, 2 fingerprints of ${FINGER / 1000} s, ${LINK / 1000} s for the link`,
      figures: new Figures(runs.map((run) => run.registered + person)),
      aim: AIM,
    },
  ];
  return rows;
}

async function firstRun(world: World, website: Page, account: string): Promise<First> {
  const { desktop, phone } = world;
  await phone.page.bringToFront(); // a page that is not in front verifies nobody
  await forget(phone.page);
  await phone.authenticator.remove(); // one holds three credentials
  phone.authenticator = await Authenticator.add(phone.page, true);
  const pairing = await desktop.pair();
  const began = performance.now();
  await phone.page.goto(PHONE_APP);
  await tap(phone.page, "#pair-first");
  await paste(phone.page, pairing.link);
  await tap(phone.page, "#continue");
  await tapNumber(phone.page, await desktop.number());
  await phone.ended("paired");
  const paired = performance.now() - began;
  await tap(phone.page, "#done");
  const registering = register(website, account);
  await tapNumber(phone.page, await desktop.number());
  const { ok } = await registering;
  if (!ok) throw new Error("the first registration failed");
  await phone.page.waitForSelector("#outcome[data-code=registered]");
  const registered = performance.now() - began;
  const taps = await phone.page.evaluate(() => (globalThis as unknown as { taps: number }).taps);
  return { paired, registered, taps };
}

/** Takes the app and all that it stored off the phone, and the phone off the desktop. */
async function forget(page: Page): Promise<void> {
  await page.goto("about:blank");
  const browser = await page.createCDPSession();
  await browser.send("Storage.clearDataForOrigin", { origin: new URL(PHONE_APP).origin, storageTypes: "all" });
}

/** Counts from the next navigation on what the person taps. */
async function countTaps(page: Page): Promise<void> {
  await page.evaluateOnNewDocument(() => {
    const count = { taps: 0 };
    Object.defineProperty(globalThis, "taps", { get: () => count.taps });
    addEventListener("click", ({ isTrusted }) => (count.taps += isTrusted ? 1 : 0), true);
  });
}

async function tap(page: Page, selector: string): Promise<void> {
  const button = await page.waitForSelector(selector, { visible: true });
  await button?.click();
}

async function tapNumber(page: Page, number: string): Promise<void> {
  const found = await until(15_000, "the number on the phone", async () => {
    for (const one of await page.$$("#request button:not([disabled])")) {
      if ((await one.evaluate((b) => b.textContent?.trim())) === number) return one;
    }
    return undefined;
  });
  await found.click();
}

/** Puts the link into the field as the clipboard does, in one go. */
async function paste(page: Page, link: string): Promise<void> {
  await tap(page, "#link");
  await page.evaluate((text) => document.execCommand("insertText", false, text), link);
}
