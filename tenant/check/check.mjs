// The tenant's pages in a real Chromium with a virtual authenticator (Chrome DevTools Protocol, WebAuthn domain): an
// authenticator that shares nothing with the tenant. It walks through every page, lets one request time out for real,
// and leaves a picture of every page, light and dark, wide and narrow, in the folder named on the command line.
//
//   node tenant/check/check.mjs [--out DIR] [--no-timeout]
//
// It builds and starts the tenant itself, with data in a folder of its own, and ends with status 0 only if all held.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import puppeteer from "puppeteer-core";

const { values: flags } = parseArgs({
  options: {
    out: { type: "string" },
    "no-timeout": { type: "boolean" },
    chromium: { type: "string", default: "/usr/bin/chromium" },
  },
});
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const work = mkdtempSync(join(tmpdir(), "tallykey-tenant-check-"));
const began = performance.now();
const step = (text) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);

function startTenant() {
  const program = join(work, "tallykey-tenant");
  execFileSync("go", ["build", "-o", program, "./tenant"], { cwd: root, stdio: "inherit" });
  const data = ["--data", join(work, "data")];
  execFileSync(program, ["seed", ...data, "--password-file", join(work, "passwords")]);
  const process = spawn(program, ["serve", ...data, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = new Promise((resolve, reject) => {
    createInterface({ input: process.stdout }).on("line", (line) => resolve(line.split(" at ")[1]));
    process.on("exit", (code) => reject(new Error(`the tenant ended with ${code}`)));
  });
  const log = () =>
    execFileSync(program, ["log", ...data, "--json"], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  return { process, url, log };
}

const startBrowser = () =>
  puppeteer.launch({
    executablePath: flags.chromium,
    userDataDir: join(work, "profile"),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
    ].concat(["--disable-component-update", "--disable-sync", "--lang=en"]),
  });

const sizes = { wide: { width: 1000, height: 800 }, narrow: { width: 360, height: 740 } };

// pictures of the page as it is; a page must never be wider than its window.
async function pictures(page, name) {
  if (!flags.out) return;
  mkdirSync(flags.out, { recursive: true });
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewport(viewport);
    for (const scheme of ["light", "dark"]) {
      await page.emulateMediaFeatures([
        { name: "prefers-color-scheme", value: scheme },
        { name: "prefers-reduced-motion", value: "reduce" },
      ]);
      await page.screenshot({ path: join(flags.out, `${name}-${size}-${scheme}.png`), fullPage: size === "narrow" });
    }
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${name} is ${over} px too wide at ${viewport.width}`);
  }
}

const text = (page, selector) => page.$eval(selector, (e) => e.textContent.trim());
const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
const value = (page, selector, v) =>
  page.$eval(
    selector,
    (e, v) => {
      e.value = v;
    },
    v,
  );

async function authenticator(page) {
  const cdp = await page.createCDPSession();
  await cdp.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
  };
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { ...options, automaticPresenceSimulation: true },
  });
  return {
    answers: (enabled) => cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
    verifies: (isUserVerified) => cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    credentials: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}

async function signInByPassword(page, url, upn, password) {
  await page.goto(url);
  await value(page, "#username", upn);
  await press(page, "#next");
  await value(page, "#password", password);
  await press(page, "#go");
  assert.equal(await text(page, "h1"), `Signed in as ${upn}`);
}

const alice = "alice@contoso.example";

async function walk(page, url, phone, passwords, log) {
  await faults(page, url);
  await signInByPassword(page, url, alice, passwords[alice]);
  await pictures(page, "home");
  step("signed in by password");
  await enable(page, url, phone, passwords);
  await byPhone(page, url, phone);
  await declined(page, phone, passwords);
  if (!flags["no-timeout"]) await timeout(page, alice);
  else await press(page, "#signout");
  await removed(page, url, phone);
  await page.goto(`${url}/nowhere`);
  assert.equal(await text(page, "#code"), "page_unknown");
  everythingLogged(log());
}

// faults are the pages of somebody who types something wrong.
async function faults(page, url) {
  await page.goto(url);
  assert.equal(await text(page, "h1"), "Sign in");
  await pictures(page, "signin");
  await value(page, "#username", "alice at contoso");
  await page.$eval("#signin", (f) => {
    f.noValidate = true;
  });
  await press(page, "#next");
  assert.equal(await text(page, "#code"), "upn_invalid");
  await pictures(page, "signin-invalid");

  await value(page, "#username", alice);
  await press(page, "#next");
  assert.equal(await text(page, "h1"), "Enter your password");
  await pictures(page, "password");
  await value(page, "#password", "wrong");
  await press(page, "#go");
  assert.equal(await text(page, "#code"), "password_wrong");
  await pictures(page, "password-wrong");
}

// enable registers the phone, and tries it twice.
async function enable(page, url, phone, passwords) {
  await press(page, "#security");
  await pictures(page, "security-off");
  await press(page, "#enable");
  assert.equal(await text(page, "h1"), "Enter your password once more");
  await pictures(page, "confirm");
  await value(page, "#password", passwords[alice]);
  await press(page, "#go");
  assert.equal(await text(page, "h1"), "Register your phone");
  await pictures(page, "enable");
  await value(page, "#name", "Alice’s phone");
  await phone.answers(false);
  await page.click("#register");
  await page.waitForSelector(".pending:not([hidden])");
  await pictures(page, "enable-waiting");
  await phone.answers(true); // counts for new requests only
  await page.goto(`${url}/security/enable`);
  await value(page, "#name", "Alice’s phone");
  await press(page, "#register");
  assert.match(await text(page, "#enabled"), /^Phone sign-in enabled/);
  await pictures(page, "security-on");
  assert.equal((await phone.credentials()).length, 1);
  step("phone sign-in enabled");

  await page.goto(`${url}/security/enable`);
  await press(page, "#register");
  assert.equal(await text(page, "#code"), "registration_exists");
  await pictures(page, "registration-exists");
}

async function byPhone(page, url, phone) {
  await page.goto(url);
  await press(page, "#signout");
  await value(page, "#username", alice);
  await phone.answers(false);
  await press(page, "#next");
  assert.equal(await text(page, "h1"), "The number is on your desktop");
  assert.match(await text(page, "#left"), /^\d+ s left$/);
  await pictures(page, "waiting");
  await phone.answers(true);
  const asked = performance.now();
  await Promise.all([page.waitForSelector("#home"), page.reload()]); // asks again with the same challenge
  assert.equal(await text(page, "h1"), `Signed in as ${alice}`);
  assert.equal(await page.$eval("#method", (e) => e.dataset.method), "passkey");
  step(`signed in by phone, ${Math.round(performance.now() - asked)} ms after it was asked`);
  await pictures(page, "home-phone");

  await press(page, "#signout");
  await Promise.all([page.waitForSelector("#home"), page.click("#any")]);
  assert.equal(await text(page, "h1"), `Signed in as ${alice}`);
  step("signed in by phone without a UPN");
}

async function declined(page, phone, passwords) {
  await press(page, "#signout");
  await phone.verifies(false);
  await value(page, "#username", alice);
  await Promise.all([page.waitForSelector("#ended"), page.click("#next")]);
  assert.equal(await text(page, "#code"), "not_completed");
  await pictures(page, "not-completed");
  await phone.verifies(true);
  await phone.answers(false);
  await press(page, "#again");
  assert.equal(await text(page, "h1"), "The number is on your desktop");
  await press(page, "#use-password");
  assert.equal(await text(page, "#upn"), alice);
  await value(page, "#password", passwords[alice]);
  await press(page, "#go");
  assert.equal(await text(page, "h1"), `Signed in as ${alice}`);
  step("declined, tried again, used the password instead");
}

async function removed(page, url, phone) {
  await phone.answers(true);
  await signInByPhone(page, url, alice);
  await page.goto(`${url}/security`);
  await press(page, ".remove");
  await pictures(page, "remove");
  await press(page, "#remove");
  assert.match(await text(page, "#disabled"), /^Phone sign-in is off/);
  await page.goto(url);
  await press(page, "#signout");
  await value(page, "#username", alice);
  await press(page, "#next");
  assert.equal(await text(page, "h1"), "Enter your password");
  await Promise.all([page.waitForSelector("#ended"), page.click("#any")]);
  assert.equal(await text(page, "#code"), "not_completed"); // the page's signal made the authenticator drop the key
  assert.equal((await phone.credentials()).length, 0);
  await pictures(page, "removed");
  step("removed, dropped by the authenticator, and it signs nobody in");
}

function everythingLogged(log) {
  const codes = log.map((l) => `${l.method} ${l.code}`);
  for (const line of [
    "password password_wrong",
    "password password_right",
    "confirm password_right",
    "register registered",
    "register registration_exists",
    "passkey approved",
    "phone not_completed",
    "phone password_chosen",
    "remove registration_removed",
  ]) {
    assert.ok(codes.includes(line), `${line} is not in the log: ${codes}`);
  }
}

async function signInByPhone(page, url, upn) {
  await page.goto(`${url}/signin`);
  await value(page, "#username", upn);
  await Promise.all([page.waitForSelector("#home"), page.click("#next")]);
  assert.equal(await text(page, "h1"), `Signed in as ${upn}`);
}

async function timeout(page, upn) {
  await press(page, "#signout");
  await value(page, "#username", upn);
  await press(page, "#next");
  await page.waitForSelector("#ended", { timeout: 75_000 });
  assert.equal(await text(page, "#code"), "timed_out");
  assert.equal(await text(page, "h1"), "Request timeout");
  await pictures(page, "timeout");
  step("not answered for 60 s: Request timeout");
}

// The same in German, as far as it looks different, and without JavaScript.
async function others(browser, url, passwords) {
  const page = await browser.newPage();
  await page.setExtraHTTPHeaders({ "Accept-Language": "de-DE,de;q=0.9" });
  await page.setJavaScriptEnabled(false);
  await page.goto(`${url}/signin`);
  await pictures(page, "de-signin");
  await press(page, "#any");
  await pictures(page, "de-waiting-noscript");
  await press(page, "#use-password");
  await pictures(page, "de-password");
  await value(page, "#username", "carol@contoso.example");
  await value(page, "#password", passwords["carol@contoso.example"]);
  await press(page, "#go");
  assert.equal(await text(page, "h1"), "Angemeldet als carol@contoso.example");
  await pictures(page, "de-home");
  await press(page, "#security");
  await pictures(page, "de-security-off");
  await press(page, "#enable");
  await value(page, "#password", passwords["carol@contoso.example"]);
  await press(page, "#go");
  await pictures(page, "de-enable");
  await press(page, "#register");
  assert.equal(await text(page, "#code"), "webauthn_missing");
  await pictures(page, "de-webauthn-missing");
  await page.close();
  step("the password path works without JavaScript, in German");
}

const tenant = startTenant();
let browser;
try {
  const url = await tenant.url;
  const passwords = Object.fromEntries(
    readFileSync(join(work, "passwords"), "utf8")
      .trim()
      .split("\n")
      .map((l) => l.split(" ")),
  );
  browser = await startBrowser();
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (m) => ["error", "warn"].includes(m.type()) && complaints.push(m.text()));
  page.on("pageerror", (e) => complaints.push(String(e)));
  await walk(page, url, await authenticator(page), passwords, tenant.log);
  await others(browser, url, passwords);
  const ours = complaints.filter((c) => !/status of (403|404|422)/.test(c));
  assert.deepEqual(ours, [], "the console complained");
  step("done");
} finally {
  await browser?.close();
  tenant.process.removeAllListeners("exit");
  tenant.process.kill("SIGTERM");
  rmSync(work, { recursive: true, force: true });
}
