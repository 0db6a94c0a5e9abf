/** The boundary between pages and the background: whatever comes over it, only the browser's word says who asks. */
import { expect, test } from "vitest";
import { FakeNative } from "../fake/daemon.ts";
import { FakePort } from "../fake/port.ts";
import { numbers, seed, value } from "../fake/random.ts";
import type { GateWord } from "../messages.ts";
import { Host } from "./host.ts";
import { Offers } from "./offers.ts";
import { Requests } from "./requests.ts";
import { passOn } from "./signals.ts";
import { Tabs } from "./tabs.ts";

const ROUNDS = 3000;
const sender = { origin: "https://shop.example", frameId: 0, tab: { id: 1 } } as never;
const METHODS = ["webauthn.create", "webauthn.get", "webauthn.candidates", "webauthn.signal", "cancel"];

/** A background with one port of each kind, and the daemon that it speaks to. */
function background() {
  const native = new FakeNative();
  const tabs = new Tabs();
  const host = new Host(native.connect, { notified: (method, params) => requests.notified(method, params) });
  const requests = new Requests(host, tabs);
  const offers = new Offers(host, tabs);
  const send = (to: { serve(port: FakePort): void }, message: unknown) => {
    const [gate, ours] = FakePort.pair("", sender);
    to.serve(ours);
    gate.postMessage(message);
    gate.disconnect();
  };
  return { native, host, requests, offers, send };
}

test("no message of a page speaks for another origin, calls another method, or throws", () => {
  const from = seed();
  const next = numbers(from);
  const { native, host, requests, offers, send } = background();
  for (let i = 0; i < ROUNDS; i++) {
    const message = value(next);
    const half = { op: "get", options: value(next, 2), framed: next() > 0.5, signal: "currentUserDetails" };
    for (const one of [message, { ...half, ...(message as object) }]) {
      send(requests, one);
      send(offers, one);
      passOn(host, { ...Object(one) } as GateWord & { kind: "signal" }, sender);
    }
  }
  const wrong = native.heard.filter(({ method, params }) => {
    if (!METHODS.includes(method)) return true;
    return method !== "cancel" && (params?.["origin"] !== "https://shop.example" || Object.hasOwn(params, "topOrigin"));
  });
  expect({ seed: from, wrong }).toEqual({ seed: from, wrong: [] });
  expect(native.heard.length).toBeGreaterThan(100);
  expect(({} as { origin?: string }).origin).toBeUndefined();
});

test("no message of the daemon throws or answers a call that is not its own", () => {
  const from = seed();
  const next = numbers(from);
  const { native, host } = background();
  const answers: unknown[] = [];
  host.call("status", undefined, (answer) => answers.push(answer));
  for (let i = 0; i < ROUNDS; i++) native.say({ ...Object(value(next)), id: `${i}` });
  expect({ seed: from, answers }).toEqual({ seed: from, answers: [] });
});
