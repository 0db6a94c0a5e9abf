import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AT_MOST, budget, STEP } from "./budget.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a limit passes once, at its time", () => {
  const spent = vi.fn();
  budget(200, spent);
  vi.advanceTimersByTime(199);
  expect(spent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(spent).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(10_000);
  expect(spent).toHaveBeenCalledOnce();
});

test("a limit that is taken back never passes", () => {
  const spent = vi.fn();
  const stop = budget(200, spent);
  vi.advanceTimersByTime(100);
  stop();
  vi.advanceTimersByTime(10_000);
  expect(spent).not.toHaveBeenCalled();
});

test("a stall of the machine counts as one step", () => {
  const spent = vi.fn();
  budget(200, spent);
  vi.setSystemTime(Date.now() + 1000);
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + 1000);
  vi.advanceTimersByTime(180);
  expect(spent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(20);
  expect(spent).toHaveBeenCalledOnce();
  vi.restoreAllMocks();
});

test("a machine that hardly moves does not stretch it without end", () => {
  const spent = vi.fn();
  budget(200, spent);
  const late = performance.now() + 200 * AT_MOST;
  vi.spyOn(performance, "now").mockReturnValue(late);
  vi.advanceTimersByTime(20);
  expect(spent).toHaveBeenCalledOnce();
  vi.restoreAllMocks();
});

test("it counts anew after each word, but not without end", () => {
  const spent = vi.fn();
  let words = 0;
  budget(200, spent, () => words);
  vi.advanceTimersByTime(180);
  words++;
  vi.advanceTimersByTime(200);
  expect(spent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(20);
  expect(spent).toHaveBeenCalledOnce();
  budget(200, spent, () => words++);
  vi.advanceTimersByTime(200 * AT_MOST + STEP);
  expect(spent).toHaveBeenCalledTimes(2);
});
