import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faults, firefox, Office, tooWide } from "../lib/office.ts";
import { root } from "../lib/places.ts";
import { fill, press, seen, tap, words } from "../lib/see.ts";

// The tenant's pages as a browser shows them. PICTURES names a folder for pictures of what was checked.
const out = join(root, "out", "admin");
const pictures = process.env["PICTURES"];
const alice = "alice@contoso.example";

let office: Office;
let page: Page;

beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  if (pictures) mkdirSync(pictures, { recursive: true });
  office = await Office.start(out);
  ({ page } = office);
});
afterAll(() => office?.[Symbol.asyncDispose]());

/**
 * In the light and English, and in the dark and German, wide and narrow: axe finds nothing, and nothing sticks out. What
 * does not depend on words and colours is looked at once.
 */
async function fine(name: string, path?: string, languages = "en de"): Promise<void> {
  await page.setExtraHTTPHeaders({ "Accept-Language": "en" });
  await scheme("light");
  if (path) await page.goto(office.url + path);
  expect(await faults(page), name).toEqual([]);
  await fits(name, "en.light");
  if (!path || !languages.includes("de")) return; // the first can't be loaded again
  await page.setExtraHTTPHeaders({ "Accept-Language": "de" });
  await scheme("dark");
  await page.goto(office.url + path);
  expect(await faults(page, ["color-contrast", "label-content-name-mismatch"]), `${name} in German`).toEqual([]);
  await fits(name, "de.dark");
  await page.setExtraHTTPHeaders({ "Accept-Language": "en" });
}

/** Without motion: a colour that is still on its way is nobody's choice. */
function scheme(value: string): Promise<void> {
  return page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
}

async function fits(name: string, kind: string): Promise<void> {
  for (const width of [360, 1280]) {
    await page.setViewport({ width, height: 800 });
    expect(await tooWide(page), `${name}.${kind}, ${width} px wide`).toBeLessThanOrEqual(0);
    const file = `${name}.${kind}${width === 360 ? ".narrow" : ""}.png`;
    if (pictures) await page.screenshot({ path: join(pictures, file), fullPage: true });
  }
}

test("the sign-in pages are for everyone", async () => {
  await fine("signin", "/signin");
  await fine("password", "/password");
  await fine("invite", "/invite");
  await page.goto(`${office.url}/signin`);
  await fill(page, "#username", "nobody@contoso.example");
  await tap(page, "#next");
  await page.waitForSelector("#any:focus");
  await fine("choose");
  await fine("nowhere", "/nowhere");
  await page.goto(`${office.url}/password`);
  await fill(page, "#username", alice);
  await fill(page, "#password", "not the password");
  await tap(page, "#go");
  await page.waitForSelector("#code");
  await fine("password-wrong");
});

test("a password opens no admin page, a key does", async () => {
  await office.enter(alice, true);
  await page.goto(`${office.url}/admin/`);
  expect(await seen(page, /Sign in with your phone/)).toContain("admin_signin_weak");
  await fine("admin-refused", "/admin/");
  await office.leave();
  await office.answers(false);
  await page.goto(`${office.url}/signin`);
  await fill(page, "#username", alice);
  await tap(page, "#next");
  await page.waitForSelector("#left:not(:empty)", { visible: true });
  await fine("waiting");
  await tap(page, "#use-password");
  expect(await seen(page, /Enter your password/)).toContain(alice);
  await office.answers(true);
  await office.enterByKey(alice);
  await fine("home", "/");
  await tap(page, "#admin");
  await seen(page, /Users[\s\S]*bo\.lind@contoso\.example/);
});

test("the self-service pages are for everyone", async () => {
  await fine("security", "/security");
  await fine("activity", "/activity");
  await fine("sessions", "/sessions");
});

test("each step of the self-service is for everyone", async () => {
  const linked = (selector: string) =>
    page.$eval(selector, (link) => {
      const { pathname, search } = new URL((link as HTMLAnchorElement).href);
      return pathname + search;
    });
  await page.goto(`${office.url}/security`);
  const [remove, renew] = [await linked("a.remove"), await linked("a.renew")];
  await page.goto(`${office.url}/activity`);
  const report = await linked("a.notme");
  await fine("confirm", "/security/confirm");
  await page.goto(`${office.url}/security/enable`);
  await tap(page, "#by-phone");
  await page.waitForFunction(() => location.pathname === "/security/enable");
  const steps = { enable: "/security/enable", newpassword: "/security/password" };
  for (const [name, path] of Object.entries({ ...steps, remove, renew, report, device: "/device" })) {
    await fine(name, path);
    expect(page.url(), name).toBe(office.url + path);
  }
  await fine("ended", "/security/remove?id=AQID");
  expect(await words(page)).toContain("registration_unknown");
});

test("a user is found, invited, blocked and unblocked", async () => {
  await page.goto(`${office.url}/admin/users`);
  await fill(page, "#find", "bo.");
  await tap(page, "#go");
  await press(page, /bo\.lind@contoso\.example/);
  await tap(page, "#invite");
  await tap(page, "#do");
  expect(await seen(page, /One-time pass/)).toMatch(/[a-z2-7]{5}(-[a-z2-7]{5}){3}/);
  await page.waitForSelector("#qr", { visible: true });
  await fine("admin-invited");
  await press(page, /Done/);
  await tap(page, "#block");
  await page.waitForSelector("#question");
  await fine("admin-question", new URL(page.url()).pathname);
  await tap(page, "#do");
  await seen(page, /Blocked/);
  await tap(page, "#unblock");
  await tap(page, "#do");
  await seen(page, /Can sign in/);
  await fine("admin-user", new URL(page.url()).pathname);
});

