import type { Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { processes } from "../lib/processes.ts";
import { scene } from "../lib/scene.ts";
import { register, Shop, signIn } from "../lib/shop.ts";
import { until } from "../lib/wait.ts";

// The real window, on a display with a window manager and a notification service.
const world = scene("window", { desktop: { display: "private", window: true } }, (started) => started.pair());

const patience = 60_000;
let page: Page;

beforeAll(async () => {
  page = await (await Shop.start(world().desktop)).open();
  const registering = register(page, "alice");
  await world().approve();
  expect(await registering).toMatchObject({ ok: true });
});

const xdotool = (...args: string[]): Promise<string> =>
  world()
    .desktop.session.host.run(["xdotool", ...args], world().desktop.session.env)
    .catch(() => "");

/** A sign-in whose number the window has painted. */
async function shown(): Promise<{ attempt: ReturnType<typeof signIn>; number: string; skip: number; window: number }> {
  const { desktop, phone } = world();
  const skip = await desktop.quiet();
  const output = desktop.daemon.output.length;
  const attempt = signIn(page, { account: "alice" });
  const number = await desktop.number();
  await phone.numbers();
  await desktop.daemon.line(/paint=painted/, patience, output);
  const window = processes().find(({ name }) => name === "tallykey-window")?.pid ?? 0;
  return { attempt, number, skip, window };
}

test("Escape in the window ends the request everywhere", async () => {
  const { desktop, phone } = world();
  const { attempt, skip } = await shown();
  await until(patience, "the keyboard in the window", async () =>
    (await xdotool("getactivewindow", "getwindowname")).includes("Sign in with your phone"),
  );
  await xdotool("key", "Escape");
  expect((await desktop.end(skip, patience)).request.code).toBe("cancelled_on_desktop");
  expect(await attempt).toMatchObject({ ok: false, error: "NotAllowedError" });
  await phone.ended("cancelled_on_desktop");
});

test("a window that is killed cancels nothing: notification and phone carry on", async () => {
  const { desktop, phone } = world();
  const { attempt, number, window } = await shown();
  expect(window).toBeGreaterThan(0);
  process.kill(window, "SIGKILL");
  await until(patience, "the end of the window", () => !processes().some(({ pid }) => pid === window));
  const displayed = await desktop.session.host.run(["dunstctl", "count", "displayed"], desktop.session.env);
  expect(displayed.trim()).toBe("1");
  await phone.tap(number);
  expect(await attempt).toMatchObject({ ok: true, account: "alice" });
});
