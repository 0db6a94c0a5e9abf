/**
 * The hook's way to the gate. The hook makes a channel and hands one end over by a synchronous event, before the first
 * script of the page exists to listen. From then on nothing in the page can read it, write to it, or see that it is there.
 */
import { type GateMessage, HELLO, type Operation, type PageMessage, type Verdict } from "../messages.ts";
import type { SignalKind } from "../protocol.ts";
import { dataIn, later, send } from "./primordials.ts";

/**
 * How long a gate may take to say that it has a request, in milliseconds. It is in the same process, so one that does not
 * is none any more: Firefox ends it, without a word, when the extension is updated, and gives the page a new one with a
 * hook of its own, which asks this hook next.
 */
export const DEAF = 2000;

/** Asks the gate; settle runs once with its verdict, unless the returned function cancels before. */
export type Gate = (op: Operation, options: object, settle: (verdict: Verdict) => void) => () => void;

/** What the page world can ask and say. */
export interface Channel {
  ask: Gate;
  /** Offers the person what could answer a conditional request; picked runs once at most, and not after the returned function. */
  offer(options: object, picked: (credential: string) => void): () => void;
  /** Passes on what the website says of its credentials. */
  signal(kind: SignalKind, options: object): void;
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
  let heard = 0;
  let deaf = false;
  port.onmessage = (event) => {
    const message = dataIn(event) as GateMessage;
    if ("heard" in message) {
      heard = message.n;
      return;
    }
    waiting[message.n]?.(message);
    delete waiting[message.n];
  };
  const say = (message: PageMessage) => send(port, message);
  const next = (answered: (message: GateMessage) => void): number => {
    waiting[++last] = answered;
    return last;
  };
  const over = (n: number) => () => {
    delete waiting[n];
    say({ kind: "cancel", n });
  };
  return {
    ask(op, options, settle) {
      if (deaf) {
        settle({ kind: "native" });
        return () => {};
      }
      const n = next((message) => "verdict" in message && settle(message.verdict));
      say({ kind: "ask", n, op, options });
      later(() => {
        if (heard >= n || !waiting[n]) return;
        deaf = true;
        delete waiting[n];
        settle({ kind: "native" });
      }, DEAF);
      return over(n);
    },
    offer(options, picked) {
      const n = next((message) => "picked" in message && picked(message.picked));
      say({ kind: "offer", n, options });
      return over(n);
    },
    signal: (signal, options) => say({ kind: "signal", signal, options }),
    paired(answer) {
      say({ kind: "paired", n: next((message) => answer("paired" in message && message.paired)) });
    },
  };
}
