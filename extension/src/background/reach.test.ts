import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeNative } from "../fake/daemon.ts";
import { ANSWER_WITHIN } from "./ask.ts";
import { Host } from "./host.ts";
import { healthOf, reach } from "./reach.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the daemon's status", async () => {
  const native = new FakeNative();
  const reached = reach(new Host(native.connect));
  expect(native.last).toEqual({ jsonrpc: "2.0", id: 1, method: "status" });
  native.say({ id: 1, result: { version: "1" } });
  expect(await reached).toEqual({ kind: "running", status: { version: "1" } });
});

test("a daemon that does not answer", async () => {
  const native = new FakeNative();
  const reached = reach(new Host(native.connect));
  vi.advanceTimersByTime(ANSWER_WITHIN);
  expect(await reached).toEqual({ kind: "silent" });
  expect(native.last.method).toBe("cancel");
});

test.each([
  ["Specified native messaging host not found.", "missing"],
  ["No such native application org.tallykey.host", "missing"],
  ["Access to the specified native messaging host is forbidden.", "forbidden"],
  ["This extension does not have permission to use native application org.tallykey.host", "forbidden"],
  ["Native host has exited.", "stopped"],
  ["closed", "stopped"],
])("%s", async (reason, kind) => {
  const native = new FakeNative();
  native.missing = reason;
  expect(await reach(new Host(native.connect))).toEqual({ kind });
});

test.each([
  [undefined, "ready"],
  [null, "ready"],
  [[{ origin: "https://shop.example" }], "ready"],
  [[{ until: "2026-11-23T15:00:00Z" }], "paused"],
])("with the pauses %j the toolbar says %s", (pauses, health) => {
  const ready = { state: "ready" };
  const status = { version: "1", phones: [], keyring: ready, link: ready, ...(pauses !== undefined && { pauses }) };
  expect(healthOf({ kind: "running", status })).toBe(health);
  expect(healthOf({ kind: "silent" })).toBe("stopped");
});
