// Two phones at one desktop, and two desktops for one phone.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Desktop } from "../lib/desktop.ts";
import { Ends } from "../lib/ends.ts";
import { PHONE_APP, Phone } from "../lib/phone.ts";
import { scene } from "../lib/scene.ts";
import { tap } from "../lib/see.ts";
import { register, Shop, signIn } from "../lib/shop.ts";
import { until } from "../lib/wait.ts";

const world = scene("phone-many", {}, (started) => started.pair());
const ends = new Ends();

let shop: Shop;
let page: Page;
let tablet: Phone;
let laptop: Desktop;

/** Logs and files of what this world has twice. */
function second(): [folder: string, logs: string] {
  const logs = join(world().out, "second");
  mkdirSync(logs, { recursive: true });
  return [join(world().folder, "2"), logs];
}

beforeAll(async () => {
  const [folder, logs] = second();
  const host = await world().network.join("tablet", "10.77.0.101", logs);
  tablet = ends.use(await Phone.start(host, folder, logs));
  shop = await Shop.start(world().desktop);
  page = await shop.open();
}, 60_000);

afterAll(() => ends[Symbol.asyncDispose]());

async function pair(desktop: Desktop, phone: Phone): Promise<void> {
  const pairing = await desktop.pair();
  await phone.open(pairing.link);
  await phone.tap(await desktop.number());
  expect((await pairing.cli.ended).code).toBe(0);
  await phone.ended("paired");
  await tap(phone.page, "#done");
}

interface Listed {
  id: string;
  account: string;
}

const registrations = async (desktop: Desktop): Promise<Listed[]> =>
  JSON.parse(await desktop.cli("registrations", "--json")) as Listed[];

/** Waits until a desktop has as many registrations. */
const has = (desktop: Desktop, count: number): Promise<true> =>
  until(30_000, `${count} registrations`, async () => (await registrations(desktop)).length === count);

test("two phones have a key each for one account, and either signs in", async () => {
  const { desktop, phone } = world();
  await pair(desktop, tablet);
  for (const one of [phone, tablet]) {
    const registering = register(page, "alice");
    await one.tap(await desktop.number());
    expect(await registering).toMatchObject({ ok: true, account: "alice" });
  }
  await has(desktop, 2);
  for (const [asked, other] of [
    [tablet, phone],
    [phone, tablet],
  ] as const) {
    const signing = signIn(page, { account: "alice" });
    const number = await desktop.number();
    await other.numbers(); // it is asked too
    await asked.tap(number);
    expect(await signing).toMatchObject({ ok: true, account: "alice" });
    await other.ended("answered_elsewhere");
  }
});

test("one phone is off: the other signs in", async () => {
  const { desktop, phone } = world();
  await phone.close();
  const signing = signIn(page, { account: "alice" });
  await tablet.tap(await desktop.number());
  expect(await signing).toMatchObject({ ok: true, account: "alice" });
  await phone.open();
  await until(30_000, "both phones", async () => (await desktop.status()).phones.every((one) => one.connected));
});

test("a new desktop that pairs signs in at once with what the phone holds", { timeout: 120_000 }, async () => {
  const { network, phone } = world();
  const [folder, logs] = second();
  // Another person's session on the same machine: the usual port is taken there.
  laptop = ends.use(await Desktop.start(network.desktop, join(folder, "d"), logs, { phoneApp: PHONE_APP }));
  expect(await registrations(laptop)).toEqual([]);
  await pair(laptop, phone);
  await has(laptop, 1);
  const there = await laptop.open(shop.url);
  const signing = signIn(there, { account: "alice" });
  await phone.tap(await laptop.number());
  expect(await signing).toMatchObject({ ok: true, account: "alice" });
  await tap(phone.page, "#done");
  await until(30_000, "both desktops connected", async () => {
    const reach = await phone.page.$$eval("#desktops [data-reach]", (all) =>
      all.map((one) => one.getAttribute("data-reach")),
    );
    return reach.join() === "connected,connected";
  });
});

test("what is registered by one desktop is there on the other, and so is its end", async () => {
  const { desktop, phone } = world();
  const registering = register(page, "bob");
  await phone.tap(await desktop.number());
  expect(await registering).toMatchObject({ ok: true, account: "bob" });
  await has(laptop, 2);
  await tap(phone.page, "#done");
  await tap(phone.page, "#registrations button");
  await tap(phone.page, "[aria-label='Remove: bob']");
  await tap(phone.page, "#confirm-yes");
  await has(laptop, 1);
  await has(desktop, 2); // the tablet's and the phone's of alice
});

test("a desktop that is removed on the phone forgets it; the other one stays", async () => {
  const { desktop, phone } = world();
  await phone.open();
  await tap(phone.page, "#desktops li:first-child button"); // the newest
  await tap(phone.page, "#remove");
  await tap(phone.page, "#confirm-yes");
  await until(30_000, "the laptop without a phone", async () => (await laptop.status()).phones.length === 0);
  expect(await registrations(laptop)).toEqual([]);
  const signing = signIn(page, { account: "alice" });
  await phone.tap(await desktop.number());
  expect(await signing).toMatchObject({ ok: true, account: "alice" });
});
