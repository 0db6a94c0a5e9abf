import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakePort } from "../fake/port.ts";
import { OFFER_PORT, REQUEST_PORT, type Verdict } from "../messages.ts";
import { offer, relay, SILENCE } from "./relay.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ask = { op: "get" as const, options: { challenge: "AQ" }, framed: false };

function started() {
  const [near, far] = FakePort.pair(REQUEST_PORT);
  const [nextNear, nextFar] = FakePort.pair(REQUEST_PORT);
  const backgrounds = [near, nextNear];
  const verdicts: Verdict[] = [];
  const cancel = relay(
    (name) => {
      expect(name).toBe(REQUEST_PORT);
      const background = backgrounds.shift();
      if (!background) throw new Error("Extension context invalidated.");
      return background;
    },
    ask,
    (verdict) => verdicts.push(verdict),
  );
  return { near, far, nextNear, nextFar, backgrounds, verdicts, cancel };
}

test("asks once and closes with the verdict", () => {
  const { near, far, verdicts } = started();
  expect(near.sent).toEqual([ask]);
  far.postMessage({ kind: "error", name: "A", message: "b" });
  expect(verdicts).toEqual([{ kind: "error", name: "A", message: "b" }]);
  expect(near.closed).toBe(true);
  vi.runAllTimers();
  expect(verdicts).toHaveLength(1);
});

test("a silent background leaves the request to the browser", () => {
  const { far, verdicts } = started();
  vi.advanceTimersByTime(SILENCE - 1);
  expect(verdicts).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(verdicts).toEqual([{ kind: "native" }]);
  expect(far.closed).toBe(true);
});

test("a request that was taken waits for the person", () => {
  const { far, verdicts } = started();
  far.postMessage({ kind: "taken" });
  vi.advanceTimersByTime(60_000);
  expect(verdicts).toEqual([]);
});

test("a background that ends leaves the request to the browser", () => {
  const { far, verdicts } = started();
  far.postMessage({ kind: "taken" });
  far.disconnect();
  expect(verdicts).toEqual([{ kind: "native" }]);
});

test("a background that ends before it said anything is asked once more", () => {
  const { nextNear, far, nextFar, verdicts, cancel } = started();
  far.disconnect();
  expect([verdicts, nextNear.sent]).toEqual([[], [ask]]);
  nextFar.postMessage({ kind: "taken" });
  vi.advanceTimersByTime(60_000);
  expect(verdicts).toEqual([]);
  cancel();
  expect(nextFar.closed).toBe(true);
});

test.each(["ends twice", "ends for good"])("a background that %s leaves the request to the browser, once", (how) => {
  const { far, nextFar, backgrounds, verdicts } = started();
  if (how === "ends for good") backgrounds.pop();
  far.disconnect();
  nextFar.disconnect();
  vi.runAllTimers();
  expect(verdicts).toEqual([{ kind: "native" }]);
});

test("an extension that is gone has nobody to ask", () => {
  const settle = vi.fn();
  const connect = () => {
    throw new Error("Extension context invalidated.");
  };
  expect(() => relay(connect, ask, settle)).toThrow("invalidated");
  vi.runAllTimers();
  expect(settle).not.toHaveBeenCalled();
});

test("cancelling closes the port and settles nothing", () => {
  const { far, verdicts, cancel } = started();
  cancel();
  vi.runAllTimers();
  expect(far.closed).toBe(true);
  expect(verdicts).toEqual([]);
});

test("an offer is picked once at most, and over with that", () => {
  const [near, far] = FakePort.pair(OFFER_PORT);
  const picked = vi.fn();
  const withdraw = offer(() => near, { options: {}, framed: false }, picked);
  expect(near.sent).toEqual([{ options: {}, framed: false }]);
  far.postMessage({ credential: "AQ" });
  expect(picked).toHaveBeenCalledExactlyOnceWith("AQ");
  expect(far.closed).toBe(true);
  withdraw();
});

test("an offer that is withdrawn closes its port", () => {
  const [near, far] = FakePort.pair(OFFER_PORT);
  const picked = vi.fn();
  offer(() => near, { options: {}, framed: false }, picked)();
  expect(far.closed).toBe(true);
  expect(picked).not.toHaveBeenCalled();
});
