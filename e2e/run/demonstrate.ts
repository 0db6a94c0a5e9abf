import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { seen } from "../lib/see.ts";
import { Tenant } from "../lib/tenant.ts";
import { World } from "../lib/world.ts";
import { Transcript } from "./transcript.ts";

const alice = "alice@contoso.example";

/** Pairs, registers, signs out and signs in without a person, on a private display; it fails unless the page says so. */
export async function demonstrate(): Promise<void> {
  const tell = new Transcript();
  await using world = await tell.step("a desktop and a phone are up, each on a network address of its own", () =>
    World.start("run", { desktop: { display: "private", window: true } }),
  );
  const tenant = await tell.step("the tenant serves contoso.example", () => startTenant(world));
  try {
    await story(world, tenant, tell);
  } catch (failure) {
    await world.screenshots("failed");
    throw failure;
  }
  tell.note("screenshots of window, phone and page are in out/run");
}

async function story(world: World, tenant: Tenant, tell: Transcript): Promise<void> {
  await tell.step("phone and desktop are paired: link opened, number tapped, finger on the sensor", () => world.pair());
  const page = await tell.step("alice signed in with her password", () => byPassword(tenant));
  await tell.step("alice enabled phone sign-in, with her password once more and her phone", async () => {
    await tenant.enable(page);
    await world.approve();
    await page.waitForSelector("#enabled", { visible: true, timeout: 15_000 });
  });
  await tell.step("alice signed out", () => tenant.signOut(page));
  await byPhone(world, tenant, page, tell);
  await world.screenshots("signed-in");
  const text = await seen(page, /Signed in as/);
  tell.note(`the page says: ${/Signed in as \S+/.exec(text)?.[0]}`);
}

async function byPassword(tenant: Tenant): Promise<Page> {
  const page = await tenant.open();
  await tenant.username(page, alice);
  await tenant.givePassword(page);
  await tenant.signedIn(page, alice);
  return page;
}

/** The sign-in, in the steps that a person sees. */
async function byPhone(world: World, tenant: Tenant, page: Page, tell: Transcript): Promise<void> {
  const before = world.desktop.daemon.output.length;
  await tenant.username(page, alice);
  const number = await tell.step("alice gave her name, and the desktop shows a number", () => world.desktop.number());
  const choices = await tell.step("the phone shows three", () => world.phone.numbers());
  if (!choices.includes(number)) throw new Error("the desktop's number is not among the phone's");
  await tell.step("the window shows it too", () => world.desktop.painted(before));
  await world.screenshots("asked");
  await tell.step("alice tapped it, put her finger on the sensor, and the page signed her in", async () => {
    await world.phone.tap(number);
    await tenant.signedIn(page, alice);
  });
}

function startTenant(world: World): Promise<Tenant> {
  return Tenant.start(world.desktop, join(world.folder, "tenant"));
}
