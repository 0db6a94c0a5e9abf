import { expect, test } from "vitest";
import { toJSON } from "./options.ts";

const challenge = Uint8Array.of(1);

test("fills nothing in and takes nothing that WebIDL does not know", () => {
  expect(toJSON("get", { challenge, rpId: undefined, origin: "https://bank.example" })).toEqual({ challenge: "AQ" });
});

test("converts as WebIDL does", () => {
  const options = { challenge, timeout: -1, rpId: 5, userVerification: null, hints: new Set(["hybrid"]) };
  const json = { challenge: "AQ", timeout: 4294967295, rpId: "5", userVerification: "null", hints: ["hybrid"] };
  expect(toJSON("get", options)).toEqual(json);
});

test("reads members that are getters of a class", () => {
  class Options {
    get challenge() {
      return challenge;
    }
  }
  expect(toJSON("get", new Options())).toEqual({ challenge: "AQ" });
});

test.each([
  { challenge: "text" },
  { challenge, rpId: Symbol() },
  { challenge, allowCredentials: null },
  { challenge, allowCredentials: [{ type: "public-key", id: "text" }] },
  { challenge, hints: 5 },
])("throws where there is no JSON form: %o", (options) => {
  expect(() => toJSON("get", options)).toThrow();
});

test("passes extensions on, bytes as text, and leaves out what has no JSON form", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const extensions = {
    credProps: true,
    prf: { eval: { first: Uint8Array.of(2), second: Uint8Array.of(3).buffer } },
    list: [1, "a", null],
    numberMatch: { mode: "choose" },
    cycle,
    call() {},
    big: 1n,
    nothing: undefined,
  };
  expect(toJSON("get", { challenge, extensions })).toEqual({
    challenge: "AQ",
    extensions: {
      credProps: true,
      prf: { eval: { first: "Ag", second: "Aw" } },
      list: [1, "a", null],
      numberMatch: { mode: "choose" },
    },
  });
});
