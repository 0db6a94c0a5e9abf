import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakePort } from "../fake/port.ts";
import { HELLO, OFFER_PORT, type PageMessage } from "../messages.ts";
import { type Background, openGate } from "./gate.ts";

class FakeDocument {
  hasFocus() {
    return focused;
  }
  get visibilityState() {
    return "visible";
  }
  get featurePolicy() {
    return { allowsFeature: () => allowed };
  }
}

let allowed: boolean;
let focused: boolean;
let ports: FakePort[];
let open: MessagePort[];

beforeEach(() => {
  allowed = true;
  focused = true;
  ports = [];
  open = [];
  const window = {};
  vi.stubGlobal("Document", FakeDocument);
  vi.stubGlobal("document", new FakeDocument());
  vi.stubGlobal("self", { origin: "https://shop.example" });
  vi.stubGlobal("window", Object.assign(window, { top: window }));
});
afterEach(() => {
  for (const port of open) port.close();
  vi.unstubAllGlobals();
});

/** A window with an open gate; connect gives the background's ends. */
function gated(connect = pair, message: Background["message"] = async () => true) {
  const scope = Object.assign(new EventTarget(), { document }) as Window;
  openGate(scope, { connect, message });
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  scope.dispatchEvent(new MessageEvent(HELLO, { ports: [port2], cancelable: true }));
  const heard: unknown[] = [];
  const acknowledged: number[] = [];
  port1.onmessage = ({ data }) => void ("heard" in data ? acknowledged.push(data.n) : heard.push(data));
  return { scope, heard, acknowledged, say: (message: PageMessage) => port1.postMessage(message) };
}

function pair(name: string): FakePort {
  const [near, far] = FakePort.pair(name);
  ports.push(far);
  far.onMessage.addListener((message) => far.sent.push(message));
  return near;
}

const ask = (n: number): PageMessage => ({ kind: "ask", n, op: "get", options: { challenge: "AQ" } });

test("each request gets a port, and its verdict goes back by its number", async () => {
  const { heard, acknowledged, say } = gated();
  say(ask(1));
  say(ask(2));
  await vi.waitFor(() => expect(ports).toHaveLength(2));
  await vi.waitFor(() => expect(acknowledged).toEqual([1, 2]));
  expect(ports[0]?.sent).toEqual([{ op: "get", options: { challenge: "AQ" }, framed: false }]);
  ports[1]?.postMessage({ kind: "native" });
  await vi.waitFor(() => expect(heard).toEqual([{ n: 2, verdict: { kind: "native" } }]));
  expect(ports[0]?.closed).toBe(false);
});

test("the browser takes over from a person once the page has the focus again", async () => {
  focused = false;
  const { scope, heard, say } = gated();
  say(ask(1));
  say(ask(2));
  await vi.waitFor(() => expect(ports).toHaveLength(2));
  ports[0]?.postMessage({ kind: "native", asked: true });
  ports[1]?.postMessage({ kind: "native" });
  await vi.waitFor(() => expect(heard).toEqual([{ n: 2, verdict: { kind: "native" } }]));
  scope.dispatchEvent(new Event("focus"));
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard[1]).toEqual({ n: 1, verdict: { kind: "native", asked: true } });
});

test("what policy forbids is the browser's to refuse", async () => {
  allowed = false;
  const { heard, say } = gated();
  say(ask(1));
  await vi.waitFor(() => expect(heard).toEqual([{ n: 1, verdict: { kind: "native" } }]));
  expect(ports).toEqual([]);
});

test("an extension that was updated under the page leaves the request to the browser", async () => {
  const { heard, say } = gated(() => {
    throw new Error("Extension context invalidated.");
  });
  say(ask(1));
  await vi.waitFor(() => expect(heard).toEqual([{ n: 1, verdict: { kind: "native" } }]));
});

