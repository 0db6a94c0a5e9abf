import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeNative } from "../fake/daemon.ts";
import { assertion } from "../fake/page.ts";
import { FakePort } from "../fake/port.ts";
import { REQUEST_PORT } from "../messages.ts";
import { STEP } from "./budget.ts";
import { Host } from "./host.ts";
import { CEILING, RELATED_WITHIN, Requests, TAKE_WITHIN } from "./requests.ts";
import { Tabs } from "./tabs.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const sender = { origin: "https://login.contoso.example", frameId: 0 };

function background() {
  const native = new FakeNative();
  let tokens = 0;
  const host = new Host(native.connect, { notified: (method, params) => requests.notified(method, params) });
  const tabs = new Tabs();
  const requests = new Requests(host, tabs, () => `token-${++tokens}`);
  const port = (from: object = sender) => {
    const [gate, ours] = FakePort.pair(REQUEST_PORT, from as typeof sender);
    const heard: unknown[] = [];
    gate.onMessage.addListener((progress) => heard.push(progress));
    requests.serve(ours);
    return { gate, heard };
  };
  const ask = (message: object = {}, from: object = sender) => {
    const { gate, heard } = port(from);
    gate.postMessage({ op: "get", options: { challenge: "AQ" }, framed: false, ...message });
    return { gate, heard };
  };
  return { native, port, ask, tabs };
}

const native = [{ kind: "native" }];
const taken = { kind: "taken" };
const stoppedVerdict = () => ({ kind: "error", name: "NotAllowedError", message: "tallykey stopped" });

test("the daemon hears who asks and what for", () => {
  const { native, ask } = background();
  ask({ op: "create", options: { rp: {} } });
  expect(native.heard).toEqual([
    {
      jsonrpc: "2.0",
      id: 1,
      method: "webauthn.create",
      params: { origin: sender.origin, crossOrigin: false, token: "token-1", options: { rp: {} } },
    },
  ]);
});

test("the page hears that a person is asked, then how it ended", () => {
  const { native, ask } = background();
  const { heard } = ask();
  native.take();
  native.say({ id: 1, result: assertion });
  expect(heard).toEqual([taken, { kind: "credential", credential: assertion }]);
});

test("a tab shows that a person is asked, until the request is over", () => {
  const { native, ask, tabs } = background();
  ask({}, { ...sender, tab: { id: 7 } });
  expect(tabs.pending(7)).toBe(false);
  native.take();
  expect(tabs.pending(7)).toBe(true);
  native.say({ id: 1, result: assertion });
  expect(tabs.pending(7)).toBe(false);
});

test("a request that nobody takes in time is the browser's, and the daemon is told", () => {
  expect(TAKE_WITHIN).toBe(200);
  const { native, ask } = background();
  ask().gate.disconnect();
  const { heard } = ask();
  vi.advanceTimersByTime(TAKE_WITHIN - 1);
  expect(heard).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(heard).toEqual([{ kind: "native" }]);
  expect(native.last).toEqual({ jsonrpc: "2.0", method: "cancel", params: { id: 2 } });
  native.say({ method: "webauthn.taken", params: { token: "token-2", request: "late" } });
  expect(heard).toHaveLength(1);
});

test.each([
  [{ op: "get", options: { rpId: "contoso.example" } }, TAKE_WITHIN],
  [{ op: "get", options: { rpId: "login.contoso.example" } }, TAKE_WITHIN],
  [{ op: "create", options: { rp: { id: "contoso.example" } } }, TAKE_WITHIN],
  [{ op: "create", options: { rp: null } }, TAKE_WITHIN],
  [{ op: "get", options: { rpId: "contoso-shop.example" } }, RELATED_WITHIN],
  [{ op: "get", options: { rpId: "n.contoso.example" } }, RELATED_WITHIN],
  [{ op: "create", options: { rp: { id: "contoso-shop.example" } } }, RELATED_WITHIN],
])("the daemon may read the list of a related origin meanwhile: %j", (message, within) => {
  const { ask } = background();
  const { heard } = ask(message);
  vi.advanceTimersByTime(within - 1);
  expect(heard).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(heard).toEqual(native);
});

test("a request that was taken waits for the person, but not for ever", () => {
  const { native, ask } = background();
  const { heard } = ask();
  native.take();
  vi.advanceTimersByTime(CEILING - 1);
  expect(heard).toEqual([taken]);
  vi.advanceTimersByTime(1);
  expect(heard[1]).toEqual({ kind: "error", name: "NotAllowedError", message: "Request timeout" });
  expect(native.last.method).toBe("cancel");
});

test("only the request of the token is taken", () => {
  const { native, ask } = background();
  const [first, second] = [ask(), ask()];
  native.take();
  vi.advanceTimersByTime(TAKE_WITHIN + STEP); // the word about the other one counts anew
  expect(first.heard).toEqual([{ kind: "native" }]);
  expect(second.heard).toEqual([taken]);
});

