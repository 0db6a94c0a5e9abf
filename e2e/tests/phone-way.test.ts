// Ways between phone and desktop on which a person waits: nothing passes, or not all, or all of it late. What the phone's
// screen says of that, and that it gets there by itself.
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Ends } from "../lib/ends.ts";
import { HostileDesktop } from "../lib/hostile.ts";
import type { Host } from "../lib/network.ts";
import { PHONE_APP } from "../lib/phone.ts";
import { basics, Program } from "../lib/program.ts";
import { scene } from "../lib/scene.ts";
import { words } from "../lib/see.ts";
import { register, Shop, signIn } from "../lib/shop.ts";

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

const DELAY = 500; // milliseconds each way

/** Leads what the phone sends to the desktop's address over a slow way. */
async function slow(port: number): Promise<void> {
  const { network, folder } = world();
  const { address } = network.desktop;
  const half = async (role: string, host: Host) => {
    const script = new URL("../rp/relay.mjs", import.meta.url).pathname;
    const command = [process.execPath, script, role, join(folder, "way"), address, String(port), String(DELAY)];
    await ends.use(new Program({ name: role, command: host.command(command), env: basics() })).line(/^ready$/);
  };
  await half("far", network.desktop);
  // The desktop's address is the phone's own now, so that nothing gets past the slow way.
  await network.phone.run(["ip", "addr", "add", `${address}/32`, "dev", "lo"]);
  ends.add(() => network.phone.run(["ip", "addr", "del", `${address}/32`, "dev", "lo"]));
  await half("near", network.phone);
}

test("half a second each way: the phone connects, registers and signs in on one connection", {
  timeout: 180_000,
}, async () => {
  const { desktop, phone } = world();
  const { link, cli } = await desktop.pair();
  await cli.stop();
  await phone.close();
  const connections = await HostileDesktop.hold(phone.page);
  await slow(Number(new URLSearchParams(new URL(link).hash.slice(1)).get("p")));
  await phone.open();
  await desktop.phoneConnected(60_000);
  await phone.page.waitForSelector("[data-reach=connected]", { timeout: 60_000 });
  const { made } = await connections.connections();

  const page = await (await Shop.start(desktop)).open();
  for (const begin of [() => register(page, "alice"), () => signIn(page, { account: "alice" })]) {
    const attempt = begin();
    const number = await desktop.number(30_000);
    await phone.numbers(30_000);
    await phone.tap(number);
    expect(await attempt).toMatchObject({ ok: true, account: "alice" });
  }
  expect(await connections.connections()).toEqual({ made, open: true });
});
