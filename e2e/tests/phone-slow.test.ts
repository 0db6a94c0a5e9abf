// A way of half a second each way between the phone's browser and the desktop.
import { join } from "node:path";
import { expect, test } from "vitest";
import { Ends } from "../lib/ends.ts";
import { HostileDesktop } from "../lib/hostile.ts";
import type { Host } from "../lib/network.ts";
import { basics, Program } from "../lib/program.ts";
import { scene } from "../lib/scene.ts";
import { register, Shop, signIn } from "../lib/shop.ts";

const world = scene("phone-slow", {}, (started) => started.pair());

const DELAY = 500; // milliseconds each way

/** Leads what the phone sends to the desktop's address over a slow way. */
async function slow(port: number, ends: Ends): Promise<void> {
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
  await using ends = new Ends();
  await slow(Number(new URLSearchParams(new URL(link).hash.slice(1)).get("p")), ends);
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