test("a pilot: a dry run names who is affected before the policy changes", async () => {
  await page.goto(`${office.url}/admin/policy/tenant`);
  await page.select("#phone", "off");
  await tap(page, "#preview");
  expect(await seen(page, /Affected users: 8/)).toContain("bo.lind@contoso.example");
  await fine("admin-preview", page.url().slice(office.url.length));
  await tap(page, "#apply");
  await page.waitForSelector("#tenant");
  expect(await words(page)).toMatch(/Phone sign-in\s*Off/);
  await fine("admin-policy", "/admin/policy");
  await fine("admin-rule", "/admin/policy/tenant");
  await page.goto(`${office.url}/admin/audit?action=policy`);
  expect(await words(page)).toMatch(/policy\.set/);
  await fine("admin-audit", "/admin/audit");
});

test("an app is registered with settings to copy", async () => {
  await page.goto(`${office.url}/admin/apps/new`);
  await fine("admin-newapp", "/admin/apps/new");
  await fill(page, "#name", "Wiki");
  await fill(page, "#redirects", "https://wiki.contoso.example/callback");
  await tap(page, "#do");
  await page.waitForSelector("#secret", { visible: true });
  await fine("admin-app");
  await fine("admin-apps", "/admin/apps");
});

test("the other admin pages are for everyone", async () => {
  const { page } = office;
  await page.goto(`${office.url}/admin/groups`);
  const group = await page.$eval("#groups a", (link) => new URL((link as HTMLAnchorElement).href).pathname);
  await page.goto(`${office.url}/admin/users?find=eli`);
  const user = await page.$eval("#users a", (link) => new URL((link as HTMLAnchorElement).href).pathname);
  // Of these the texts are new, and wide.
  for (const [name, path] of Object.entries({
    users: "/admin/users",
    role: `${user}/role`,
    devices: "/admin/devices",
    log: "/admin/log?user=alice@contoso.example",
    line: "/admin/log?open=3&after=6",
  })) {
    await fine(`admin-${name}`, path);
  }
  // These are made of the same parts.
  for (const [name, path] of Object.entries({
    newuser: "/admin/users/new",
    import: "/admin/users/import",
    edituser: `${user}/edit`,
    invite: `${user}/invite`,
    groups: "/admin/groups",
    newgroup: "/admin/groups/new",
    group,
    members: `${group}/members`,
    invitations: "/admin/invitations",
    admins: "/admin/admins",
  })) {
    await fine(`admin-${name}`, path, "en");
  }
});

test("the live log shows a sign-in that happens elsewhere", async () => {
  await page.goto(`${office.url}/admin/log?live=1`);
  const another = await page.browser().createBrowserContext();
  const stranger = await another.newPage();
  await stranger.goto(`${office.url}/password`);
  await fill(stranger, "#username", "carol@contoso.example");
  await fill(stranger, "#password", "not the password");
  await tap(stranger, "#go");
  const request = await stranger.waitForSelector("#request");
  await another.close();
  expect(request).not.toBeNull();
  await page.waitForFunction(
    () => document.querySelector("#lines tr")?.textContent?.includes("carol@contoso.example"),
    {
      timeout: 30_000,
    },
  );
  expect(await faults(page)).toEqual([]);
});

test("without script: the password signs in, and an admin finds and changes", async () => {
  const carol = "carol@contoso.example";
  const another = await page.browser().createBrowserContext();
  const plain = await another.newPage();
  await plain.setJavaScriptEnabled(false);
  await plain.goto(`${office.url}/password`);
  await plain.type("#username", carol);
  await plain.type("#password", office.passwords.get(carol) ?? "");
  await Promise.all([plain.waitForNavigation(), plain.click("#go")]);
  expect(await words(plain)).toContain(carol);
  await another.close();

  await page.setJavaScriptEnabled(false);
  await page.goto(`${office.url}/admin/groups/new`);
  await page.type("#name", "Without script");
  await Promise.all([page.waitForNavigation(), page.click("#do")]);
  expect(await page.$eval("h1", (h) => h.textContent)).toBe("Without script");
  await page.setJavaScriptEnabled(true);
});

test("Firefox shows the same pages", async () => {
  const cookies = await page.browser().cookies();
  const puppet = await firefox();
  try {
    const other = await puppet.newPage();
    await other.goto(`${office.url}/signin`);
    for (const { name, value } of cookies)
      await puppet.setCookie({ name, value, domain: "localhost", path: "/", httpOnly: true });
    for (const path of ["/signin", "/admin/users", "/admin/log"]) {
      const answer = await other.goto(office.url + path);
      expect(answer?.status(), path).toBe(200);
      expect(await faults(other), path).toEqual([]);
      expect(await tooWide(other), path).toBeLessThanOrEqual(0);
    }
    await office.command("admins", "set", "--upn", "carol@contoso.example", "--role", "reader");
    await other.goto(`${office.url}/admin/admins`);
    expect(await other.$eval("main", (main) => main.textContent)).toContain("carol@contoso.example");
  } finally {
    await puppet.close();
  }
});
