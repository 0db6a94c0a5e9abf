import { expect, test } from "vitest";
import { scene } from "../lib/scene.ts";
import { register, Shop, signIn } from "../lib/shop.ts";

// A phone whose screen lock can't encrypt keeps the key as one that can't be exported. DevTools can carry such a phone's
// platform credential over a restart of the browser; a credential with PRF it can't.
const world = scene("reboot", { phone: { prf: false } }, (started) => started.pair());

test("a phone without PRF signs in, also after it was turned off and on", async () => {
  const { desktop, phone } = world();
  const page = await (await Shop.start(desktop)).open();
  const registering = register(page, "alice");
  await world().approve();
  expect(await registering).toMatchObject({ ok: true });
  expect(JSON.parse(await desktop.cli("registrations", "--json"))).toMatchObject([{ keyProtection: "device" }]);

  await phone.reboot();
  await phone.open();
  await desktop.phoneConnected();
  const signing = signIn(page);
  await world().approve();
  expect(await signing).toMatchObject({ ok: true, account: "alice" });
});
