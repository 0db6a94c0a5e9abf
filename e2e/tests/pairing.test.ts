import { expect, test } from "vitest";
import { titled } from "../lib/codes.ts";
import { scene } from "../lib/scene.ts";

const world = scene("pairing");

interface Paired {
  id: string;
  name: string;
  connected: boolean;
}

async function phones(): Promise<Paired[]> {
  return JSON.parse(await world().desktop.cli("phones", "--json")) as Paired[];
}

test("a wrong number ends the pairing on both", async () => {
  const { desktop, phone } = world();
  const pairing = await desktop.pair();
  await phone.open(pairing.link);
  await world().startPairing();
  await phone.tapWrong(await desktop.number());
  expect((await pairing.cli.ended).code).toBe(1);
  await phone.sees(titled("wrong_number"));
  expect((await desktop.activity())[0]).toMatchObject({ action: "pair", code: "wrong_number" });
  expect(await phones()).toEqual([]);
});

test("a phone pairs by the link that the desktop shows and the number", async () => {
  const { desktop, phone } = world();
  const pairing = await desktop.pair();
  await phone.open(pairing.link);
  await world().startPairing();
  await phone.tap(await desktop.number());
  expect((await pairing.cli.ended).code).toBe(0);
  await desktop.phoneConnected();
  await phone.sees(/Office desktop/);
  expect(await phones()).toMatchObject([{ connected: true }]);
  expect((await desktop.activity())[0]).toMatchObject({ action: "pair", code: "paired" });
});

test("the link that was used is good for nothing", async () => {
  const { desktop, phone } = world();
  const pairing = await desktop.pair();
  await phone.open(pairing.link);
  await world().startPairing();
  await phone.tap(await desktop.number());
  await pairing.cli.ended;
  const before = (await phones()).length;
  await phone.open(pairing.link);
  await world().startPairing();
  await phone.sees(titled("pairing_expired"), 30_000);
  expect(await phones()).toHaveLength(before);
});

test("a phone without a working screen lock can't pair", async () => {
  const { desktop, phone } = world();
  const before = (await phones()).length;
  await phone.authenticator.recognises(false);
  const pairing = await desktop.pair();
  await phone.open(pairing.link);
  await world().startPairing();
  await phone.tap(await desktop.number());
  expect((await pairing.cli.ended).code).toBe(1);
  await phone.authenticator.recognises(true);
  expect(await phones()).toHaveLength(before);
  expect((await desktop.activity())[0]?.code).toMatch(/^(no_screen_lock|verification_failed)$/);
});

test("the link stays out of logs and argument lists", async () => {
  const { desktop } = world();
  const pairing = await desktop.pair();
  const secret = new URLSearchParams(new URL(pairing.link).hash.slice(1)).get("s") ?? "";
  expect(secret).toHaveLength(22);
  expect(desktop.daemon.output.join("\n")).not.toContain(secret);
  await pairing.cli.stop();
});
