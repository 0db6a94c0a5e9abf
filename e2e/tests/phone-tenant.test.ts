// The phone and the tenant: approve or deny after a password, a renewal in place, another tenant, and the ends of all that.
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import type { Request } from "../lib/client.ts";
import { scene } from "../lib/scene.ts";
import { tap } from "../lib/see.ts";
import { Tenant } from "../lib/tenant.ts";
import { until } from "../lib/wait.ts";

const world = scene("phone-tenant", {}, (started) => started.pair());
const alice = "alice@contoso.example";

let tenant: Tenant;
let page: Page;

beforeAll(async () => {
  tenant = await Tenant.start(world().desktop, join(world().folder, "contoso"));
  await tenant.admin("policy set --approve optional");
  page = await tenant.open();
});

interface Line {
  method: string;
  code: string;
  detail?: string;
}

/** The newest line of the tenant's sign-in log. */
async function logged(): Promise<Line | undefined> {
  return (
    JSON.parse(`[${(await tenant.admin("log --json --limit 1")).trim().split("\n").join(",")}]`) as Line[]
  ).flat()[0];
}

/** Signs in up to the password, with a request on the phone after it; how much the desktop had told before. */
async function afterPassword(): Promise<number> {
  const skip = await world().desktop.quiet();
  await tenant.signOut(page);
  await tenant.username(page, alice);
  await tenant.givePassword(page);
  return skip;
}

/** The request that is on the phone without a number anywhere. */
async function withoutNumber(skip: number): Promise<Request> {
  const { phone, desktop } = world();
  await phone.page.waitForSelector("#approve", { visible: true });
  expect(await phone.page.$$("button.number, input#number")).toEqual([]);
  const { request } = await desktop.client.request("the request", ({ state }) => state === "delivered", skip);
  expect(request.number ?? "").toBe("");
  return request;
}

test("a phone that is registered to approve is asked after the password, without a number", async () => {
  await tenant.username(page, alice);
  await tenant.givePassword(page);
  await tap(page, "#security");
  await tap(page, "#enable-approve");
  await tenant.givePassword(page);
  await tap(page, "#register");
  await world().approve();
  await page.waitForSelector("li[data-use=approve][data-uv=platform]", { visible: true });

  const skip = await afterPassword();
  await withoutNumber(skip);
  expect(await world().phone.sees(/Are you signing in now/)).toMatch(/alice@contoso\.example/);
  await tap(world().phone.page, "#approve");
  await tenant.signedIn(page, alice);
  await world().phone.ended("approved");
  expect(await logged()).toMatchObject({ method: "password+phone", code: "approved" });
});

test("Deny ends the sign-in everywhere", async () => {
  const skip = await afterPassword();
  await withoutNumber(skip);
  await world().phone.decline();
  await page.waitForSelector("#ended", { visible: true });
  await world().phone.ended("declined");
  expect((await world().desktop.end(skip)).request.code).toBe("declined");
});

test("where the tenant does not allow it any more, the phone is not asked to approve", async () => {
  await tenant.admin("policy set --approve off");
  const skip = await world().desktop.quiet();
  await page.goto(tenant.url);
  await tenant.username(page, alice);
  await tenant.givePassword(page);
  await tenant.signedIn(page, alice);
  expect(world().desktop.client.told).toHaveLength(skip);
  await tenant.admin("policy set --approve optional");
  await page.goto(tenant.url);
  await page.waitForSelector("#username", { visible: true }); // the password alone could not begin this session any more
});

test("she enables phone sign-in on the same phone by its old second factor", async () => {
  const skip = await world().desktop.quiet();
  await tenant.username(page, alice);
  await tenant.givePassword(page);
  await withoutNumber(skip);
  await tap(world().phone.page, "#approve");
  await tenant.signedIn(page, alice);
  await tap(page, "#security");
  await tap(page, ".optin");
  await tenant.givePassword(page);
  await withoutNumber(await world().desktop.quiet());
  await tap(world().phone.page, "#approve");
  await world().approve(); // now by the number
  await page.waitForSelector("#enabled", { visible: true });
  await tenant.signOut(page);
  await tenant.username(page, alice);
  await world().approve();
  await tenant.signedIn(page, alice);
});

