// Ways between phone and desktop on which a person waits: nothing passes, or not all, or all of it late. What the phone's
// screen says of that, and that it gets there by itself.
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterEach, expect, test } from "vitest";
import { Ends } from "../lib/ends.ts";
import { HostileDesktop } from "../lib/hostile.ts";
import type { Host } from "../lib/network.ts";
import { PHONE_APP } from "../lib/phone.ts";
import { basics, Program } from "../lib/program.ts";
import { scene } from "../lib/scene.ts";
import { words } from "../lib/see.ts";
import { register, Shop, signIn } from "../lib/shop.ts";
import { until } from "../lib/wait.ts";

const world = scene("phone-way", {}, (started) => started.pair());

const ends = new Ends();
afterEach(() => ends[Symbol.asyncDispose]());

/** Only what goes to everybody passes, as at an access point that keeps its clients apart and lets mDNS through. */
async function onlyMulticast(): Promise<void> {
  const { desktop } = world().network;
  const chain = 'type filter hook input priority 0; iifname "eth0" meta pkttype host drop;';
  await desktop.run(["nft", `table inet apart { chain in { ${chain} }; }`]);
  ends.add(() => desktop.run(["nft", "delete table inet apart"]));
}

/** Waits until the phone names this cause for a desktop that is away, and returns all that it says. */
async function trouble(cause: string): Promise<string> {
  const { page } = world().phone;
  await page.waitForSelector(`#trouble[data-cause=${cause}]`, { timeout: 30_000 });
  await page.screenshot({ path: join(world().out, `cause-${cause}.png`), fullPage: true });
  return words(page);
}

test("only multicast passes: the phone says that the desktop is near, and names client isolation", async () => {
  const { desktop, phone } = world();
  await onlyMulticast();
  await phone.open();
  const text = await trouble("near");
  expect(text).toMatch(/Office desktop does not answer/);
  expect(text).toMatch(/its name is known in this network/);
  expect(text).toMatch(/\(client isolation\)\. Use another one, or join the desktop to this phone’s hotspot/);
  await ends[Symbol.asyncDispose]();
  await desktop.phoneConnected(30_000);
  await phone.page.waitForSelector("#trouble", { hidden: true, timeout: 30_000 });
});

test("the same while pairing: the link comes first, then what keeps them apart", async () => {
  const { desktop, phone } = world();
  const pairing = await desktop.pair();
  await onlyMulticast();
  await phone.open(pairing.link);
  await phone.pairAnew();
  expect(await trouble("near")).toMatch(/The code is still on the desktop’s screen.*client isolation/s);
  await ends[Symbol.asyncDispose]();
  await phone.tap(await desktop.number(30_000));
  expect((await pairing.cli.ended).code).toBe(0);
});

test("nothing passes: the phone can't know more, and names what keeps devices apart among the causes", async () => {
  const { network, phone, desktop } = world();
  await network.isolate(true);
  ends.add(() => network.isolate(false));
  await phone.open();
  // The browser remembers the desktop's name for ten seconds, and so long it may look near.
  await phone.sees(/it lets devices reach each other\. Guest networks do not/, 30_000);
  await ends[Symbol.asyncDispose]();
  await desktop.phoneConnected(30_000);
});

test("the phone's clock is a quarter of an hour behind: the phone says so, and the desktop stays silent", async () => {
  const { phone, desktop } = world();
  await phone.close();
  const late = await phone.page.evaluateOnNewDocument(() => {
    const now = Date.now;
    Date.now = () => now() - 15 * 60_000;
  });
  await phone.open();
  expect(await trouble("clock")).toMatch(/clock is wrong by ten minutes or more/);
  await phone.page.removeScriptToEvaluateOnNewDocument(late.identifier);
  await phone.open();
  await desktop.phoneConnected();
});

test("the browser keeps the site from the local network: the phone says where to allow it", async () => {
  const { phone } = world();
  await onlyMulticast();
  const origin = new URL(PHONE_APP).origin;
  const context = phone.page.browserContext();
  await context.setPermission(origin, { permission: { name: "local-network" }, state: "denied" });
  ends.add(() => context.clearPermissionOverrides());
  await phone.open();
  expect(await trouble("denied")).toMatch(/Allow it in the browser’s site settings/);
});

