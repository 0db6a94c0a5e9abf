// A registration that is removed on the phone or on the desktop is gone at the tenant, too, and before anybody uses it.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCertificate } from "../lib/certificate.ts";
import { Ends } from "../lib/ends.ts";
import { built, program } from "../lib/places.ts";
import type { Program } from "../lib/program.ts";
import { scene } from "../lib/scene.ts";
import { fill, seen, tap } from "../lib/see.ts";
import { until } from "../lib/wait.ts";

// Daemons tell websites under their name, over TLS; an organisation's own may have a private address.
const ADDRESS = "10.44.0.1";
const NAME = "login.contoso.example";
const ISSUER = `https://${NAME}`;
const PORT = "8480";

const ends = new Ends();
const files = tmpdir(); // which only this run sees
const hosts = join(files, "unregister.hosts");
const { key, certificate } = makeCertificate(files, "unregister", [NAME]);

beforeAll(() => {
  writeFileSync(hosts, `${readFileSync("/etc/hosts", "utf8")}\n${ADDRESS} ${NAME}\n`);
  execFileSync("mount", ["--bind", hosts, "/etc/hosts"]);
  ends.add(() => execFileSync("umount", ["/etc/hosts"]));
});
const world = scene("unregister", { desktop: { daemonEnv: { SSL_CERT_FILE: certificate } } }, (started) =>
  started.pair(),
);

let data: string;
let serving: Program;
const passwords = new Map<string, string>();

beforeAll(async () => {
  const { desktop, folder } = world();
  data = join(folder, "tenant");
  await desktop.session.host.run(["ip", "addr", "add", `${ADDRESS}/32`, "dev", "lo"]);
  const front = [process.execPath, built("e2e/dist/rp/front.js"), ADDRESS, key, certificate, PORT];
  await desktop.session.program("front", front).line(/^front is up/);
  for (const line of (await tenant("seed")).trim().split("\n")) {
    const [upn = "", password = ""] = line.split(/\s+/);
    passwords.set(upn, password);
  }
  await serve();
});
afterAll(() => ends[Symbol.asyncDispose]());

/** Runs a command of the tenant's admin. */
function tenant(...command: string[]): Promise<string> {
  const { session } = world().desktop;
  return session.host.run([program("tallykey-tenant"), ...command, "--data", data], session.env);
}

async function serve(): Promise<void> {
  const flags = ["--listen", `127.0.0.1:${PORT}`, "--issuer", ISSUER, "--data", data];
  serving = world().desktop.session.program("tenant", [program("tallykey-tenant"), "serve", ...flags]);
  await serving.line(/ready at/);
}

async function givePassword(page: Page, upn: string): Promise<void> {
  await fill(page, "#password", passwords.get(upn) ?? "");
  await tap(page, "#go");
}

/** Enables phone sign-in, signs out, and in with the phone: a page with a session that the phone began. */
async function byPhone(upn: string): Promise<Page> {
  const page = await world().desktop.browser.page();
  await (await page.createCDPSession()).send("Security.setIgnoreCertificateErrors", { ignore: true });
  await page.goto(ISSUER);
  await fill(page, "#username", upn);
  await tap(page, "#next");
  await givePassword(page, upn);
  await tap(page, "#security");
  await tap(page, "#enable");
  await givePassword(page, upn);
  await tap(page, "#register");
  await world().approve();
  await page.waitForSelector("#enabled", { visible: true });
  await page.goto(ISSUER);
  await tap(page, "#signout");
  await fill(page, "#username", upn);
  await tap(page, "#next");
  await world().approve();
  await seen(page, new RegExp(`Signed in as ${upn}`));
  return page;
}

interface User {
  upn: string;
  phones: number;
}

const devices = async (upn: string): Promise<number | undefined> =>
  (JSON.parse(await tenant("users", "list", "--json")) as User[]).find((user) => user.upn === upn)?.phones;

/** The tenant has no device of the person any more, and the session that it began is over. */
async function gone(upn: string, page: Page, how: string): Promise<void> {
  await until(45_000, `${upn} without a device`, async () => (await devices(upn)) === 0);
  await page.goto(ISSUER);
  await page.waitForSelector("#username", { visible: true });
  expect(await tenant("log", "--json", "--limit", "1", "--user", upn)).toContain(how);
}

async function removeOnPhone(): Promise<void> {
  const { phone } = world();
  await phone.open();
  await tap(phone.page, "#registrations button");
  await tap(phone.page, "#site .remove");
  await tap(phone.page, "#confirm-yes");
  await until(
    15_000,
    "a phone without registrations",
    async () => (await phone.page.$$("#registrations button, #site li")).length === 0,
  );
}

const ended = async (): Promise<string[]> => (await world().desktop.activity()).map(({ code }) => code);

test("removed on the phone: the tenant hears at once", async () => {
  const page = await byPhone("alice@contoso.example");
  await removeOnPhone();
  await gone("alice@contoso.example", page, "unregistered on the phone");
  expect((await ended())[0]).toBe("website_told");
});

test("removed on the desktop: the tenant hears at once, and the person reads it", async () => {
  const { desktop } = world();
  const page = await byPhone("bob@contoso.example");
  const [made] = JSON.parse(await desktop.cli("registrations", "--json")) as { id: string }[];
  expect(await desktop.cli("registrations", "remove", made?.id ?? "")).toContain("The website was told.");
  await gone("bob@contoso.example", page, "unregistered on a desktop");
});

test("removed on the phone while the desktop is off and the tenant is down: it hears once both are there", async () => {
  const { desktop, phone } = world();
  const page = await byPhone("carol@contoso.example");
  await serving.stop();
  await desktop.cli("stop");
  await desktop.daemon.ended;
  await removeOnPhone();
  await phone.close();
  await desktop.startDaemon();
  await phone.open();
  await until(30_000, "a first try", async () => (await ended())[0] === "website_waiting");
  expect((await desktop.status()).registrations).toBe(0);
  expect(await devices("carol@contoso.example")).toBe(1);
  await serve();
  await gone("carol@contoso.example", page, "unregistered on the phone");
  expect((await ended())[0]).toBe("website_told");
});
