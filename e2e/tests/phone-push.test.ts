// Wake-up by Web Push: the daemon asks a push service, which here is a program on the phone's host. What it sends is
// decrypted by a library of somebody else's.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CDPSession, Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Ends } from "../lib/ends.ts";
import { PHONE_APP } from "../lib/phone.ts";
import { PUSH_HOST, PushService } from "../lib/push.ts";
import { scene } from "../lib/scene.ts";
import { tap } from "../lib/see.ts";
import { register, Shop, signIn } from "../lib/shop.ts";
import { until, within } from "../lib/wait.ts";

const keys = mkdtempSync(join(tmpdir(), "tk-push-"));
const [certificate, key] = [join(keys, "certificate.pem"), join(keys, "key.pem")];
execFileSync(
  "openssl",
  [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=push"],
    ...["-addext", `subjectAltName=IP:${PUSH_HOST}`, "-keyout", key, "-out", certificate],
  ],
  { stdio: "ignore" },
);

const world = scene("phone-push", { desktop: { daemonEnv: { SSL_CERT_FILE: certificate } } }, (started) =>
  started.pair(),
);
const ends = new Ends();

let service: PushService;
let page: Page;

beforeAll(async () => {
  const { desktop, network, phone } = world();
  ends.add(() => rmSync(keys, { recursive: true, force: true }));
  service = ends.use(
    await PushService.start(network.phone, network.desktop, certificate, key, { PATH: process.env["PATH"] ?? "" }),
  );
  await service.serve(phone.page);
  page = await (await Shop.start(desktop)).open();
  const registering = register(page, "alice");
  await world().approve();
  expect(await registering).toMatchObject({ ok: true });
});

afterAll(() => ends[Symbol.asyncDispose]());

/** The app is closed; a sign-in waits for it. How much the desktop had told before. */
async function waiting(): Promise<{ skip: number; attempt: ReturnType<typeof signIn> }> {
  const { desktop, phone } = world();
  await phone.close();
  await until(
    30_000,
    "a phone that is away",
    async () => !(await desktop.status()).phones.some((one) => one.connected),
  );
  const skip = await desktop.quiet();
  const attempt = signIn(page, { account: "alice" });
  await desktop.client.request("the request without a phone", ({ state }) => state === "waiting", skip);
  return { skip, attempt };
}

/** What the desktop told of a request, each state once. */
function states(skip: number): string[] {
  const told = world()
    .desktop.client.told.slice(skip)
    .map(({ request }) => {
      const { state, notified } = request as typeof request & { notified?: boolean };
      return notified ? `${state}, notified` : state;
    });
  return told.filter((state, i) => state !== told[i - 1]);
}

test("it is off until the person turns it on, and everything works without it", async () => {
  const { phone } = world();
  const { skip, attempt } = await waiting();
  await phone.open();
  await world().approve();
  expect(await attempt).toMatchObject({ ok: true });
  expect(states(skip)).not.toContain("waiting, notified");
  expect(service.count).toBe(0);
});

test("a phone that is away is notified, without names or numbers; opened, it has the request at once", async () => {
  const { desktop, phone } = world();
  await phone.open();
  await tap(phone.page, "#open-phone");
  await phone.sees(/Wake the phone/); // where to switch it on
  await desktop.cli("settings", "set", "web-push=on");
  await tap(phone.page, "#wake");
  await phone.page.waitForFunction(() => document.querySelector<HTMLInputElement>("#wake")?.checked);
  const canWake = async () => (await desktop.status()).phones.some((one) => (one as { push?: boolean }).push);
  await until(30_000, "a phone that can be woken", canWake);
  const given = await phone.page.evaluate(() => localStorage.getItem("subscribed") ?? "");

  const { skip, attempt } = await waiting();
  const pushed = await service.message(0);
  expect(pushed.message).toBe('{"v":1}');
  expect(pushed.headers).toMatchObject({
    ...{ ttl: "60", urgency: "high", topic: "tallykey", "content-encoding": "aes128gcm" },
  });
  expect(pushed.vapid).toMatchObject({ genuine: true, aud: `https://${PUSH_HOST}` });
  expect(Buffer.from(pushed.vapid.k, "base64url")).toEqual(Buffer.from(given, "base64"));
  expect(JSON.stringify(pushed)).not.toMatch(/alice|localhost:8480|Office/);
  await until(30_000, "the word that the phone was notified", () => states(skip).includes("waiting, notified"));

  await phone.open();
  const number = await desktop.number();
  await phone.numbers();
  await phone.tap(number);
  expect(await attempt).toMatchObject({ ok: true, account: "alice" });
  // What the desktop said all along: looking for it, notified, it has the request, it is answering.
  expect(states(skip).filter((state) => state !== "queued")).toEqual([
    "waiting",
    "waiting, notified",
    "delivered",
    "answering",
    "ended",
  ]);
  expect(desktop.daemon.output.join("\n")).not.toContain(service.secret);
});

test("the service worker says that a desktop asks, and nothing else, whatever is pushed", async () => {
  const { phone } = world();
  await phone.open();
  const { cdp, registrationId } = await worker(phone.page);
  const notification = await recorded(cdp);
  const data = "alice@contoso.example 26";
  await cdp.send("ServiceWorker.deliverPushMessage", { origin: new URL(PHONE_APP).origin, registrationId, data });
  const { Title, Body } = await within(30_000, "a notification", notification.displayed);
  expect({ Title, Body }).toEqual({ Title: "tallykey", Body: "A desktop asks for you. Open tallykey." });
});

test("turned off, nothing is sent any more", async () => {
  const { desktop, phone } = world();
  await phone.open();
  await tap(phone.page, "#open-phone");
  await tap(phone.page, "#wake");
  await until(30_000, "a phone that can't be woken", async () =>
    (await desktop.status()).phones.every((one) => !(one as { push?: boolean }).push),
  );
  const { attempt } = await waiting();
  const before = service.count;
  await phone.open();
  await world().approve();
  expect(await attempt).toMatchObject({ ok: true });
  expect(service.count).toBe(before);
});

/** The app's service worker as DevTools knows it. */
async function worker(of: Page) {
  const cdp = await of.createCDPSession();
  const found = new Promise<string>((resolve) => {
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const own = registrations.find(({ scopeURL, isDeleted }) => !isDeleted && scopeURL.startsWith(PHONE_APP));
      if (own) resolve(own.registrationId);
    });
  });
  await cdp.send("ServiceWorker.enable");
  return { cdp, registrationId: await found };
}

/**
 * What the browser notes of notifications for DevTools, from now on. Asking the service worker instead would disturb
 * it: a Chromium that is asked between keeping a notification and displaying it forgets that notification.
 */
async function recorded(cdp: CDPSession): Promise<{ displayed: Promise<Record<string, string>> }> {
  const service = "notifications";
  const displayed = new Promise<Record<string, string>>((resolve) => {
    cdp.on("BackgroundService.backgroundServiceEventReceived", ({ backgroundServiceEvent: told }) => {
      if (told.eventName === "Notification displayed")
        resolve(Object.fromEntries(told.eventMetadata.map(({ key, value }) => [key, value])));
    });
  });
  await cdp.send("BackgroundService.startObserving", { service });
  await cdp.send("BackgroundService.setRecording", { service, shouldRecord: true });
  return { displayed };
}