/** A way as bad as this, in milliseconds and in lost packets of a hundred, for what the phone sends to the desktop's address. */
async function bad(delay: number, loss: number): Promise<void> {
  const { network, folder } = world();
  const { address } = network.desktop;
  const port = await announced();
  const half = async (role: string, host: Host) => {
    const script = new URL("../rp/relay.mjs", import.meta.url).pathname;
    const way = [join(folder, `way-${delay}-${loss}`), address, port, delay, loss].map(String);
    const command = host.command([process.execPath, script, role, ...way]);
    await ends.use(new Program({ name: role, command, env: basics() })).line(/^ready$/);
  };
  await half("far", network.desktop);
  // The desktop's address is the phone's own now, so that nothing gets past the bad way.
  await network.phone.run(["ip", "addr", "add", `${address}/32`, "dev", "lo"]);
  ends.add(() => network.phone.run(["ip", "addr", "del", `${address}/32`, "dev", "lo"]));
  await half("near", network.phone);
}

/** The port that phones are told. */
async function announced(): Promise<number> {
  const { link, cli } = await world().desktop.pair();
  await cli.stop();
  return Number(new URLSearchParams(new URL(link).hash.slice(1)).get("p"));
}

/** The website in the desktop's browser. */
let page: Page | undefined;

/** Registers, each time for another account, and signs in. */
async function bothCeremonies(account: string): Promise<void> {
  const { desktop, phone } = world();
  page ??= await (await Shop.start(desktop)).open();
  const shop = page;
  for (const begin of [() => register(shop, account), () => signIn(shop, { account })]) {
    const attempt = begin();
    const number = await desktop.number(30_000);
    await phone.numbers(30_000);
    await phone.tap(number);
    expect(await attempt).toMatchObject({ ok: true, account });
  }
}

test("half a second each way: the phone connects, registers and signs in on one connection", {
  timeout: 180_000,
}, async () => {
  const { desktop, phone } = world();
  await phone.close();
  const connections = await HostileDesktop.hold(phone.page);
  await bad(500, 0);
  await phone.open();
  await desktop.phoneConnected(60_000);
  await phone.page.waitForSelector("[data-reach=connected]", { timeout: 60_000 });
  const { made } = await connections.connections();
  await bothCeremonies("alice-slow");
  expect(await connections.connections()).toEqual({ made, open: true });
});

test("one packet in ten is lost, each way: the phone connects, registers and signs in", {
  timeout: 180_000,
}, async () => {
  const { desktop, phone } = world();
  await phone.close();
  await bad(5, 10);
  await phone.open();
  await desktop.phoneConnected(60_000);
  await bothCeremonies("alice-lossy");
});

/** Waits until the desktop has noticed that the phone is gone. */
async function phoneGone(): Promise<void> {
  const { desktop } = world();
  const gone = async () => !(await desktop.status()).phones.some((one) => one.connected);
  await until(60_000, "a desktop without a phone", gone);
}

test("the connection is cut: the open app comes back by itself, and signs in", { timeout: 180_000 }, async () => {
  const { desktop, network } = world();
  await desktop.phoneConnected(60_000);
  await network.phone.link("down");
  await phoneGone();
  await network.phone.link("up");
  await desktop.phoneConnected(60_000);
  await bothCeremonies("alice-cut");
});

test("only IPv6 is left: the paired phone finds the desktop, another pairing works, and so does a sign-in", {
  timeout: 180_000,
}, async () => {
  const { desktop, phone, network } = world();
  for (const [host, address] of [
    [network.desktop, "fd77::2"],
    [network.phone, "fd77::100"],
  ] as const) {
    await host.run(["ip", "addr", "add", `${address}/64`, "dev", "eth0", "nodad"]);
    await host.run(["ip", "addr", "del", `${host.address}/24`, "dev", "eth0"]);
  }
  const addresses = async () => (await desktop.status()).addresses.join();
  await until(30_000, "a desktop with one address", async () => (await addresses()) === "fd77::2");
  await desktop.phoneConnected(60_000); // by the desktop's name, which tells the new address
  const pairing = await desktop.pair();
  await phone.open(pairing.link);
  await phone.pairAnew();
  await phone.tap(await desktop.number(30_000));
  expect((await pairing.cli.ended).code).toBe(0);
  await desktop.phoneConnected(60_000);
  await bothCeremonies("alice-ipv6");
});
