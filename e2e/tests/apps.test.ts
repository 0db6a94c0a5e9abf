import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { apache, type Client } from "../lib/apache.ts";
import { program, root } from "../lib/places.ts";
import { scene } from "../lib/scene.ts";
import { fill, seen, tap } from "../lib/see.ts";
import { Tenant } from "../lib/tenant.ts";
import { until } from "../lib/wait.ts";

const world = scene("apps", {}, (started) => started.pair());
const alice = "alice@contoso.example";
const mail = "http://localhost:8490/";
const notes = "http://localhost:8491/";
const wiki = "http://localhost:8492/";

let tenant: Tenant;
let page: Page;

beforeAll(async () => {
  const { desktop, out } = world();
  const data = join(out, "tenant-data");
  tenant = await Tenant.start(desktop, data);
  await startMail(await register("Mail", `${mail}callback`, mail));
  await startNotes(await register("Notes", `${notes}callback`, notes));
  apache(desktop, join(out, "wiki"), 8492, await register("Wiki", `${wiki}signed-in`));
  page = await tenant.open();
  await tenant.enroll(page, alice, () => world().approve());
  await tenant.signOut(page);
});

/** Registers an app beside the running tenant, and keeps its secret in a file. */
async function register(name: string, redirect: string, logout = redirect): Promise<Client> {
  const { session } = world().desktop;
  const data = join(world().out, "tenant-data");
  const flags = ["--data", data, "--name", name, "--redirect", redirect, "--logout", logout, "--json"];
  const said = JSON.parse(await session.host.run([program("tallykey-tenant"), "apps", "add", ...flags], session.env));
  return { id: said.clientId, secret: said.clientSecret, issuer: "http://localhost:8470" };
}

function secretFile(name: string, { secret }: Client): string {
  const file = join(world().folder, `${name}.secret`);
  mkdirSync(world().folder, { recursive: true });
  writeFileSync(file, secret, { mode: 0o600 });
  return file;
}

async function startMail(client: Client): Promise<void> {
  const command = [program("tallykey-sample-mail"), "--client", client.id, "--secret-file", secretFile("mail", client)];
  await world()
    .desktop.session.program("mail", command)
    .line(/^mail at/);
}

async function startNotes(client: Client): Promise<void> {
  const server = join(root, "samples/notes/server.mjs");
  const command = [process.execPath, server, "--client", client.id, "--secret-file", secretFile("notes", client)];
  await world()
    .desktop.session.program("notes", command)
    .line(/^notes at/);
}

test("mail asks for the phone, and knows that it was the phone", async () => {
  await page.goto(mail);
  await tenant.username(page, alice);
  await world().approve();
  await seen(page, /Site visit on Thursday/);
  expect(await page.$eval("#who", (who) => who.textContent)).toBe(alice);
  expect(await page.$("#by-phone")).not.toBeNull();
});

test("notes shows no sign-in page: who is signed in at the tenant is signed in there", async () => {
  const skip = await world().desktop.quiet();
  await page.goto(notes);
  expect(await page.$eval("#who", (who) => who.textContent)).toBe(alice);
  await fill(page, "#text", "<b>The lift runs</b>");
  await tap(page, "#add");
  await seen(page, /<b>The lift runs<\/b>/);
  expect(await world().desktop.quiet()).toBe(skip); // no request reached the desktop
});

test("Apache with mod_auth_openidc lets her in, too", async () => {
  await until(30_000, "Apache", async () => (await page.goto(wiki).catch(() => null))?.ok() ?? false);
  await seen(page, new RegExp(`Wiki of ${alice}`));
});

test("who signs out of mail is signed out at the tenant", async () => {
  await page.goto(mail);
  await tap(page, "#signout");
  await page.waitForSelector("#username", { visible: true }); // mail leads to the provider, which asks again
  expect(new URL(page.url()).origin).toBe("http://localhost:8470");
});
