import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeNative } from "../fake/daemon.ts";
import { Host } from "./host.ts";
import { ANSWER_WITHIN, reach } from "./reach.ts";

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
