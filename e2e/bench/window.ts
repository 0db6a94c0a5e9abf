import { Figures, type Row } from "../lib/figures.ts";
import { register, type Shop, signIn } from "../lib/shop.ts";
import type { World } from "../lib/world.ts";

/** Sign-ins with the real window, from the request to the window's word that it has painted it. */
export async function painted(world: World, shop: Shop, n: number): Promise<Row> {
  const { client } = world.desktop;
  const page = await shop.open();
  const times: number[] = [];
  for (let i = 0; i <= n; i++) {
    const skip = client.told.length;
    const attempt = i === 0 ? register(page, "bench") : signIn(page, { account: "bench" });
    const began = await client.request("the request", () => true, skip);
    const seen = world.desktop.daemon.output.length;
    await world.desktop.daemon.line(/painted/, 15_000, seen);
    if (i > 0) times.push(performance.now() - began.at);
    await world.approve();
    await attempt;
  }
  return { what: "request → window painted", figures: new Figures(times) };
}