/** The keys that the phone holds, as it lists them for the tenant. */
async function onThePhone(): Promise<{ account: string; replaced: boolean }[]> {
  const { phone } = world();
  await phone.open();
  await tap(phone.page, "#registrations button");
  await phone.page.waitForSelector("#site", { visible: true });
  return phone.page.$$eval("#site li", (rows) =>
    rows.map((row) => ({
      account: row.querySelector("b")?.textContent ?? "",
      replaced: row.querySelector(".replaced") !== null,
    })),
  );
}

test("a registration is renewed in place: the old one counts until the new one has signed in", async () => {
  await page.goto(`${tenant.url}security`);
  await tap(page, ".renew");
  await tap(page, "#by-phone");
  await world().approve(); // the device that is there confirms
  await tap(page, "#register");
  await world().approve(); // makes the new key
  await page.waitForSelector("#renewing", { visible: true });
  await world().approve(); // signs in with it
  await page.waitForSelector("#enabled", { visible: true });
  expect(await page.$$("li.registration")).toHaveLength(1);
  expect(await onThePhone()).toEqual([
    { account: alice, replaced: false },
    { account: alice, replaced: true },
  ]);
  await tenant.signOut(page);
  await tenant.username(page, alice);
  await world().approve();
  await tenant.signedIn(page, alice);
});

/** Removes every key that the phone lists for the tenant. */
async function removeOnPhone(): Promise<void> {
  const { phone } = world();
  for (let left = (await onThePhone()).length; left > 0; left--) {
    await tap(phone.page, "#site .remove");
    await tap(phone.page, "#confirm-yes");
    await until(15_000, "one key less", async () => (await phone.page.$$("#site li")).length < left);
  }
}

const registered = async (): Promise<number> => (await world().desktop.status()).registrations;

test("moving to another tenant: unregister, and register there", async () => {
  await page.goto(`${tenant.url}security`);
  await tap(page, "li.registration .remove");
  await tap(page, "#remove");
  await page.waitForSelector("#disabled", { visible: true });
  await removeOnPhone();
  await until(15_000, "an empty list on the desktop", async () => (await registered()) === 0);
  await tenant.signOut(page);
  await tenant.username(page, alice); // no number any more
  await tenant.givePassword(page);
  await tenant.signedIn(page, alice);

  tenant = await Tenant.start(world().desktop, join(world().folder, "fabrikam"), 8471);
  await page.goto(tenant.url);
  await tenant.enroll(page, alice, () => world().approve());
  expect(await registered()).toBe(1);
  await tenant.signOut(page);
  await tenant.username(page, alice);
  await world().approve();
  await tenant.signedIn(page, alice);
});

test("unregistered while the desktop is off: it is told at the next contact", async () => {
  const { desktop, phone } = world();
  await desktop.cli("stop");
  await desktop.daemon.ended;
  await removeOnPhone();
  await phone.close();
  await desktop.startDaemon();
  await until(15_000, "the registration from the keyring", async () => (await registered()) === 1);
  await phone.open();
  await until(30_000, "an empty list on the desktop", async () => (await registered()) === 0);
});

test("unregistered by the tenant's admin: the next sign-in asks for the password at once", async () => {
  await tenant.admin(`users unregister --upn ${alice}`);
  const skip = await world().desktop.quiet();
  await page.goto(tenant.url);
  await tenant.username(page, alice);
  await page.waitForSelector("#password", { visible: true });
  await tenant.givePassword(page);
  await tenant.signedIn(page, alice);
  expect(world().desktop.client.told).toHaveLength(skip);
});
