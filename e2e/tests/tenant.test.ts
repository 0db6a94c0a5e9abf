import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { scene } from "../lib/scene.ts";
import { seen, tap } from "../lib/see.ts";
import { Tenant } from "../lib/tenant.ts";

const world = scene("tenant", {}, (started) => started.pair());
const alice = "alice@contoso.example";

let tenant: Tenant;
let page: Page;

beforeAll(async () => {
  tenant = await Tenant.start(world().desktop, join(world().out, "tenant-data"));
  page = await tenant.open();
});

test("alice has no phone sign-in yet: her UPN leads to the password", async () => {
  await tenant.username(page, alice);
  await tenant.givePassword(page);
  await tenant.signedIn(page, alice);
});

test("she enables phone sign-in after her password was asked once more", async () => {
  await tenant.enable(page);
  await world().approve();
  await page.waitForSelector("#enabled", { visible: true });
  expect(await world().desktop.status()).toMatchObject({ registrations: 1 });
});

test("she signs out, and in with the phone", async () => {
  await tenant.signOut(page);
  await tenant.username(page, alice);
  await world().approve();
  await tenant.signedIn(page, alice);
});

test("a browser that does not know her asks how, and her phone signs her in there too", async () => {
  await tenant.signOut(page);
  await page.deleteCookie(...(await page.cookies()));
  await tenant.username(page, alice);
  await page.waitForSelector("#password", { visible: true });
  await tap(page, "#any");
  await world().approve();
  await tenant.signedIn(page, alice);
});

test("the password page is one click away while the phone is asked", async () => {
  await tenant.signOut(page);
  const skip = await world().desktop.quiet();
  await tenant.username(page, alice);
  await world().desktop.number();
  await tenant.usePassword(page);
  expect((await world().desktop.end(skip)).request.code).toBe("cancelled_by_page");
  await tenant.givePassword(page);
  await tenant.signedIn(page, alice);
});

test("a wrong number: the page says so and offers to ask again", async () => {
  await tenant.signOut(page);
  await tenant.username(page, alice);
  await world().phone.tapWrong(await world().desktop.number());
  await page.waitForSelector("#ended", { visible: true });
  await world().phone.ended("wrong_number");
  await (await page.waitForSelector("#again"))?.click();
  await world().approve();
  await tenant.signedIn(page, alice);
});

test("after a restart of the daemon and the browser she signs in as before", async () => {
  await tenant.signOut(page);
  await world().desktop.restartDaemon();
  await world().desktop.restartBrowser();
  await world().desktop.phoneConnected();
  page = await tenant.open();
  await tenant.username(page, alice);
  await world().approve();
  expect(await seen(page, /Signed in as/)).toContain(alice);
});
