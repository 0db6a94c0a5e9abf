import { expect, test } from "vitest";
import { FakeNative } from "../fake/daemon.ts";
import { FakePort } from "../fake/port.ts";
import { OFFER_PORT } from "../messages.ts";
import { Host } from "./host.ts";
import { MOST, Offers } from "./offers.ts";
import { Tabs } from "./tabs.ts";

const sender = { origin: "https://login.contoso.example", frameId: 0, tab: { id: 7 } };
const alice = { id: "AQ", account: "alice@contoso.example" };

function background() {
  const native = new FakeNative();
  const tabs = new Tabs();
  const offers = new Offers(new Host(native.connect), tabs);
  const make = (offer: unknown = { options: { challenge: "AQ" }, framed: false }, from: object = sender) => {
    const [gate, ours] = FakePort.pair(OFFER_PORT, from as never);
    const heard: unknown[] = [];
    gate.onMessage.addListener((message) => heard.push(message));
    offers.serve(ours);
    gate.postMessage(offer);
    return { gate, heard };
  };
  return { native, tabs, make };
}

test("the daemon is asked what could answer, and what it names is offered", () => {
  const { native, tabs, make } = background();
  const { gate, heard } = make();
  expect(native.last).toMatchObject({
    method: "webauthn.candidates",
    params: { origin: sender.origin, crossOrigin: false, options: { challenge: "AQ" } },
  });
  native.say({ id: 1, result: [alice] });
  expect(tabs.registrations(7)).toEqual([alice]);
  tabs.pick(7, "AQ");
  expect(heard).toEqual([{ credential: "AQ" }]);
  gate.disconnect();
  expect(tabs.offers()).toEqual([]);
});

test("a page that goes away while the daemon is asked cancels", () => {
  const { native, tabs, make } = background();
  make().gate.disconnect();
  expect(native.last.method).toBe("cancel");
  native.say({ id: 1, result: [alice] });
  expect(tabs.offers()).toEqual([]);
});

test.each([
  ["none", { result: [] }],
  ["null", { result: null }],
  ["what is no list", { result: { 0: alice } }],
  ["what is no registration", { result: [null, {}, { id: 5, account: "a" }] }],
  ["an error", { error: { code: -32601, message: "no such method" } }],
])("nothing is offered for %s", (_, answer) => {
  const { native, tabs, make } = background();
  const { gate } = make();
  native.say({ id: 1, ...answer });
  expect(tabs.offers()).toEqual([]);
  expect(gate.closed).toBe(true);
});

test("no more than a person can choose from", () => {
  const { native, tabs, make } = background();
  make();
  native.say({ id: 1, result: Array.from({ length: 100 }, (_, i) => ({ id: `${i}`, account: "a" })) });
  expect(tabs.registrations(7)).toHaveLength(MOST);
});

test.each<[string, unknown, object]>([
  ["an opaque origin", undefined, { ...sender, origin: "null" }],
  ["no tab", undefined, { ...sender, tab: undefined }],
  ["no options", { framed: false }, sender],
  ["no word about the frame", { options: {} }, sender],
  ["null", null, sender],
])("the daemon is not asked for %s", (_, offer, from) => {
  const { native, make } = background();
  expect(make(offer, from).gate.closed).toBe(true);
  expect(native.starts).toBe(0);
});
