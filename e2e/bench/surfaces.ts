import { Figures, type Row } from "../lib/figures.ts";
import type { Program } from "../lib/program.ts";
import { type Shop, signIn } from "../lib/shop.ts";
import { pause, until } from "../lib/wait.ts";
import type { World } from "../lib/world.ts";
import { stamps } from "./stamps.ts";

/** A notification as it went over the session bus, and when by the system's clock. */
interface Notification {
  at: number;
  text: string;
}

/** Sign-ins that are declined on the phone, and when the desktop's notification showed what. */
export async function notifications(world: World, shop: Shop, n: number): Promise<Row[]> {
  const { session, client } = world.desktop;
  const rule = "type='method_call',interface='org.freedesktop.Notifications',member='Notify'";
  const bus = session.program("bus-monitor", ["dbus-monitor", "--session", rule]);
  await bus.line(/NameAcquired|string/);
  const page = await shop.open();
  const [first, numbers]: [number[], number[]] = [[], []];
  for (let i = 0; i < n; i++) {
    const skip = await world.desktop.quiet();
    const attempt = signIn(page, { account: "bench" });
    const shown = await client.request("the number", ({ state }) => state === "delivered", skip);
    const began = client.told[skip];
    const number = shown.request.number ?? "";
    const withNumber = await until(30_000, "the number in a notification", () =>
      notified(bus).findLast(({ text, at }) => at > clock(began?.at ?? 0) - 5 && text.includes(number)),
    );
    const earliest = notified(bus).find(({ at }) => at > clock(began?.at ?? 0) - 5);
    const received = (await stamps(world.phone.page)).findLast(
      ({ what, type }) => what === "sent" && type === "received",
    );
    first.push((earliest?.at ?? Number.NaN) - clock(began?.at ?? Number.NaN));
    numbers.push(withNumber.at - (received?.at ?? Number.NaN));
    await world.approve();
    await attempt;
    await pause(300);
  }
  await bus.stop();
  return [
    { what: "request → notification", figures: new Figures(first) },
    { what: "phone has it → number shown", figures: new Figures(numbers) },
  ];
}

/** The time of performance.now() by the system's clock. */
const clock = (at: number): number => performance.timeOrigin + at;

/** All notifications in the monitor's output: a line with the time, then lines with the arguments. */
function notified(bus: Program): Notification[] {
  const all: Notification[] = [];
  for (const line of bus.output) {
    const call = /^method call time=([\d.]+).*member=Notify$/.exec(line);
    if (call) all.push({ at: Number(call[1]) * 1000, text: "" });
    else if (all.length > 0) (all[all.length - 1] as Notification).text += `${line.trim()}\n`;
  }
  return all;
}
