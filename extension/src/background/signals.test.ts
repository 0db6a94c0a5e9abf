import { expect, test } from "vitest";
import { FakeNative } from "../fake/daemon.ts";
import type { GateWord } from "../messages.ts";
import { Host } from "./host.ts";
import { passOn } from "./signals.ts";

const sender = { origin: "https://shop.example", frameId: 0 };
const word = { kind: "signal", signal: "unknownCredential", options: { rpId: "shop.example" }, framed: false };

function passed(change: object, from: object = sender) {
  const native = new FakeNative();
  passOn(new Host(native.connect), { ...word, ...change } as GateWord & { kind: "signal" }, from as never);
  return native.heard;
}

test("the daemon hears who signals, and what", () => {
  const params = { origin: "https://shop.example", crossOrigin: false, kind: word.signal, options: word.options };
  expect(passed({ origin: "https://bank.example" })).toMatchObject([{ method: "webauthn.signal", params }]);
});

test.each([
  ["another kind", { signal: "stop" }, sender],
  ["a member of every object", { signal: "constructor" }, sender],
  ["no options", { options: null }, sender],
  ["no word about the frame", { framed: undefined }, sender],
  ["an opaque origin", {}, { ...sender, origin: "null" }],
])("it hears nothing of %s", (_, change, from) => {
  expect(passed(change, from)).toEqual([]);
});
