// What befalls a phone app over the years: it is put away and taken up again, its host is gone, it gets a new version, its
// storage is cleared, and the desktop's port is another one.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { PHONE_APP } from "../lib/phone.ts";
import { root } from "../lib/places.ts";
import { scene } from "../lib/scene.ts";
import { button, seen, tap } from "../lib/see.ts";
import { register, Shop, signIn } from "../lib/shop.ts";
import { until } from "../lib/wait.ts";

const world = scene("phone-life", {}, (started) => started.pair());

let page: Page;

beforeAll(async () => {
  page = await (await Shop.start(world().desktop)).open();
  const registering = register(page, "alice");
  await world().approve();
  expect(await registering).toMatchObject({ ok: true });
});

async function signsIn(): Promise<void> {
  const signing = signIn(page, { account: "alice" });
  await world().approve(60_000);
  expect(await signing).toMatchObject({ ok: true, account: "alice" });
}

test("a pending request is on top: the app is opened, pulled down, or comes to the front", async () => {
  const { desktop, phone } = world();
  const away = () =>
    until(30_000, "no phone", async () => !(await desktop.status()).phones.some((one) => one.connected));
  const other = await phone.page.browserContext().newPage();
  for (const [what, put, take] of [
    ["opened", () => phone.close(), () => phone.open()],
    ["to the front", () => other.bringToFront(), () => phone.page.bringToFront()],
  ] as const) {
    await put();
    await away();
    const skip = await desktop.quiet();
    const signing = signIn(page, { account: "alice" });
    await desktop.client.request("the request without a phone", ({ state }) => state === "waiting", skip);
    await take();
    await world().approve(30_000);
    expect([what, await signing]).toMatchObject([what, { ok: true }]);
  }
  await other.close();
  const signing = signIn(page, { account: "alice" });
  await desktop.number();
  await phone.numbers();
  await phone.page.reload(); // pulled down
  await phone.numbers();
  await world().approve();
  expect(await signing).toMatchObject({ ok: true });
});

test("of two windows of the app one talks to the desktop, and a request goes where the person is", async () => {
  const { desktop, phone } = world();
  const signing = signIn(page, { account: "alice" });
  await desktop.number();
  await phone.numbers();
  const other = await phone.page.browserContext().newPage();
  await other.goto(PHONE_APP);
  await button(other, /^\d\d$/);
  await phone.sees(/open in another window/);
  await phone.page.bringToFront(); // takes it back
  await phone.numbers();
  await seen(other, /open in another window/);
  await world().approve();
  expect(await signing).toMatchObject({ ok: true });
  await other.bringToFront(); // asks for no tap where it was away
  await phone.sees(/open in another window/);
  await other.close();
  await phone.open();
});

test("a full phone makes no registration, says so at both ends, and makes it once there is room", async () => {
  const { desktop, phone } = world();
  // Chromium reckons the room of a database that is in use half a minute late, so its refusal is brought about by hand.
  await phone.page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("there is no room", "QuotaExceededError");
    };
  });
  const refused = register(page, "bob");
  await world().approve();
  expect(await refused).toMatchObject({ ok: false, error: "NotAllowedError" });
  await phone.ended("phone_storage_failed");
  expect(await desktop.cli("activity", "--json")).toContain("phone_storage_failed");
  await phone.open();
  const made = register(page, "bob");
  await world().approve();
  expect(await made).toMatchObject({ ok: true });
});

test("without its host the app opens from what it stored, and signs in", async () => {
  const { desktop, phone } = world();
  await phone.open();
  await phone.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await phone.rehost();
  await phone.open();
  await desktop.phoneConnected(30_000);
  await signsIn();
});

/** The app with another text in its page, as a new version has it. */
const newer = (folder: string): string[] => {
  cpSync(join(root, "phone/dist"), folder, { recursive: true });
  for (const [name, from, to] of [
    ["index.html", "</head>", '<meta name="version" content="newer"></head>'],
    ["sw.js", "tallykey-", "tallykey-newer-"],
  ] as const) {
    const file = join(folder, name);
    writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
  }
  return [process.execPath, join(import.meta.dirname, "../rp/static.mjs"), folder, "8471"];
};

test("a new version comes by itself with the next visit, and loses no keys", { timeout: 120_000 }, async () => {
  const { desktop, phone } = world();
  await phone.rehost(newer(join(world().folder, "newer")));
  await phone.open(); // still the old one; the browser looks for a newer one meanwhile
  await until(60_000, "the new version in the cache", () =>
    phone.page.evaluate(
      async () => (await caches.keys()).join() === (await caches.keys()).find((n) => /newer/.test(n)),
    ),
  );
  await phone.open();
  await phone.page.waitForSelector("meta[name=version]");
  await desktop.phoneConnected(30_000);
  await signsIn();
});

/** The port that phones are told now. */
async function port(): Promise<number> {
  const { link, cli } = await world().desktop.pair();
  await cli.stop();
  return Number(new URLSearchParams(new URL(link).hash.slice(1)).get("p"));
}

test("another program has taken the desktop's port: the open app finds the next one", {
  timeout: 120_000,
}, async () => {
  const { desktop } = world();
  const before = await port();
  await desktop.cli("stop");
  await desktop.daemon.ended;
  const bind = `require("dgram").createSocket("udp4").bind(${before}, () => console.log("taken"))`;
  const occupant = desktop.session.program("occupant", [process.execPath, "-e", bind]);
  await occupant.line(/^taken$/);
  await desktop.startDaemon();
  await desktop.phoneConnected(60_000);
  const now = await port();
  expect(now).toBeGreaterThan(before);
  expect(now).toBeLessThanOrEqual(before + 3);
  await signsIn();
  await occupant.stop();
});

interface Listed {
  id: string;
  phone?: string;
}

const list = async (what: "phones" | "registrations"): Promise<Listed[]> =>
  JSON.parse(await world().desktop.cli(what, "--json")) as Listed[];

test("the browser has cleared what was stored: the app says what that means, and all of it comes back", async () => {
  const { desktop, phone } = world();
  const [lost] = await list("phones");
  await phone.close();
  const browser = await phone.page.createCDPSession();
  const origin = new URL(PHONE_APP).origin;
  await browser.send("Storage.clearDataForOrigin", { origin, storageTypes: "all" });
  await phone.open();
  await phone.page.waitForSelector("#first", { visible: true });
  await tap(phone.page, "#first summary");
  await phone.sees(/the browser cleared what it stored, and the keys are gone/);

  // Pair again, remove what was lost, register again.
  const pairing = await desktop.pair();
  await phone.open(pairing.link);
  await phone.tap(await desktop.number());
  expect((await pairing.cli.ended).code).toBe(0);
  await desktop.cli("phones", "remove", lost?.id ?? "");
  expect(await list("registrations")).toEqual([]);
  const registering = register(page, "alice");
  await world().approve();
  expect(await registering).toMatchObject({ ok: true, account: "alice" });
  await signsIn();
  expect(await list("phones")).toHaveLength(1);
});

test("the app says whether the browser keeps what is stored, and asks it to", async () => {
  const { phone } = world();
  await phone.open();
  await tap(phone.page, "#open-phone");
  await phone.sees(/after seven days without a visit/); // what happens where it is not kept, in Safari too
  const granted = { permission: { name: "persistent-storage" }, state: "granted" } as const;
  await phone.page.browserContext().setPermission(new URL(PHONE_APP).origin, granted);
  await tap(phone.page, "#keep");
  await until(30_000, "the word that it is kept", () =>
    phone.page.$eval("#storage", (word) => word.textContent?.trim() === "Kept"),
  );
});
