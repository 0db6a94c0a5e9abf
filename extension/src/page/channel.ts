/**
 * The hook's way to the gate. The hook makes a channel and hands one end over by a synchronous event, before the first
 * script of the page exists to listen. From then on nothing in the page can read it, write to it, or see that it is there.
 */
import { type GateMessage, HELLO, type Operation, type PageMessage, type Verdict } from "../messages.ts";
import { dataIn, send } from "./primordials.ts";

/** Asks the gate; settle runs once with its verdict, unless the returned function cancels before. */
export type Gate = (op: Operation, options: object, settle: (verdict: Verdict) => void) => () => void;

/** What the page world can ask. */
export interface Channel {
  ask: Gate;
  /** Whether a phone is paired; it may be that no answer ever comes. */
  paired(answer: (paired: boolean) => void): void;
}

/** Opens the channel. Without a gate to take it there is nothing to ask, and undefined comes back. */
export function openGate(scope: Pick<EventTarget, "dispatchEvent">): Channel | undefined {
  const { port1, port2 } = new MessageChannel();
  const hello = new MessageEvent(HELLO, { ports: [port2], cancelable: true });
  if (scope.dispatchEvent(hello)) return undefined;
  return through(port1);
}

function through(port: MessagePort): Channel {
  const waiting: { [n: number]: ((message: GateMessage) => void) | undefined } = {};
  let last = 0;
  port.onmessage = (event) => {
    const message = dataIn(event) as GateMessage;
    waiting[message.n]?.(message);
    delete waiting[message.n];
  };
  const say = (message: PageMessage) => send(port, message);
  const next = (heard: (message: GateMessage) => void): number => {
    waiting[++last] = heard;
    return last;
  };
  return {
    ask(op, options, settle) {
      const n = next((message) => "verdict" in message && settle(message.verdict));
      say({ kind: "ask", n, op, options });
      return () => {
        delete waiting[n];
        say({ kind: "cancel", n });
      };
    },
    paired(answer) {
      say({ kind: "paired", n: next((message) => answer("paired" in message && message.paired)) });
    },
  };
}
