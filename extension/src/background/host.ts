/** The native messaging host, and through it the daemon: one connection for all pages, opened when it is needed. */

import type { Port } from "../platform.ts";
import { MAX_MESSAGE, METHOD_CANCEL, type RpcError } from "../protocol.ts";

/** How long an unused connection stays, in milliseconds: it costs a process, and it saves 20 ms on the next request. */
export const IDLE = 60_000;

/** How a call ended. */
export type Answer =
  | { kind: "result"; result: unknown }
  | { kind: "error"; error: RpcError }
  /** There is no host, or there is none any more; reason is the browser's word for it. */
  | { kind: "gone"; reason: string }
  /** The message is over what host and daemon take. */
  | { kind: "too long" };

/** A call under way. */
export interface Call {
  /** Ends it without an answer, and tells the daemon. */
  cancel(): void;
}

type Answered = (answer: Answer) => void;
type Notified = (method: string, params: unknown) => void;

/** What the browser's connectNative gives, with the reason of its end. */
export interface Connection {
  port: Port;
  reason: () => string;
}

export class Host {
  readonly #connect: () => Connection;
  readonly #notified: Notified;
  readonly #calls = new Map<number, Answered>();
  #port: Port | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #last = 0;

  /** connect starts the host; notified hears what the daemon says unasked. */
  constructor(connect: () => Connection, notified: Notified = () => {}) {
    this.#connect = connect;
    this.#notified = notified;
  }

  /** Whether the host was started already. */
  get open(): boolean {
    return this.#port !== undefined;
  }

  /** Calls a method of the daemon. answered runs once, unless the call is cancelled before. */
  call(method: string, params: object | undefined, answered: Answered): Call {
    const id = ++this.#last;
    const message = { jsonrpc: "2.0", id, method, ...(params && { params }) };
    if (sizeOf(message) > MAX_MESSAGE) {
      answered({ kind: "too long" });
      return { cancel() {} };
    }
    this.#calls.set(id, answered);
    clearTimeout(this.#idle);
    try {
      this.#start().postMessage(message);
    } catch (error) {
      this.#answer(id, { kind: "gone", reason: (error as Error).message });
    }
    return { cancel: () => this.#cancel(id) };
  }

  #start(): Port {
    if (this.#port) return this.#port;
    const { port, reason } = this.#connect();
    port.onMessage.addListener((message) => this.#received(message));
    port.onDisconnect.addListener(() => this.#closed(port, reason()));
    this.#port = port;
    return port;
  }

  #received(message: unknown): void {
    const { id, method, params, result, error } = message as { [name: string]: unknown };
    if (typeof method === "string") this.#notified(method, params);
    else if (typeof id !== "number")
      return; // an error of nobody's call
    else if (error) this.#answer(id, { kind: "error", error: error as RpcError });
    else this.#answer(id, { kind: "result", result });
  }

  #answer(id: number, answer: Answer): void {
    const answered = this.#calls.get(id);
    this.#calls.delete(id);
    this.#rest();
    answered?.(answer);
  }

  #cancel(id: number): void {
    if (!this.#calls.delete(id)) return;
    try {
      this.#port?.postMessage({ jsonrpc: "2.0", method: METHOD_CANCEL, params: { id } });
    } catch {
      // A host that is gone has cancelled it.
    }
    this.#rest();
  }

  #closed(port: Port, reason: string): void {
    if (this.#port !== port) return;
    this.#port = undefined;
    for (const id of [...this.#calls.keys()]) this.#answer(id, { kind: "gone", reason });
  }

  /** Starts the clock of an unused connection. */
  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#calls.size > 0 || !this.#port) return;
    this.#idle = setTimeout(() => {
      const port = this.#port;
      this.#port = undefined;
      port?.disconnect();
    }, IDLE);
  }
}

/** What has no JSON form (Firefox's ports carry cycles) is too long, too. */
function sizeOf(message: object): number {
  try {
    return new TextEncoder().encode(JSON.stringify(message)).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
