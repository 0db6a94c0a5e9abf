import type { Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { scene } from "../lib/scene.ts";
import { register, Shop, signIn } from "../lib/shop.ts";

const world = scene("signin", {}, (started) => started.pair());

let shop: Shop;
let page: Page;

beforeAll(async () => {
  shop = await Shop.start(world().desktop);
  page = await shop.open();
});

/** Presses something on the website and answers on the phone. */
async function answered<T>(pressed: Promise<T>): Promise<T> {
  await world().approve();
  return pressed;
}

test("a website registers the phone, and @simplewebauthn/server verifies the ceremony", async () => {
  const attempt = await answered(register(page, "alice"));
  expect(attempt).toMatchObject({
    ok: true,
    account: "alice",
    genuine: true,
    server: { verified: true, backedUp: false },
  });
  expect(JSON.parse(await world().desktop.cli("registrations", "--json"))).toMatchObject([
    { rpId: "localhost", account: "alice", keyProtection: "prf" },
  ]);
  expect((await world().desktop.activity())[0]).toMatchObject({ action: "create", code: "registered" });
});

test("sign in without saying who: the website finds the account by the credential", async () => {
  expect(await answered(signIn(page))).toMatchObject({ ok: true, account: "alice", genuine: true });
  expect((await world().desktop.activity())[0]).toMatchObject({ action: "get", code: "approved" });
});

test("sign in with an allow list", async () => {
  expect(await answered(signIn(page, { account: "alice" }))).toMatchObject({ ok: true, account: "alice" });
});

test("the phone shows the website and the account before it asks", async () => {
  const attempt = signIn(page, { account: "alice" });
  await world().desktop.number();
  const screen = await world().phone.sees(/\d\d/);
  expect(screen).toMatch(/localhost/);
  expect(screen).toMatch(/alice/);
  await answered(attempt);
});

test("two accounts at one website", async () => {
  expect(await answered(register(page, "bob"))).toMatchObject({ ok: true, account: "bob" });
  expect(await answered(signIn(page, { account: "bob" }))).toMatchObject({ ok: true, account: "bob" });
  expect(await answered(signIn(page, { account: "alice" }))).toMatchObject({ ok: true, account: "alice" });
});

test("the website's wish not to register twice is kept", async () => {
  // The person agrees first: a website must not find out unseen whose phone this is.
  const registering = register(page, "alice");
  await world().approve();
  expect(await registering).toMatchObject({ ok: false, error: "InvalidStateError" });
  await world().phone.ended("registration_exists");
});

test("after a restart of the daemon", async () => {
  await world().desktop.restartDaemon();
  await world().desktop.phoneConnected();
  expect(await answered(signIn(page, { account: "alice" }))).toMatchObject({ ok: true, account: "alice" });
});

test("after a restart of the browser", async () => {
  await world().desktop.restartBrowser();
  page = await shop.open();
  expect(await answered(signIn(page, { account: "alice" }))).toMatchObject({ ok: true, account: "alice" });
});

test("after the phone app was closed and opened again", async () => {
  await world().phone.close();
  await world().phone.open();
  await world().desktop.phoneConnected();
  expect(await answered(signIn(page, { account: "alice" }))).toMatchObject({ ok: true, account: "alice" });
});

test("the request waits for the phone app to be opened", async () => {
  await world().phone.close();
  const attempt = signIn(page, { account: "alice" });
  await world().desktop.client.request("the request without a phone", ({ state }) => state === "waiting");
  await world().phone.open();
  expect(await answered(attempt)).toMatchObject({ ok: true, account: "alice" });
});
