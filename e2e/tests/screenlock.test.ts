import type { Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { scene } from "../lib/scene.ts";
import { register, Shop, signIn } from "../lib/shop.ts";

// A phone whose screen lock can't encrypt keeps the key as one that can't be exported. DevTools can carry such a phone's
// platform credential over a restart of the browser; a credential with PRF it can't.
const world = scene("screenlock", { phone: { prf: false } });

let page: Page;

beforeAll(async () => {
  page = await (await Shop.start(world().desktop)).open();
});

test("a finger that is not recognised does not pair", async () => {
  const { desktop, phone } = world();
  await phone.authenticator.failToRecognise();
  const pairing = await desktop.pair();
  await phone.open(pairing.link);
  await phone.tap(await desktop.number());
  await phone.sees(/not recognised/);
  await phone.decline();
  expect((await pairing.cli.ended).code).toBe(1);
  expect((await desktop.status()).phones).toEqual([]);
  expect((await desktop.activity())[0]).toMatchObject({ action: "pair", code: "verification_failed" });
  await phone.cleanSensor();
});

test("a phone without PRF registers and signs in", async () => {
  await world().pair();
  const registering = register(page, "alice");
  await world().approve();
  expect(await registering).toMatchObject({ ok: true });
  expect(JSON.parse(await world().desktop.cli("registrations", "--json"))).toMatchObject([{ keyProtection: "device" }]);
});

test("it signs in after it was turned off and on", async () => {
  await world().phone.reboot();
  await world().phone.open();
  await world().desktop.phoneConnected();
  const signing = signIn(page);
  await world().approve();
  expect(await signing).toMatchObject({ ok: true, account: "alice" });
});

test("a finger that is not recognised does not sign in", async () => {
  const { desktop, phone } = world();
  const skip = await desktop.quiet();
  const signing = signIn(page, { account: "alice" });
  const number = await desktop.number();
  await phone.authenticator.failToRecognise();
  await phone.tap(number);
  await phone.sees(/not recognised/);
  await phone.decline();
  expect((await desktop.end(skip)).request.code).toBe("verification_failed");
  expect(await signing).toMatchObject({ ok: false, error: "NotAllowedError" });
  await phone.ended("verification_failed");
  await phone.cleanSensor();
});

test("the person can try again while there is time", async () => {
  const { desktop, phone } = world();
  const signing = signIn(page, { account: "alice" });
  const number = await desktop.number();
  await phone.authenticator.failToRecognise();
  await phone.tap(number);
  await phone.sees(/not recognised/);
  await phone.cleanSensor();
  await phone.tryAgain();
  expect(await signing).toMatchObject({ ok: true, account: "alice" });
});
