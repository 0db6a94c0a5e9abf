import type { Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { Authenticator } from "../lib/browser.ts";
import { scene } from "../lib/scene.ts";
import { register, Shop, signIn } from "../lib/shop.ts";

// What tallykey does not hold is the browser's own business. A virtual authenticator on the page, as a security key
// would be, shows that the browser's own WebAuthn ran.
const world = scene("fallthrough");

let page: Page;
let key: Authenticator;

beforeAll(async () => {
  const shop = await Shop.start(world().desktop);
  page = await shop.open();
  key = await Authenticator.add(page, false);
});

async function browserAnswers(account: string): Promise<void> {
  const before = await key.count();
  expect(await register(page, account)).toMatchObject({ ok: true, account, genuine: true });
  expect(await key.count()).toBe(before + 1);
  expect(await signIn(page, { account })).toMatchObject({ ok: true, account });
}

test("no phone is paired", async () => {
  await browserAnswers("nobody-paired");
});

test("the credential is not one of ours", async () => {
  await world().pair();
  // "nobody-paired" was registered with the browser's own authenticator.
  expect(await signIn(page, { account: "nobody-paired" })).toMatchObject({ ok: true, account: "nobody-paired" });
  expect(await signIn(page)).toMatchObject({ ok: true });
});

test("the person chooses another way than the phone", async () => {
  const { desktop } = world();
  const kept = register(page, "on-the-phone");
  await world().approve();
  expect(await kept).toMatchObject({ ok: true, account: "on-the-phone" });

  const answer = signIn(page);
  await desktop.number();
  await desktop.cli("requests", "another-way");
  expect(await answer).toMatchObject({ ok: true, account: "nobody-paired" });
  await world().phone.ended("another_way");
  expect((await desktop.activity())[0]).toMatchObject({ action: "get", code: "another_way" });
});

test("the daemon does not run", async () => {
  await world().desktop.cli("stop");
  await world().desktop.daemon.ended;
  await browserAnswers("no-daemon");
});
