// The tenant serves the phone app at /phone/, and the phone is paired by scanning: the app as most people would have it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, expect, test } from "vitest";
import { Camera } from "../lib/camera.ts";
import { door } from "../lib/door.ts";
import { Ends } from "../lib/ends.ts";
import { scene } from "../lib/scene.ts";
import { fill, tap } from "../lib/see.ts";
import { register, Shop, signIn } from "../lib/shop.ts";
import { Tenant } from "../lib/tenant.ts";
import { until } from "../lib/wait.ts";

const alice = "alice@contoso.example";
const ends = new Ends();
const camera = new Camera();
ends.add(() => camera[Symbol.dispose]());

let tenant: Tenant;

// The phone comes to the tenant on the desktop by the same name as the desktop does.
const world = scene("phone-hosted", { phone: { flags: camera.flags } }, async ({ desktop, network, folder }) => {
  tenant = await Tenant.start(desktop, join(folder, "contoso"));
  ends.use(await door(8470, network.phone, network.desktop, folder));
});
afterAll(() => ends[Symbol.asyncDispose]());

test("the phone opens the tenant's app, scans the code on the desktop, and is paired", async () => {
  const { desktop, phone } = world();
  await phone.open(tenant.app);
  await tap(phone.page, "#pair-first");
  const terminal = await desktop.pairOnScreen();
  camera.see(terminal);
  await tap(phone.page, "#scan");
  await phone.tap(await desktop.number(60_000));
  expect((await terminal.ended).code).toBe(0);
  await desktop.phoneConnected();
  // Chromium on Linux has no detector of its own, like an iPhone: the decoder that the app brings has read it.
  expect(await phone.page.evaluate(() => "BarcodeDetector" in globalThis)).toBe(false);
});

test("where the platform has a detector, that is shown the camera's picture, and its word is taken", async () => {
  const { desktop, phone } = world();
  const { link, cli } = await desktop.pair();
  await phone.page.exposeFunction("detected", () => link);
  const detector = await phone.page.evaluateOnNewDocument(() => {
    const detect = async (video: HTMLVideoElement) => {
      const { detected } = globalThis as unknown as { detected: () => Promise<string> };
      return video.videoWidth === 640 && !video.paused ? [{ rawValue: await detected() }] : [];
    };
    const BarcodeDetector = Object.assign(
      class {
        detect = detect;
      },
      { getSupportedFormats: async () => ["qr_code"] },
    );
    Object.assign(globalThis, { BarcodeDetector });
  });
  await phone.open(tenant.app);
  await tap(phone.page, "#pair-another");
  await tap(phone.page, "#scan");
  await phone.pairAnew();
  await phone.tap(await desktop.number(60_000));
  expect((await cli.ended).code).toBe(0);
  await phone.ended("paired");
  await phone.page.removeScriptToEvaluateOnNewDocument(detector.identifier);
  await phone.open(tenant.app);
  await desktop.phoneConnected();
});

test("a browser can install it: its worker and manifest are for /phone/ alone, and nothing is missing", async () => {
  const { phone } = world();
  const browser = await phone.page.createCDPSession();
  const scope = await phone.page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
  expect(scope).toBe(tenant.app);
  const { url, errors, manifest } = await browser.send("Page.getAppManifest");
  expect([url, errors]).toEqual([`${tenant.app}manifest.webmanifest`, []]);
  expect(manifest).toMatchObject({ scope: tenant.app, startUrl: tenant.app });
  expect((await browser.send("Page.getInstallabilityErrors")).installabilityErrors).toEqual([]);
});

let page: Page;

test("where numbers are typed, the right one signs in", async () => {
  const { desktop, phone } = world();
  page = await tenant.open();
  await tenant.enroll(page, alice, () => world().approve());

  await desktop.cli("settings", "set", "type-numbers=on");
  await tenant.signOut(page);
  await tenant.username(page, alice);
  const number = await desktop.number();
  await fill(phone.page, "#number", number);
  expect(await phone.page.$$("button.number")).toEqual([]);
  await tap(phone.page, "#continue");
  await tenant.signedIn(page, alice);
});

test("a wrong one ends the request, and phone, desktop and page say why", async () => {
  const { desktop, phone } = world();
  const skip = await desktop.quiet();
  await tenant.signOut(page);
  await tenant.username(page, alice);
  const number = Number(await desktop.number());
  await fill(phone.page, "#number", String(((number + 1) % 90) + 10));
  await tap(phone.page, "#continue");
  await phone.ended("wrong_number");
  expect((await desktop.end(skip)).request.code).toBe("wrong_number");
  await page.waitForSelector("#ended", { visible: true });
  // WebAuthn tells a website no more than that: which number was wrong is none of its business.
  expect(await page.$eval("#code", (code) => code.textContent)).toBe("not_completed");
});

test("the activity is saved as a file that says how each request ended", async () => {
  const { phone, folder } = world();
  const browser = await phone.page.createCDPSession();
  await browser.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder });
  await tap(phone.page, "#done");
  await tap(phone.page, "#open-activity");
  await tap(phone.page, "#export");
  const file = join(folder, "tallykey-activity.json");
  const saved = await until(30_000, "the file", () => {
    try {
      return JSON.parse(readFileSync(file, "utf8")) as object[];
    } catch {
      return undefined; // not there yet, or not all of it
    }
  });
  const codes = ["wrong_number", "approved", "registered", "paired", "paired"];
  expect(saved).toMatchObject(codes.map((code) => ({ code, desktop: "Office desktop" })));
  expect(saved[0]).toMatchObject({ account: alice, site: "localhost:8470", reason: expect.stringMatching(/./) });
});

test("pulled down, the app asks at once instead of after its pause", async () => {
  const { desktop, phone } = world();
  await desktop.cli("stop");
  await desktop.daemon.ended;
  await phone.open(tenant.app);
  await phone.page.evaluate(() => {
    const { setTimeout: real } = globalThis;
    const firstPause = 1000; // after a try; here it has no end
    const timer = (run: () => void, ms?: number) => {
      if (ms !== firstPause) return real(run, ms);
      document.documentElement.dataset["asleep"] = "";
      return 0;
    };
    Object.assign(globalThis, { setTimeout: timer });
  });
  await phone.page.waitForSelector("html[data-asleep]", { timeout: 30_000 });
  await desktop.startDaemon();
  await phone.page.touchscreen.touchStart(200, 200);
  await phone.page.touchscreen.touchMove(204, 360);
  await phone.page.touchscreen.touchEnd();
  await desktop.phoneConnected(30_000);
});

test("the tenant is gone: the app opens all the same, and signs in elsewhere", async () => {
  const { desktop, phone } = world();
  await desktop.cli("settings", "set", "type-numbers=off");
  await tenant.stop();
  await phone.open(tenant.app);
  await desktop.phoneConnected(30_000);
  await page.goto("about:blank");
  page = await (await Shop.start(desktop)).open();
  for (const attempt of [() => register(page, "alice"), () => signIn(page, { account: "alice" })]) {
    const made = attempt();
    await world().approve();
    expect(await made).toMatchObject({ ok: true, account: "alice" });
  }
});
