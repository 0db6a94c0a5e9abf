import { expect, test, vi } from "vitest";
import { FakeNative } from "../fake/daemon.ts";
import { MAX_MESSAGE } from "../protocol.ts";
import { type Answer, Host } from "./host.ts";

function started() {
  const native = new FakeNative();
  const notified = vi.fn();
  const opened = vi.fn();
  const closed = vi.fn();
  const host = new Host(native.connect, { notified, opened, closed });
  const call = (method: string, params?: object, again = false) => {
    const answers: Answer[] = [];
    return { answers, ...host.call(method, params, (answer) => answers.push(answer), again) };
  };
  return { native, host, notified, opened, closed, call };
}

test("starts the host with the first call and uses it for all", () => {
  const { native, call } = started();
  expect(native.starts).toBe(0);
  call("a");
  call("b", { x: 1 });
  expect(native.starts).toBe(1);
  expect(native.heard).toEqual([
    { jsonrpc: "2.0", id: 1, method: "a" },
    { jsonrpc: "2.0", id: 2, method: "b", params: { x: 1 } },
  ]);
});

test("answers find their calls, and only once", () => {
  const { native, call } = started();
  const [first, second] = [call("a"), call("b")];
  native.say({ id: 2, result: { ok: true } });
  native.say({ id: 2, result: "again" });
  native.say({ id: 1, error: { code: -32601, message: "no" } });
  native.say({ id: null, error: { code: -32700, message: "whose?" } });
  native.say({ id: 9, result: "nobody's" });
  expect(first.answers).toEqual([{ kind: "error", error: { code: -32601, message: "no" } }]);
  expect(second.answers).toEqual([{ kind: "result", result: { ok: true } }]);
});

test("notifications go where they are heard", () => {
  const { native, notified, call } = started();
  call("a");
  native.say({ method: "event", params: { x: 1 } });
  expect(notified).toHaveBeenCalledExactlyOnceWith("event", { x: 1 });
});

test("cancelling tells the daemon once, and the answer is not heard", () => {
  const { native, call } = started();
  const { answers, cancel } = call("a");
  cancel();
  cancel();
  native.say({ id: 1, result: {} });
  expect(native.heard.slice(1)).toEqual([{ jsonrpc: "2.0", method: "cancel", params: { id: 1 } }]);
  expect(answers).toEqual([]);
});

test("an answered call can't be cancelled", () => {
  const { native, call } = started();
  const { cancel } = call("a");
  native.say({ id: 1, result: {} });
  cancel();
  expect(native.heard).toHaveLength(1);
});

test("a host that ends answers every call, and the next call starts another", () => {
  const { native, call } = started();
  const [first, second] = [call("a"), call("b")];
  native.die();
  const gone = [{ kind: "gone", reason: "Native host has exited." }];
  expect([first.answers, second.answers]).toEqual([gone, gone]);
  call("c");
  expect(native.starts).toBe(2);
  expect(native.last).toMatchObject({ id: 3, method: "c" });
});

test("a browser that can't start the host at all answers with its reason", () => {
  const host = new Host(() => {
    throw new Error("no such native application");
  });
  const answers: Answer[] = [];
  host.call("a", undefined, (answer) => answers.push(answer));
  expect(answers).toEqual([{ kind: "gone", reason: "no such native application" }]);
});

test("a host that was started before is there for the first call", () => {
  const { native, host, opened, closed, call } = started();
  expect(host.open).toBe(false);
  host.warm();
  host.warm();
  expect([native.starts, opened.mock.calls.length, host.open]).toEqual([1, 1, true]);
  call("a");
  expect(native.starts).toBe(1);
  native.die();
  expect(closed).toHaveBeenCalledExactlyOnceWith("Native host has exited.");
  expect(host.open).toBe(false);
});

test("a browser without the host says so when it is warmed, and when it is called", () => {
  const closed = vi.fn();
  const connect = () => {
    throw new Error("no such native application");
  };
  const host = new Host(connect, { closed });
  host.warm();
  host.call("a", undefined, () => {});
  expect(closed.mock.calls).toEqual([["no such native application"], ["no such native application"]]);
});

