import { expect, test } from "vitest";
import codes from "../../../daemon/api/codes.json" with { type: "json" };
import { assertion } from "../fake/page.ts";
import type { Answer } from "./host.ts";
import { NATIVE, verdictOf } from "./verdict.ts";

const failed = (data: object): Answer => ({
  kind: "error",
  error: { code: -32000, message: "detail for logs", data: data as never },
});

test.each(codes.filter((row) => row.error))("$code ends as its row says", ({ code, error, fallThrough, en }) => {
  const verdict = verdictOf(failed({ code, error, fallThrough }), true);
  expect(verdict).toEqual(
    fallThrough ? { kind: "native", asked: true } : { kind: "error", name: error, message: en.title },
  );
});

test("a code of a newer daemon is its own message", () => {
  const verdict = verdictOf(failed({ code: "moon_phase" }), true);
  expect(verdict).toEqual({ kind: "error", name: "NotAllowedError", message: "moon_phase" });
});

test("a credential is one", () => {
  expect(verdictOf({ kind: "result", result: assertion }, true)).toEqual({ kind: "credential", credential: assertion });
});

test.each([null, "yes", {}, { id: 5, response: {} }, { id: "a", response: null }])("%o is no credential", (result) => {
  expect(verdictOf({ kind: "result", result }, true)).toEqual(NATIVE);
});

const stopped = { kind: "error", name: "NotAllowedError", message: "tallykey stopped" };

test.each<[Answer, object]>([
  [{ kind: "gone", reason: "Native host has exited." }, stopped],
  [{ kind: "error", error: { code: -32603, message: "internal" } }, stopped],
  [{ kind: "too long" }, NATIVE],
])("%o is the browser's until a person was asked", (answer, then) => {
  expect(verdictOf(answer, false)).toEqual(NATIVE);
  expect(verdictOf(answer, true)).toEqual(then);
});
