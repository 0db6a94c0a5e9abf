import { expect, test } from "vitest";
import { Authenticator } from "../lib/browser.ts";
import { titled } from "../lib/codes.ts";
import { processes } from "../lib/processes.ts";
import { scene } from "../lib/scene.ts";
import { until } from "../lib/wait.ts";

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
  await phone.tapWrong(await desktop.number());
  expect((await pairing.cli.ended).code).toBe(1);
  await phone.ended("wrong_number");
  expect((await desktop.activity())[0]).toMatchObject({ action: "pair", code: "wrong_number" });
  expect(await phones()).toEqual([]);
});

test("a phone pairs by the link that the desktop shows and the number", async () => {
  const { desktop, phone } = world();
  const pairing = await desktop.pair();
  await phone.open(pairing.link);
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
  await phone.pairAnew();
  await phone.tap(await desktop.number());
  await pairing.cli.ended;
  // The same app with a new pairing: the desktop ends the old one when the app comes with the new.
  await until(10_000, "one phone", async () => (await phones()).length === 1);
  const before = await phones();
  await phone.open(pairing.link);
  await phone.pairAnew();
  await phone.sees(/good for two minutes and for one phone/, 30_000);
  expect((await phones()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
});

test("a phone without a screen lock can't pair, and says what to set up", async () => {
  const { desktop, phone } = world();
  await phone.authenticator.remove();
  const pairing = await desktop.pair();
  await phone.open(pairing.link);
  await phone.pairAnew();
  await phone.sees(titled("no_screen_lock"));
  await pairing.cli.stop();
  phone.authenticator = await Authenticator.add(phone.page, true);
});

test("the link stays out of logs and argument lists", async () => {
  const { desktop } = world();
  const pairing = await desktop.pair();
  const secret = new URLSearchParams(new URL(pairing.link).hash.slice(1)).get("s") ?? "";
  expect(secret).toHaveLength(22);
  expect(desktop.daemon.output.join("\n")).not.toContain(secret);
  expect(processes().filter(({ args }) => args.includes(secret))).toEqual([]);
  await pairing.cli.stop();
});
