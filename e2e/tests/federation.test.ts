import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { built, program } from "../lib/places.ts";
import { scene } from "../lib/scene.ts";
import { fill, seen, tap } from "../lib/see.ts";
import { Tenant } from "../lib/tenant.ts";

const world = scene("federation", {}, (started) => started.pair());
const dora = "dora@fabrikam.example";
const ISSUER = "http://localhost:8471";

let tenant: Tenant;
let page: Page;

beforeAll(async () => {
  const { desktop, out, folder } = world();
  const data = join(out, "tenant-data");
  const redirect = "http://localhost:8470/signin/federated";
  const issuer = [process.execPath, built("e2e/dist/rp/issuer.js"), "8471", "contoso", "s3cret", redirect];
  await desktop.session.program("issuer", issuer).line(/^issuer at/);
  tenant = await Tenant.start(desktop, data);
  const secret = join(folder, "secret");
  writeFileSync(secret, "s3cret\n", { mode: 0o600 });
  await admin("users", "add", "--upn", dora, "--name", "Dora", "--no-password");
  const trust = ["--domain", "fabrikam.example", "--issuer", ISSUER, "--client", "contoso", "--secret-file", secret];
  expect(await admin("federations", "add", ...trust)).toContain(redirect);
  page = await tenant.open();
});

/** Runs a command of the admin beside the running tenant. */
function admin(...args: string[]): Promise<string> {
  const { session } = world().desktop;
  const [noun = "", verb = "", ...rest] = args;
  const data = join(world().out, "tenant-data");
  return session.host.run([program("tallykey-tenant"), noun, verb, "--data", data, ...rest], session.env);
}

/** Signs in on the issuer's own pages. */
async function atIssuer(login: string): Promise<void> {
  await page.waitForSelector("input[name=login]", { visible: true });
  expect(new URL(page.url()).origin).toBe(ISSUER);
  await fill(page, "input[name=login]", login);
  await fill(page, "input[name=password]", "any");
  await tap(page, "button[type=submit]");
}

/** Agrees, where the issuer asks what it may tell. */
async function consents(): Promise<void> {
  await seen(page, /Authorize/);
  await tap(page, "button[type=submit]");
}

test("the UPN of a federated domain leads to its issuer, and back signed in", async () => {
  await tenant.username(page, dora);
  await atIssuer("dora");
  await consents();
  await tenant.signedIn(page, dora);
});

test("the issuer is asked again before a phone is registered, which from then on comes first", async () => {
  await tap(page, "#security");
  await tap(page, "#enable");
  await tap(page, "#by-partner");
  await atIssuer("dora");
  await tap(page, "#register");
  await world().approve();
  await page.waitForSelector("#enabled", { visible: true });
  await tenant.signOut(page);
  await tenant.username(page, dora);
  await world().approve();
  await tenant.signedIn(page, dora);
});

test("who is somebody else there is nobody here", async () => {
  await tenant.signOut(page);
  await tenant.username(page, "emil@fabrikam.example");
  await seen(page, /federation_wrong_account/); // dora's session there answered
  expect(await admin("log", "--json", "--limit", "1")).toContain("federation_wrong_account");
});
