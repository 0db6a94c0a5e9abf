/**
 * The hook's way to the gate. The hook makes a channel and hands one end over by a synchronous event, before the first
 * script of the page exists to listen. From then on nothing in the page can read it, write to it, or see that it is there.
 */
import { type GateMessage, HELLO, type Operation, type PageMessage, type Verdict } from "../messages.ts";
import { dataIn, send } from "./primordials.ts";

/** Asks the gate; settle runs once with its verdict, unless the returned function cancels before. */
export type Gate = (op: Operation, options: object, settle: (verdict: Verdict) => void) => () => void;

/** Opens the channel. Without a gate to take it there is nothing to ask, and undefined comes back. */
export function openGate(scope: Pick<EventTarget, "dispatchEvent">): Gate | undefined {
  const { port1, port2 } = new MessageChannel();
  const hello = new MessageEvent(HELLO, { ports: [port2], cancelable: true });
  if (scope.dispatchEvent(hello)) return undefined;
  return askThrough(port1);
}

function askThrough(port: MessagePort): Gate {
  const waiting: { [n: number]: ((verdict: Verdict) => void) | undefined } = {};
  let last = 0;
  port.onmessage = (event) => {
    const { n, verdict } = dataIn(event) as GateMessage;
    waiting[n]?.(verdict);
    delete waiting[n];
  };
  return (op, options, settle) => {
    const n = ++last;
    waiting[n] = settle;
    send(port, { kind: "ask", n, op, options } satisfies PageMessage);
    return () => {
      delete waiting[n];
      send(port, { kind: "cancel", n } satisfies PageMessage);
    };
  };
}
