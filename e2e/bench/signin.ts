import type { Page } from "puppeteer-core";
import { Authenticator } from "../lib/browser.ts";
import { Figures, type Row } from "../lib/figures.ts";
import { type Attempt, register, type Shop, signIn } from "../lib/shop.ts";
import { pause, until } from "../lib/wait.ts";
import type { World } from "../lib/world.ts";
import { type Stamp, stamps } from "./stamps.ts";

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

/** Connections of the phone's page to the daemon, from nothing: when the app comes to the front, and when it starts. */
export async function linkOpens(world: World, n: number): Promise<Row[]> {
  const { phone, desktop } = world;
  const back = await opens(world, n, async () => {
    await phone.lookAway();
  });
  const started = await opens(world, n, async () => {
    await phone.close();
    await phone.open();
  });
  await desktop.phoneConnected();
  return [
    { what: "phone link open, the app comes to the front", figures: new Figures(back), aim: 20 },
    { what: "phone link open, the app starts", figures: new Figures(started) },
  ];
}

async function opens(world: World, n: number, again: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < n; i++) {
    const since = performance.timeOrigin + performance.now();
    await again();
    const opened = await until(10_000, "the link", async () =>
      (await stamps(world.phone.page)).find(({ what, at }) => what === "open" && at > since),
    );
    times.push(opened.ms ?? Number.NaN);
  }
  return times;
}

/** Whole sign-ins. The person is a program: it taps as soon as the phone has been told, and its finger is always there. */
export async function signIns(world: World, shop: Shop, n: number): Promise<Row[]> {
  const page = await shop.open();
  await answered(world, register(page, "bench"));
  const parts = new Parts();
  for (let i = 0; i < n; i++) {
    const attempt = await answered(world, signIn(page, { account: "bench" }));
    if (!attempt.ok) throw new Error(`a sign-in failed: ${JSON.stringify(attempt)}`);
    parts.add(attempt, await stamps(world.phone.page));
    // A person is slower than this, and the daemon hangs up on a phone that talks faster than any person could.
    await pause(300);
  }
  return parts.rows();
}

/** Sign-ins, and where their time went. */
class Parts {
  readonly #whole: number[] = [];
  readonly #arrive: number[] = [];
  readonly #paint: number[] = [];
  readonly #person: number[] = [];
  readonly #sign: number[] = [];
  readonly #answer: number[] = [];

  add(attempt: Attempt, seen: Stamp[]): void {
    const at = (what: Stamp["what"], type: string) =>
      seen.findLast((one) => one.what === what && one.type === type)?.at ?? Number.NaN;
    this.#whole.push(attempt.ms);
    this.#arrive.push(at("got", "request") - (attempt.at - attempt.ms));
    this.#paint.push(at("sent", "received") - at("got", "request"));
    this.#person.push(at("sent", "number") - at("sent", "received"));
    this.#sign.push(at("sent", "answer") - at("sent", "number"));
    this.#answer.push(attempt.at - at("sent", "answer"));
  }

  rows(): Row[] {
    return [
      { what: "whole sign-in, human steps automated", figures: new Figures(this.#whole), aim: 50 },
      { what: "  of it: page → phone has it", figures: new Figures(this.#arrive) },
      { what: "  of it: phone has it → phone has painted it", figures: new Figures(this.#paint) },
      { what: "  of it: painted → the stand-in person tapped", figures: new Figures(this.#person) },
      { what: "  of it: tap → verified and signed", figures: new Figures(this.#sign) },
      { what: "phone answers → page resolved", figures: new Figures(this.#answer), aim: 15 },
    ];
  }
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
