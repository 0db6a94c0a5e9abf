import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { expect, test } from "vitest";
import { scene } from "../lib/scene.ts";
import { tap } from "../lib/see.ts";
import { register, Shop, signIn } from "../lib/shop.ts";
import { Tenant } from "../lib/tenant.ts";
import { approveTrial, enterPin, pairTrial } from "../lib/trial.ts";
import { until } from "../lib/wait.ts";

/** Where the desktop serves the app. */
let app = "";

// The person looks at the browser's warning, compares the fingerprint, and goes on.
const world = scene("trial", {}, async ({ desktop, phone }) => {
  await desktop.cli("settings", "set", "trial=on");
  const session = await phone.page.createCDPSession();
  await session.send("Security.setIgnoreCertificateErrors", { ignore: true });
});

const enter = (pin?: string) => enterPin(world(), pin);
const approve = () => approveTrial(world());

test("without a host for the app the desktop serves it, and a PIN takes the place of the screen lock", {
  timeout: 120_000,
}, async () => {
  const { desktop, phone } = world();
  app = await pairTrial(world());

  const page = await (await Shop.start(desktop)).open();
  const registering = register(page, "alice");
  await approve();
  expect(await registering).toMatchObject({ ok: true, account: "alice" });
  const [registration] = JSON.parse(await desktop.cli("registrations", "--json")) as object[];
  expect(registration).toMatchObject({ keyProtection: "pin" });
  expect(JSON.parse(await desktop.cli("phones", "--json"))).toMatchObject([{ keyProtection: "pin" }]);

  const signing = signIn(page);
  await world().approve();
  await enter("wrong horse");
  await phone.sees(/9 more wrong entries/);
  await enter();
  expect(await signing).toMatchObject({ ok: true, account: "alice" });
});

const alice = "alice@contoso.example";

test("the tenant hears that it was a PIN, shows it, and may refuse it", { timeout: 120_000 }, async () => {
  const { desktop } = world();
  const tenant = await Tenant.start(desktop, join(world().folder, "contoso"));
  const page = await tenant.open();
  await tenant.enroll(page, alice, approve);
  const device = await page.waitForSelector("li.registration[data-uv=pin]", { visible: true });
  expect(await device?.evaluate((row) => row.textContent)).toContain("Phone: PIN of the app");

  await tenant.signOut(page);
  await tenant.username(page, alice);
  await world().approve();
  await tenant.admin("policy set --strength platform"); // while the phone asks for the PIN
  await enter();
  await page.waitForSelector("#ended", { visible: true });
  expect(await page.$eval("#code", (code) => code.textContent)).toBe("verification_too_weak");
});

/** Sets how many wrong entries the app has counted, as if the person had waited between them. */
function counted(page: Page, failures: number): Promise<void> {
  return page.evaluate(async (count) => {
    const opened = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const store = (await opened(indexedDB.open("tallykey"))).transaction("self", "readwrite").objectStore("self");
    const kept = (await opened(store.get("pin"))) as { failures: number };
    await opened(store.put({ ...kept, failures: count, until: 0 }));
  }, failures);
}

test("wrong PINs are few: after five there is a wait, and the tenth erases the keys on phone and desktop", {
  timeout: 120_000,
}, async () => {
  const { desktop, phone } = world();
  const page = await desktop.open("http://localhost:8480/");
  let signing = signIn(page);
  await world().approve();
  for (let left = 9; left >= 6; left--) {
    await enter("wrong horse");
    await phone.sees(new RegExp(`${left} more wrong entries`), 30_000);
  }
  await enter("wrong horse");
  await phone.sees(/5 more wrong entries.*Wait \d+ seconds/s, 30_000);
  expect(await phone.page.$$("#pin-enter")).toEqual([]);
  // Closing the app forgets nothing of it.
  await phone.open(app);
  await phone.decline();
  expect(await signing).toMatchObject({ ok: false });
  await tap(phone.page, "#done");

  await counted(phone.page, 9);
  await desktop.phoneConnected(30_000);
  signing = signIn(page);
  await world().approve();
  await phone.sees(/One more wrong entry|Enter your app PIN/);
  await enter("wrong horse");
  await phone.ended("keys_erased", 30_000);
  expect(await signing).toMatchObject({ ok: false });
  await until(30_000, "a desktop without the phone", async () => (await desktop.status()).phones.length === 0);
  expect(JSON.parse(await desktop.cli("registrations", "--json"))).toEqual([]);
});
