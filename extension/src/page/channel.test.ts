import { expect, test, vi } from "vitest";
import { type GateMessage, HELLO, type Verdict } from "../messages.ts";
import { DEAF, openGate } from "./channel.ts";

/** A window with somebody who takes the channel. (Events of Node can't be cancelled, so this says so itself.) */
function listening() {
  const heard: unknown[] = [];
  let port: MessagePort | undefined;
  const dispatchEvent = (event: Event) => {
    expect(event.type).toBe(HELLO);
    port = (event as MessageEvent).ports[0] as MessagePort;
    port.onmessage = ({ data }) => heard.push(data);
    return false;
  };
  const answer = (message: GateMessage) => port?.postMessage(message);
  return { scope: { dispatchEvent }, heard, answer, close: () => port?.close() };
}

test("without a gate there is no channel", () => {
  expect(openGate(new EventTarget())).toBeUndefined();
});

test("answers find their requests, and only once", async () => {
  const { scope, answer, close } = listening();
  const gate = openGate(scope)?.ask;
  const got: { n: number; verdict: Verdict }[] = [];
  gate?.("get", { a: 1 }, (verdict) => got.push({ n: 1, verdict }));
  gate?.("create", { a: 2 }, (verdict) => got.push({ n: 2, verdict }));
  answer({ n: 2, verdict: { kind: "native" } });
  answer({ n: 2, verdict: { kind: "native" } });
  answer({ n: 1, verdict: { kind: "error", name: "A", message: "b" } });
  answer({ n: 9, verdict: { kind: "native" } });
  await vi.waitFor(() => expect(got).toHaveLength(2));
  expect(got.map(({ n }) => n)).toEqual([2, 1]);
  close();
});

test("a cancelled request is told and hears no more", async () => {
  const { scope, heard, answer, close } = listening();
  const settle = vi.fn();
  const gate = openGate(scope)?.ask;
  gate?.("get", {}, settle)();
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard).toEqual([
    { kind: "ask", n: 1, op: "get", options: {} },
    { kind: "cancel", n: 1 },
  ]);
  answer({ n: 1, verdict: { kind: "native" } });
  let later = false;
  gate?.("get", {}, () => {
    later = true;
  });
  answer({ n: 2, verdict: { kind: "native" } });
  await vi.waitFor(() => expect(later).toBe(true));
  expect(settle).not.toHaveBeenCalled();
  close();
});

test("asks whether a phone is paired", async () => {
  const { scope, heard, answer, close } = listening();
  const answered = vi.fn();
  openGate(scope)?.paired(answered);
  await vi.waitFor(() => expect(heard).toEqual([{ kind: "paired", n: 1 }]));
  answer({ n: 1, paired: true });
  answer({ n: 1, paired: false });
  await vi.waitFor(() => expect(answered).toHaveBeenCalledWith(true));
  expect(answered).toHaveBeenCalledOnce();
  close();
});

test("a gate that is no more leaves this and all later requests to the browser", { timeout: 10 * DEAF }, async () => {
  const { scope, heard, close } = listening();
  const gate = openGate(scope)?.ask;
  const settle = vi.fn();
  gate?.("get", {}, settle);
  await vi.waitFor(() => expect(settle).toHaveBeenCalledExactlyOnceWith({ kind: "native" }), 5 * DEAF);
  const later = vi.fn();
  gate?.("get", {}, later);
  expect(later).toHaveBeenCalledExactlyOnceWith({ kind: "native" });
  expect(heard).toHaveLength(1);
  close();
});

test("a gate that has a request may take its time", { timeout: 10 * DEAF }, async () => {
  const { scope, answer, close } = listening();
  const gate = openGate(scope)?.ask;
  const settle = vi.fn();
  gate?.("get", {}, settle);
  answer({ n: 1, heard: true });
  const unheard = vi.fn();
  gate?.("get", {}, unheard); // its patience ends after that of the first
  await vi.waitFor(() => expect(unheard).toHaveBeenCalledExactlyOnceWith({ kind: "native" }), 5 * DEAF);
  expect(settle).not.toHaveBeenCalled();
  answer({ n: 1, verdict: { kind: "error", name: "A", message: "b" } });
  await vi.waitFor(() => expect(settle).toHaveBeenCalledExactlyOnceWith({ kind: "error", name: "A", message: "b" }));
  close();
});