test("a message that nobody takes is not sent", () => {
  const { native, call } = started();
  const { answers } = call("a", { text: "ü".repeat(MAX_MESSAGE / 2) });
  expect(answers).toEqual([{ kind: "too long" }]);
  expect(native.starts).toBe(0);
});

const gone = [{ kind: "gone", reason: "Native host has exited." }];

test("a call whose host ends goes once more, to a fresh one", () => {
  const { native, closed, call } = started();
  const [asked, other] = [call("a", { x: 1 }, true), call("b")];
  native.die();
  expect([native.starts, native.last, closed.mock.calls.length]).toEqual([2, native.heard[0], 1]);
  expect([asked.answers, other.answers]).toEqual([[], gone]);
  native.say({ id: 1, result: {} });
  expect(asked.answers).toEqual([{ kind: "result", result: {} }]);
});

test("not a second time", () => {
  const { native, call } = started();
  const { answers } = call("a", {}, true);
  native.die();
  native.die();
  expect([native.starts, native.heard.length, answers]).toEqual([2, 2, gone]);
});

test("not what the daemon took", () => {
  const { native, call } = started();
  const { answers, taken } = call("a", {}, true);
  taken();
  native.die();
  expect([native.starts, native.heard.length, answers]).toEqual([1, 1, gone]);
});

test("not what nobody waits for", () => {
  const { native, call } = started();
  call("a", {}, true).cancel();
  native.die();
  expect(native.starts).toBe(1);
});

test("not where there is no daemon", () => {
  const { native, notified, call } = started();
  native.hears = () => native.leave();
  expect([call("a", {}, true).answers, call("b", {}, true).answers]).toEqual([gone, gone]);
  expect([native.starts, notified.mock.calls]).toEqual([2, []]);
});

test("a host that found no daemon says nothing about the next one", () => {
  const { native, call } = started();
  native.hears = () => native.leave();
  call("a", {}, true);
  native.hears = () => {};
  call("b", {}, true);
  native.die();
  expect(native.starts).toBe(3);
});

test.each([
  "Specified native messaging host not found.",
  "Access to the specified native messaging host is forbidden.",
])("not where the browser starts none: %s", async (reason) => {
  const { native, call } = started();
  native.missing = reason;
  const { answers } = call("a", {}, true);
  await Promise.resolve();
  expect([native.starts, answers]).toEqual([1, [{ kind: "gone", reason }]]);
});

test("a host that has ended before anybody said so loses nothing", () => {
  const { native, host, call } = started();
  const first = call("a", {}, true);
  native.sever();
  const second = call("b", {}, true);
  expect([native.starts, native.heard.slice(1).map(({ method }) => method)]).toEqual([2, ["a", "b"]]);
  native.say({ id: 2, result: 2 });
  native.say({ id: 1, result: 1 });
  expect([first.answers, second.answers]).toEqual([[{ kind: "result", result: 1 }], [{ kind: "result", result: 2 }]]);
  native.sever();
  expect(call("c").answers).toEqual([{ kind: "gone", reason: "Attempting to use a disconnected port object" }]);
  expect(host.open).toBe(false);
});

test("a host that ends while the fresh one is being told is the last", () => {
  const { native, call } = started();
  native.hears = () => native.die();
  expect(call("a", {}, true).answers).toEqual(gone);
  expect([native.starts, native.heard.length]).toEqual([2, 2]);
});

test("a browser that has no fresh host any more answers with its reason", () => {
  const native = new FakeNative();
  let there = true;
  const host = new Host(() => {
    if (!there) throw new Error("the extension was removed");
    return native.connect();
  });
  const answers: Answer[] = [];
  host.call("a", {}, (answer) => answers.push(answer), true);
  there = false;
  native.die();
  expect(answers).toEqual([{ kind: "gone", reason: "the extension was removed" }]);
});
