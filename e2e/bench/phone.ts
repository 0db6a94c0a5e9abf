import { Figures, type Row } from "../lib/figures.ts";
import { PHONE_APP } from "../lib/phone.ts";
import { type Shop, signIn } from "../lib/shop.ts";
import { until } from "../lib/wait.ts";
import type { World } from "../lib/world.ts";
import { type Stamp, stamps } from "./stamps.ts";

/** By the system's clock. */
const clock = (): number => performance.timeOrigin + performance.now();

/** A sign-in waits while the phone app is closed or in the back: how long until the person sees it. */
export async function visible(world: World, shop: Shop, n: number): Promise<Row[]> {
  const { page } = world.phone;
  const opened = await timed(
    world,
    shop,
    n,
    () => world.phone.close(),
    () => page.goto(PHONE_APP),
  );
  const other = await page.browserContext().newPage();
  const hide = async () => {
    await other.bringToFront();
    await page.waitForFunction(() => document.visibilityState === "hidden", { polling: 50 });
  };
  const front = await timed(world, shop, n, hide, () => page.bringToFront());
  await other.close();
  await page.bringToFront();
  return [
    { what: "phone app opened → request visible", figures: new Figures(opened) },
    { what: "phone app to the front → request visible", figures: new Figures(front) },
  ];
}

async function timed(
  world: World,
  shop: Shop,
  n: number,
  away: () => Promise<unknown>,
  back: () => Promise<unknown>,
): Promise<number[]> {
  const { desktop, phone } = world;
  const page = await shop.open();
  const times: number[] = [];
  for (let i = 0; i < n; i++) {
    await away();
    await until(30_000, "a phone that is away", async () => !(await desktop.status()).phones.some((p) => p.connected));
    const skip = await desktop.quiet();
    const attempt = signIn(page, { account: "bench" });
    await desktop.client.request("the request without a phone", ({ state }) => state === "waiting", skip);
    const since = clock();
    await back();
    // The app says "received" after the frame that has painted the request.
    const seen = await noted(world, since, ({ what, type }) => what === "sent" && type === "received");
    times.push(seen.at - since);
    await phone.tap(await desktop.number());
    await attempt;
  }
  return times;
}

/** The open app, and a desktop that restarts or gets another address: how long until they talk again. */
export async function reconnects(world: World, n: number): Promise<Row[]> {
  const { desktop, network, phone } = world;
  await phone.open();
  await desktop.phoneConnected();
  const restarted = await talking(world, n, () => desktop.restartDaemon());
  const moved = await talking(world, n, () => network.newAddress());
  return [
    { what: "daemon ready again → phone back", figures: new Figures(restarted) },
    { what: "desktop has another address → phone back", figures: new Figures(moved) },
  ];
}

async function talking(world: World, n: number, change: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < n; i++) {
    const before = clock();
    await change();
    const since = clock();
    const welcome = await noted(world, before, ({ what, type }) => what === "got" && type === "welcome");
    times.push(Math.max(0, welcome.at - since));
  }
  return times;
}

/** The first thing of a kind that the phone's page noted since. */
function noted(world: World, since: number, fits: (stamp: Stamp) => boolean): Promise<Stamp> {
  return until(60_000, "the phone's word", async () =>
    (await stamps(world.phone.page).catch(() => [])).find((stamp) => stamp.at > since && fits(stamp)),
  );
}
