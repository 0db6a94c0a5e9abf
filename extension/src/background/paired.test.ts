import { expect, test } from "vitest";
import type { Reach } from "../messages.ts";
import { HOLDS, Paired } from "./paired.ts";

const ready = { state: "ready" };
const running = (phones: object[] | null): Reach =>
  ({ kind: "running", status: { version: "1", phones, keyring: ready, link: ready } }) as Reach;

test.each<[string, Reach, boolean]>([
  ["a phone", running([{ id: "p1" }]), true],
  ["no phone", running([]), false],
  ["a daemon that still starts", running(null), false],
  ["no daemon", { kind: "stopped" }, false],
  ["a daemon that does not answer", { kind: "silent" }, false],
])("%s", async (_, reach, paired) => {
  expect(await new Paired(async () => reach).ask()).toBe(paired);
});

test("an answer holds for a while, also while it is under way", async () => {
  const answers = [running([{ id: "p1" }]), running([])];
  let [asked, now] = [0, 100];
  const paired = new Paired(
    async () => answers[asked++] as Reach,
    () => now,
  );
  expect(await Promise.all([paired.ask(), paired.ask()])).toEqual([true, true]);
  now += HOLDS - 1;
  expect(await paired.ask()).toBe(true);
  now += 1;
  expect(await paired.ask()).toBe(false);
  expect(asked).toBe(2);
});