test("cancelling closes the port and says nothing", async () => {
  const { heard, say } = gated();
  say(ask(1));
  await vi.waitFor(() => expect(ports).toHaveLength(1));
  say({ kind: "cancel", n: 1 });
  await vi.waitFor(() => expect(ports[0]?.closed).toBe(true));
  say(ask(2));
  await vi.waitFor(() => expect(ports).toHaveLength(2));
  expect(heard).toEqual([]);
});

test("cancelling at once opens no port", async () => {
  const { heard, say } = gated();
  say(ask(1));
  say({ kind: "cancel", n: 1 });
  say(ask(2));
  await vi.waitFor(() => expect(ports.some((port) => !port.closed)).toBe(true));
  expect(ports.filter((port) => !port.closed)).toHaveLength(1);
  expect(heard).toEqual([]);
});

test("a page that is left cancels, and finds an answer if it comes back", async () => {
  const { scope, heard, say } = gated();
  say(ask(1));
  await vi.waitFor(() => expect(ports).toHaveLength(1));
  scope.dispatchEvent(new Event("pagehide"));
  expect(ports[0]?.closed).toBe(true);
  scope.dispatchEvent(new Event("pageshow"));
  await vi.waitFor(() => expect(heard).toMatchObject([{ n: 1, verdict: { kind: "error", name: "NotAllowedError" } }]));
});

test("nobody else hears the hello", () => {
  const scope = new EventTarget() as Window;
  openGate(scope, { connect: pair, message: async () => true });
  const late = vi.fn();
  scope.addEventListener(HELLO, late);
  const hello = new MessageEvent(HELLO, { ports: [new MessageChannel().port2] });
  open.push(...hello.ports);
  scope.dispatchEvent(hello);
  expect(late).not.toHaveBeenCalled();
});

test.each([
  ["yes", async () => true, true],
  ["no", async () => false, false],
  ["nothing", async () => undefined, false],
  ["a refusal", () => Promise.reject(new Error("Extension context invalidated.")), false],
])("whether a phone is paired is the background's word: %s", async (_, message, paired) => {
  const { heard, say } = gated(pair, message);
  say({ kind: "paired", n: 4 });
  await vi.waitFor(() => expect(heard).toEqual([{ n: 4, paired }]));
});

test("an offer gets a port of its own, and what is picked goes back by its number", async () => {
  const { heard, say } = gated();
  say({ kind: "offer", n: 3, options: { challenge: "AQ" } });
  await vi.waitFor(() => expect(ports).toHaveLength(1));
  expect(ports[0]?.name).toBe(OFFER_PORT);
  expect(ports[0]?.sent).toEqual([{ options: { challenge: "AQ" }, framed: false }]);
  ports[0]?.postMessage({ credential: "AQ" });
  await vi.waitFor(() => expect(heard).toEqual([{ n: 3, picked: "AQ" }]));
});

test("an offer that is over closes its port, also when the page is left", async () => {
  const { scope, say } = gated();
  say({ kind: "offer", n: 3, options: {} });
  say({ kind: "offer", n: 4, options: {} });
  await vi.waitFor(() => expect(ports).toHaveLength(2));
  say({ kind: "cancel", n: 3 });
  await vi.waitFor(() => expect(ports[0]?.closed).toBe(true));
  scope.dispatchEvent(new Event("pagehide"));
  expect(ports[1]?.closed).toBe(true);
});

test("nothing is offered where the policy forbids it", async () => {
  allowed = false;
  const { heard, say } = gated();
  say({ kind: "offer", n: 3, options: {} });
  say(ask(4));
  await vi.waitFor(() => expect(heard).toEqual([{ n: 4, verdict: { kind: "native" } }]));
  expect(ports).toEqual([]);
});

test("a signal goes on, and a runtime that is gone harms nobody", async () => {
  const message = vi.fn(() => Promise.reject(new Error("gone")));
  const { say } = gated(pair, message);
  say({ kind: "signal", signal: "unknownCredential", options: { rpId: "shop.example" } });
  const word = { kind: "signal", signal: "unknownCredential", options: { rpId: "shop.example" }, framed: false };
  await vi.waitFor(() => expect(message).toHaveBeenCalledExactlyOnceWith(word));
});
