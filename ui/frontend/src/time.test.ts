import { expect, test } from "vitest";
import { clock, cuts, moment, secondsLeft } from "./time";

test("a started second counts and none are negative", () => {
  const expires = "2025-11-03T12:01:00Z";
  const end = Date.parse(expires);
  expect([60_000, 59_999, 1, 0, -5].map((ms) => secondsLeft(expires, end - ms))).toEqual([60, 60, 1, 0, 0]);
});

test("twelve cuts go out one by one", () => {
  expect([60, 56, 55, 47, 5, 1, 0, 120].map(cuts)).toEqual([12, 12, 11, 10, 1, 1, 0, 12]);
});

test("clock", () => {
  expect([108, 60, 9, 0].map(clock)).toEqual(["1:48", "1:00", "0:09", "0:00"]);
});

test("times in lists are short", () => {
  const now = new Date(2025, 10, 3, 15, 0).getTime();
  const at = (...a: [number, number, number, number, number]) => new Date(...a).toISOString();
  expect(moment(at(2025, 10, 3, 14, 2), now, "en")).toBe("14:02");
  expect(moment(at(2025, 10, 2, 23, 59), now, "de")).toBe("Gestern");
  expect(moment(at(2025, 9, 14, 9, 0), now, "en")).toBe("14 Oct");
  expect(moment(at(2025, 9, 14, 9, 0), now, "de")).toBe("14. Okt.");
});
