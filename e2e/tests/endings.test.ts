import type { Page } from "puppeteer-core";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { outcome } from "../lib/codes.ts";
import { scene } from "../lib/scene.ts";
import { type Attempt, register, Shop, signIn } from "../lib/shop.ts";
import { within } from "../lib/wait.ts";

// Every test has an account of its own: bad ends pause an account, and one test must not end another.
const world = scene("endings", {}, (started) => started.pair());

let shop: Shop;
let page: Page;
let account = 0;

beforeAll(async () => {
  shop = await Shop.start(world().desktop);
});

beforeEach(async () => {
  page = await shop.open();
  const registering = register(page, `person-${++account}`);
  await world().approve();
  expect(await registering).toMatchObject({ ok: true });
});

/** A sign-in that is on both screens: what the page will get, and the number. */
async function asked(wish = {}): Promise<{ attempt: Promise<Attempt>; number: string; skip: number }> {
  const skip = await world().desktop.quiet();
  const attempt = signIn(page, { account: `person-${account}`, ...wish });
  const number = await world().desktop.number();
  await world().phone.numbers();
  return { attempt, number, skip };
}

/** Everything must have ended with this code: daemon, activity log, and the page within 2 seconds of the daemon. */
async function endedWith(code: string, asked: { attempt: Promise<Attempt>; skip: number }): Promise<Attempt> {
  expect((await world().desktop.end(asked.skip)).request.code).toBe(code);
  const attempt = await within(2000, "the page's answer", asked.attempt);
  expect((await world().desktop.activity())[0]).toMatchObject({ action: "get", code });
  expect(attempt.ok).toBe(false);
  return attempt;
}

test("wrong number", async () => {
  const request = await asked();
  await world().phone.tapWrong(request.number);
  expect((await endedWith("wrong_number", request)).error).toBe("NotAllowedError");
  await world().phone.ended("wrong_number");
});

test("decline", async () => {
  const request = await asked();
  await world().phone.decline();
  expect((await endedWith("declined", request)).error).toBe("NotAllowedError");
  await world().phone.ended("declined");
});

test("not me: the account pauses, also across tabs and a restart of the daemon", async () => {
  const request = await asked();
  await world().phone.report();
  expect((await endedWith("reported", request)).error).toBe("NotAllowedError");
  await world().phone.ended("reported");

  const paused = { ok: false, error: outcome("paused").error };
  page = await shop.open();
  const told = await world().desktop.quiet();
  expect(await signIn(page, { account: `person-${account}` })).toMatchObject(paused);
  expect(world().desktop.client.told).toHaveLength(told);
  await world().desktop.restartDaemon();
  expect(await signIn(page, { account: `person-${account}` })).toMatchObject(paused);
  await world().desktop.phoneConnected();
});

test("cancelled on the desktop", async () => {
  const request = await asked();
  const shown = await world().desktop.client.request("the request", ({ state }) => state === "delivered", request.skip);
  await world().desktop.client.call("request.cancel", { id: shown.request.id });
  expect((await endedWith("cancelled_on_desktop", request)).error).toBe("NotAllowedError");
  await world().phone.ended("cancelled_on_desktop");
});

test("the page aborts: it gets its own reason, and the phone stops asking", async () => {
  const request = await asked({ abortAfter: 1500 });
  expect(await endedWith("cancelled_by_page", request)).toMatchObject({ aborted: true });
  await world().phone.ended("cancelled_by_page");
});

test("the page is closed", async () => {
  const request = await asked();
  request.attempt.catch(() => {});
  await page.close();
  expect((await world().desktop.end(request.skip)).request.code).toBe("cancelled_by_page");
  await world().phone.ended("cancelled_by_page");
});

test("the page goes to another address", async () => {
  const request = await asked();
  request.attempt.catch(() => {});
  await page.goto("about:blank");
  expect((await world().desktop.end(request.skip)).request.code).toBe("cancelled_by_page");
});

test("the phone goes away in the middle", async () => {
  const request = await asked();
  await world().network.phone.link("down");
  expect((await endedWith("phone_unreachable", request)).error).toBe("NotAllowedError");
  await world().network.phone.link("up");
  await world().phone.open();
  await world().desktop.phoneConnected(30_000);
});

test("the daemon is killed in the middle", async () => {
  const request = await asked();
  await world().desktop.daemon.kill();
  const attempt = await within(5000, "the page's answer", request.attempt);
  expect(attempt).toMatchObject({ ok: false, error: "NotAllowedError" });
  await world().desktop.startDaemon();
  await world().phone.open();
  await world().desktop.phoneConnected();
});

test.each([
  ["by command", () => world().desktop.cli("stop")],
  ["by the system", () => world().desktop.daemon.stop()], // SIGTERM, as a service manager sends it
])("the daemon is stopped in the middle, %s", async (_, stop) => {
  const request = await asked();
  await stop();
  const attempt = await within(5000, "the page's answer", request.attempt);
  expect(attempt).toMatchObject({ ok: false, error: "NotAllowedError" });
  await world().phone.ended("daemon_stopped");
  await world().desktop.daemon.ended;
  await world().desktop.startDaemon();
  expect((await world().desktop.activity())[0]).toMatchObject({ action: "get", code: "daemon_stopped" });
  await world().phone.open();
  await world().desktop.phoneConnected();
});

test("60 seconds without an answer", { timeout: 90_000 }, async () => {
  const start = performance.now();
  const request = await asked();
  expect((await world().desktop.end(request.skip, 75_000)).request.code).toBe("timed_out");
  expect(performance.now() - start).toBeGreaterThan(59_000);
  expect((await endedWith("timed_out", request)).error).toBe("NotAllowedError");
  await world().phone.ended("timed_out");
});

test("after all that, the phone still signs in", async () => {
  const { attempt, number } = await asked();
  await world().phone.tap(number);
  expect(await attempt).toMatchObject({ ok: true, account: `person-${account}` });
});
