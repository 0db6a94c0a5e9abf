import { expect, test } from "vitest";
import { scene } from "../lib/scene.ts";
import { fill, tap } from "../lib/see.ts";
import { register, Shop, signIn } from "../lib/shop.ts";
import { until } from "../lib/wait.ts";

const PIN = "correct horse";

// The person looks at the browser's warning, compares the fingerprint, and goes on.
const world = scene("trial", {}, async ({ desktop, phone }) => {
  await desktop.cli("settings", "set", "trial=on");
  const session = await phone.page.createCDPSession();
  await session.send("Security.setIgnoreCertificateErrors", { ignore: true });
});

/** Enters the PIN that the phone asks for. */
async function enter(pin: string): Promise<void> {
  await fill(world().phone.page, "#pin", pin);
  await tap(world().phone.page, "#pin-enter");
}

async function approve(): Promise<void> {
  await world().approve();
  await enter(PIN);
}

test("without a host for the app the desktop serves it, and a PIN takes the place of the screen lock", {
  timeout: 120_000,
}, async () => {
  const { desktop, phone } = world();
  const pairing = await desktop.pair();
  expect(pairing.link).toMatch(/^https:\/\/(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d+\//);
  // A browser drops what it loads while a network is coming up, as this one is; a person loads the page again.
  const seen = async () => {
    await phone.open(pairing.link);
    return phone.sees(/weaker than your screen lock/, 3000);
  };
  await until(60_000, "the desktop's page", () => seen().catch(() => false));
  await fill(phone.page, "#pin-first", PIN);
  await fill(phone.page, "#pin-second", PIN);
  await tap(phone.page, "#pin-set");
  await approve();
  expect((await pairing.cli.ended).code).toBe(0);
  await desktop.phoneConnected();

  const page = await (await Shop.start(desktop)).open();
  const registering = register(page, "alice");
  await approve();
  expect(await registering).toMatchObject({ ok: true, account: "alice" });
  const [registration] = JSON.parse(await desktop.cli("registrations", "--json")) as object[];
  expect(registration).toMatchObject({ keyProtection: "pin" });

  const signing = signIn(page);
  await world().approve();
  await enter("wrong horse");
  await phone.sees(/9 more wrong entries/);
  await enter(PIN);
  expect(await signing).toMatchObject({ ok: true, account: "alice" });
});
