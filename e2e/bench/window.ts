import { Figures, type Row } from "../lib/figures.ts";
import { processes } from "../lib/processes.ts";
import { register, type Shop, signIn } from "../lib/shop.ts";
import { until } from "../lib/wait.ts";
import type { World } from "../lib/world.ts";

/** Sign-ins with the real window, from the request to the window's word that it has painted it. */
export async function painted(world: World, shop: Shop, n: number): Promise<Row> {
  const page = await shop.open();
  const times: number[] = [];
  for (let i = 0; i <= n; i++) {
    const skip = world.desktop.daemon.output.length;
    const attempt = i === 0 ? register(page, "bench") : signIn(page, { account: "bench" });
    const [, took = ""] = await world.desktop.daemon.line(/paint=painted took=(\S+)/, 15_000, skip);
    if (i > 0) times.push(milliseconds(took));
    await world.approve();
    await attempt;
    await until(10_000, "the window to close", () => windows() === 0);
  }
  return { what: "request → window painted", figures: new Figures(times) };
}

/** How many windows there are. */
const windows = (): number => processes().filter(({ name }) => name === "tallykey-window").length;

/** A duration as Go prints it, from "812.5µs" to "1.04s". */
function milliseconds(text: string): number {
  const [, number = "", unit = ""] = /^([\d.]+)(µs|ms|s)$/.exec(text) ?? [];
  return Number(number) * ({ µs: 0.001, ms: 1, s: 1000 }[unit] ?? Number.NaN);
}
