import { expect, test } from "vitest";
import { scene } from "../lib/scene.ts";
import { register, Shop, signIn } from "../lib/shop.ts";
import { until } from "../lib/wait.ts";

const world = scene("address", {}, (started) => started.pair());

test("the desktop gets another address, and the phone finds it by mDNS without a new pairing", async () => {
  const { desktop, network, phone } = world();
  const page = await (await Shop.start(desktop)).open();
  const registering = register(page, "alice");
  await world().approve();
  expect(await registering).toMatchObject({ ok: true });

  await phone.close();
  const before = network.desktop.address;
  const now = await network.newAddress();
  expect(now).not.toBe(before);
  await until(10_000, "the daemon to notice", async () => (await desktop.status()).addresses.includes(now));
  await phone.open();
  await desktop.phoneConnected(30_000);
  const signing = signIn(page);
  await world().approve();
  expect(await signing).toMatchObject({ ok: true, account: "alice" });
  expect(await desktop.status()).toMatchObject({ phones: [{ connected: true }], addresses: [now] });
});

test("the address changes while the phone app is open, and it comes back by itself", async () => {
  const { desktop, network } = world();
  const page = (await desktop.browser.pages()).find((one) => one.url().includes("8480"));
  if (!page) throw new Error("the shop's page is gone");
  const now = await network.newAddress();
  await until(10_000, "the daemon to notice", async () => (await desktop.status()).addresses.includes(now));
  const signing = signIn(page);
  // An idle phone asks every 5 seconds whether the desktop is there, then each second, and gives it up after three.
  await world().approve(30_000);
  expect(await signing).toMatchObject({ ok: true, account: "alice" });
});
