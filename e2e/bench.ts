/** Measures sign-ins and an idle daemon on real parts, and prints one table. Start it by make bench. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstRuns } from "./bench/first.ts";
import { idle, starts } from "./bench/idle.ts";
import { reconnects, visible } from "./bench/phone.ts";
import { floor, linkOpens, roundTrips, signIns } from "./bench/signin.ts";
import { watchLink } from "./bench/stamps.ts";
import { notifications } from "./bench/surfaces.ts";
import { painted } from "./bench/window.ts";
import { Desktop } from "./lib/desktop.ts";
import { Ends } from "./lib/ends.ts";
import { columns, type Row, table } from "./lib/figures.ts";
import { Network } from "./lib/network.ts";
import { PHONE_APP } from "./lib/phone.ts";
import { root } from "./lib/places.ts";
import { Shop } from "./lib/shop.ts";
import { World } from "./lib/world.ts";

/** One world with phone, browser and notifications, but no window, for that costs more than all the rest. */
async function signing(): Promise<Row[]> {
  await using world = await World.start("bench/signin", { desktop: { display: "private" } });
  await watchLink(world.phone.page);
  await world.pair();
  const shop = await Shop.start(world.desktop);
  return [
    await roundTrips(world, 200),
    ...(await linkOpens(world, 20)),
    ...(await signIns(world, shop, 50)),
    await floor(world, shop, 50),
    ...(await notifications(world, shop, 20)),
    ...(await visible(world, shop, 20)),
    ...(await reconnects(world, 8)),
    ...(await firstRuns(world, shop, 10)),
  ];
}

/** The same with the window. */
async function windows(): Promise<Row> {
  await using world = await World.start("bench/window", { desktop: { display: "private", window: true } });
  await world.pair();
  return await painted(world, await Shop.start(world.desktop), 10);
}

/** A daemon alone. */
async function alone(): Promise<string> {
  const logs = join(root, "out/bench/idle");
  mkdirSync(logs, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "tk-"));
  await using ends = new Ends();
  ends.add(() => rmSync(folder, { recursive: true, force: true }));
  const network = ends.use(await Network.start(logs));
  const desktop = ends.use(await Desktop.start(network.desktop, folder, logs, { phoneApp: PHONE_APP, browser: false }));
  const start = await starts(desktop, 15);
  const cost = await idle(desktop);
  const met = (value: number, aim: number) => (value <= aim ? "met" : "missed");
  return [
    table([start]),
    columns([
      ["daemon, idle", "value", "aim", ""],
      ["resident memory (MB)", cost.memory.toFixed(1), "25", met(cost.memory, 25)],
      ["voluntary context switches a minute", cost.switches.toFixed(0), "10", met(cost.switches, 10)],
    ]),
  ].join("\n\n");
}

const rows = [...(await signing()), await windows()];
console.log(`${table(rows)}\n\n${await alone()}`);
