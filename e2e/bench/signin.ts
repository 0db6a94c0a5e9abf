import type { Page } from "puppeteer-core";
import { Authenticator } from "../lib/browser.ts";
import { Figures, type Row } from "../lib/figures.ts";
import { type Attempt, register, type Shop, signIn } from "../lib/shop.ts";
import type { World } from "../lib/world.ts";
import { stamps } from "./stamps.ts";

/** Round trips of a status question from the extension's background through the host to the daemon. */
export async function roundTrips(world: World, n: number): Promise<Row> {
  const background = await world.desktop.browser.background();
  const times = await background.evaluate(async (count: number) => {
    const port = chrome.runtime.connectNative("org.tallykey.host");
    const all: number[] = [];
    for (let id = 0; id <= count; id++) {
      const start = performance.now();
      await new Promise<void>((resolve) => {
        const heard = () => {
          port.onMessage.removeListener(heard);
          resolve();
        };
        port.onMessage.addListener(heard);
        port.postMessage({ jsonrpc: "2.0", id, method: "status" });
      });
      all.push(performance.now() - start);
    }
    port.disconnect();
    return all;
  }, n);
  // The first one starts the host.
  return { what: "extension → daemon → extension", figures: new Figures(times.slice(1)), aim: 2 };
}

/** Connections of the phone's page to the daemon, from nothing. */
export async function linkOpens(world: World, n: number): Promise<Row> {
  const times: number[] = [];
  for (let i = 0; i < n; i++) {
    await world.phone.close();
    await world.phone.open();
    await world.desktop.phoneConnected();
    const opened = (await stamps(world.phone.page)).find(({ what }) => what === "open");
    times.push(opened?.ms ?? Number.NaN);
  }
  return { what: "phone link open", figures: new Figures(times), aim: 20 };
}

/** Whole sign-ins. The person is a program: it taps as soon as the phone has been told, and its finger is always there. */
export async function signIns(world: World, shop: Shop, n: number): Promise<Row[]> {
  const page = await shop.open();
  await answered(world, register(page, "bench"));
  const whole: number[] = [];
  const answers: number[] = [];
  for (let i = 0; i < n; i++) {
    const attempt = await answered(world, signIn(page, { account: "bench" }));
    if (!attempt.ok) throw new Error(`a sign-in failed: ${JSON.stringify(attempt)}`);
    const answer = (await stamps(world.phone.page)).findLast(({ what, type }) => what === "sent" && type === "answer");
    whole.push(attempt.ms);
    answers.push(attempt.at - (answer?.at ?? Number.NaN));
  }
  return [
    { what: "phone answers → page resolved", figures: new Figures(answers), aim: 15 },
    { what: "whole sign-in, human steps automated", figures: new Figures(whole), aim: 50 },
  ];
}

/** The same page with Chromium's own virtual authenticator, in a context that the extension is not in. */
export async function floor(world: World, shop: Shop, n: number): Promise<Row> {
  const page = await world.desktop.browser.bare();
  await page.goto(shop.url);
  await Authenticator.add(page, false);
  await register(page, "floor");
  const times: number[] = [];
  for (let i = 0; i < n; i++) times.push((await signIn(page, { account: "floor" })).ms);
  return { what: "the same with Chromium's own authenticator", figures: new Figures(times) };
}

/** Taps the right number in the phone's page the moment it is there. */
async function answered(world: World, pressed: Promise<Attempt>): Promise<Attempt> {
  const number = await world.desktop.number();
  await tapNow(world.phone.page, number);
  return pressed;
}

async function tapNow(page: Page, number: string): Promise<void> {
  await page.evaluate(async (right) => {
    const find = () =>
      [...document.querySelectorAll("button")].find(
        (button) => button.textContent?.trim() === right && !button.disabled,
      );
    while (!find()) await new Promise(requestAnimationFrame);
    find()?.click();
  }, number);
}
