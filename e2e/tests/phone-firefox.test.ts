// The phone's browser is Firefox. It has no platform authenticator here, so the desktop serves the app and its PIN verifies
// the person; the link, its cryptography and the storage are the same as anywhere.
import type { Page } from "puppeteer-core";
import { expect, test } from "vitest";
import { scene } from "../lib/scene.ts";
import { register, Shop, signIn } from "../lib/shop.ts";
import { approveTrial, pairTrial } from "../lib/trial.ts";

const world = scene("phone-firefox", { phone: { firefox: true } }, async ({ desktop }) => {
  await desktop.cli("settings", "set", "trial=on");
});

let app = "";
let page: Page;

test("Firefox as the phone pairs by number and registers", { timeout: 180_000 }, async () => {
  const { desktop, phone } = world();
  app = await pairTrial(world());
  expect(await phone.page.evaluate(() => navigator.userAgent)).toMatch(/Firefox\//);

  page = await (await Shop.start(desktop)).open();
  const registering = register(page, "alice");
  await approveTrial(world());
  expect(await registering).toMatchObject({ ok: true, account: "alice" });
});

test("it signs in: at once, opened anew, and after the daemon was started anew", { timeout: 180_000 }, async () => {
  const { desktop, phone } = world();
  const reopen = async () => {
    await phone.close();
    await phone.open(app);
  };
  for (const before of [async () => {}, reopen, () => desktop.restartDaemon()]) {
    await before();
    await desktop.phoneConnected(60_000);
    const signing = signIn(page, { account: "alice" });
    await approveTrial(world());
    expect(await signing).toMatchObject({ ok: true, account: "alice" });
  }
});