test("a page that goes away cancels", () => {
  const { native, ask } = background();
  const { gate } = ask();
  native.take();
  gate.disconnect();
  expect(native.last).toEqual({ jsonrpc: "2.0", method: "cancel", params: { id: 1 } });
  vi.advanceTimersByTime(CEILING);
  expect(native.heard).toHaveLength(2);
});

test("a page that goes away after the verdict cancels nothing", () => {
  const { native, ask } = background();
  const { gate } = ask();
  native.say({ id: 1, error: { code: -32000, message: "", data: { code: "not_ours", fallThrough: true } } });
  gate.disconnect();
  expect(native.heard).toHaveLength(1);
});

test.each<[string, (native: FakeNative) => void, (native: FakeNative) => void]>([
  ["before it hears the request", (native) => native.sever(), () => {}],
  ["as it hears the request", () => {}, (native) => native.die()],
])("a host that ends %s loses nothing", (_, before, after) => {
  const { native, ask } = background();
  ask().gate.disconnect(); // the host runs
  before(native);
  const { heard } = ask();
  after(native);
  expect([native.starts, native.last.id, native.last.params?.["token"]]).toEqual([2, 2, "token-2"]);
  native.take();
  native.say({ id: 2, result: assertion });
  expect(heard).toEqual([taken, { kind: "credential", credential: assertion }]);
});

test.each<[string, ("die" | "leave" | "take")[], object[]]>([
  ["twice", ["die", "die"], [{ kind: "native" }]],
  ["for there is no daemon", ["leave"], [{ kind: "native" }]],
  ["after the request was taken", ["take", "die"], [taken, stoppedVerdict()]],
])("a host that ends %s ends the request", (_, steps, verdicts) => {
  const { native, ask } = background();
  const { heard } = ask();
  for (const step of steps) native[step]();
  const { starts } = native;
  vi.advanceTimersByTime(CEILING);
  expect([heard, native.starts]).toEqual([verdicts, starts]);
});

test("a fresh host has what is left of the time, and no more", () => {
  const { native, ask } = background();
  const { heard } = ask();
  vi.advanceTimersByTime(TAKE_WITHIN - STEP);
  native.die();
  expect([native.starts, heard]).toEqual([2, []]);
  vi.advanceTimersByTime(STEP);
  expect(heard).toEqual([{ kind: "native" }]);
  expect(native.last).toEqual({ jsonrpc: "2.0", method: "cancel", params: { id: 1 } });
});

test("what a person saw is not asked again, what nobody saw is", () => {
  const { native, ask } = background();
  const seen = ask();
  native.take();
  const unseen = ask();
  native.die();
  expect(seen.heard[1]).toEqual(stoppedVerdict());
  expect(unseen.heard).toEqual([]);
  expect([native.starts, native.last.params?.["token"]]).toEqual([2, "token-2"]);
});

test.each([
  ["an opaque origin", {}, { origin: "null", frameId: 0 }],
  ["an unknown operation", { op: "toString" }, sender],
  ["no options", { options: "text" }, sender],
  ["no word about the frame", { framed: undefined }, sender],
])("the daemon is not asked for %s", (_, message, from) => {
  const background_ = background();
  expect(background_.ask(message, from).heard).toEqual(native);
  expect(background_.native.starts).toBe(0);
});

test("a port asks once", () => {
  const { native, ask } = background();
  const { gate } = ask();
  gate.postMessage({ op: "get", options: {}, framed: false });
  expect(native.heard).toHaveLength(1);
});

const cyclic: { [name: string]: unknown } = {};
cyclic["self"] = cyclic;

test.each<[string, unknown]>([
  ["nothing", undefined],
  ["null", null],
  ["a number", 7],
  ["a text", "create"],
  ["a list", []],
  ["no options", { op: "get", framed: false }],
  ["null options", { op: "get", options: null, framed: false }],
  ["options as a text", { op: "get", options: "{}", framed: false }],
  ["options without an end", { op: "get", options: cyclic, framed: false }],
  ["no word about the frame", { op: "get", options: {} }],
  ["another word about the frame", { op: "get", options: {}, framed: "no" }],
  ["a method of the daemon", { op: "stop", options: {}, framed: false }],
  ["a member of every object", { op: "constructor", options: {}, framed: false }],
  ["a prototype", { op: "__proto__", options: {}, framed: false }],
  ["an op that is a list", { op: [["get"]], options: {}, framed: false }],
])("a message that the gate would never send goes no further: %s", (_, message) => {
  const { native: host, port } = background();
  const { gate, heard } = port();
  gate.postMessage(message);
  expect(heard).toEqual(native);
  gate.postMessage({ op: "get", options: {}, framed: false }); // a port has one request
  expect(heard).toEqual(native);
  expect(host.heard).toEqual([]);
});

test("what the options hold changes nothing about who asks", () => {
  const { native, ask } = background();
  const options = JSON.parse(
    `{"origin":"https://bank.example","__proto__":{"origin":"https://bank.example"},"token":"x"}`,
  );
  ask({ options, origin: "https://bank.example", topOrigin: "https://bank.example", token: "x", crossOrigin: true });
  expect(native.last.params).toEqual({ origin: sender.origin, crossOrigin: false, token: "token-1", options });
});
