/**
 * The native messaging host, and through it the daemon: one connection for all pages. It is opened as the browser starts,
 * or when it is needed, and stays as long as the daemon does: a host that has to be started first takes as long as a
 * person waits for a page, and one that waits costs 2 MB of its own.
 */

import type { Port } from "../platform.ts";
import { MAX_MESSAGE, METHOD_CANCEL, NOTIFY_NOT_RUNNING, type RpcError } from "../protocol.ts";

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
  /** The daemon acts on it: from now on no other host gets it. */
  taken(): void;
}

type Answered = (answer: Answer) => void;

/** What a call is sent and answered by. */
interface Open {
  readonly message: object;
  readonly answered: Answered;
  /** Another host may get it, should this one end. */
  again: boolean;
}

/** What browsers say when they will start no host, however often they are asked. */
const NO_HOST = /not found|no such native|forbidden|permission/i;

/** What the host tells of itself. */
export interface HostEvents {
  /** The daemon said something unasked. */
  notified?: (method: string, params: unknown) => void;
  /** The host was started; whether there is a daemon behind it shows later. */
  opened?: () => void;
  /** It ended; reason is the browser's word for it. */
  closed?: (reason: string) => void;
}

/** What the browser's connectNative gives, with the reason of its end. */
export interface Connection {
  port: Port;
  reason: () => string;
}

export class Host {
  readonly #connect: () => Connection;
  readonly #events: HostEvents;
  readonly #calls = new Map<number, Open>();
  #port: Port | undefined;
  /** The host said that it finds no daemon. */
  #alone = false;
  #last = 0;
  #words = 0;

  /** connect starts the host. */
  constructor(connect: () => Connection, events: HostEvents = {}) {
    this.#connect = connect;
    this.#events = events;
  }

  /** Whether the host runs. */
  get open(): boolean {
    return this.#port !== undefined;
  }

  /** How often the daemon has said something. */
  get words(): number {
    return this.#words;
  }

  /** Starts the host, so that the next call need not. */
  warm(): void {
    try {
      this.#start();
    } catch (error) {
      this.#events.closed?.((error as Error).message);
    }
  }

  /**
   * Calls a method of the daemon. answered runs once, unless the call is cancelled before.
   *
   * With again, a call whose host ends before the daemon takes it goes once more, to a fresh host: hosts are killed, and
   * end with a daemon that is just restarting. It raises no second prompt. A call ends with its connection, which a host
   * that has ended does not have any more, and the daemon shows one prompt at a time: should the word that it took the
   * call have been lost with the host, that prompt goes before the next one comes. Nothing is sent again where the host
   * found no daemon or the browser starts none, so a browser without them is asked for nothing twice.
   */
  call(method: string, params: object | undefined, answered: Answered, again = false): Call {
    const id = ++this.#last;
    const message = { jsonrpc: "2.0", id, method, ...(params && { params }) };
    if (sizeOf(message) > MAX_MESSAGE) {
      answered({ kind: "too long" });
      return { cancel() {}, taken() {} };
    }
    const open = { message, answered, again };
    this.#calls.set(id, open);
    this.#send(id, message);
    return {
      cancel: () => this.#cancel(id),
      taken: () => {
        open.again = false;
      },
    };
  }

  #send(id: number, message: object): void {
    try {
      this.#start().postMessage(message);
    } catch (error) {
      const reason = (error as Error).message;
      if (this.#port) return this.#closed(this.#port, reason); // it ended, and nobody said so yet
      this.#answer(id, { kind: "gone", reason });
      this.#events.closed?.(reason);
    }
  }

  #start(): Port {
    if (this.#port) return this.#port;
    const { port, reason } = this.#connect();
    port.onMessage.addListener((message) => this.#received(message));
    port.onDisconnect.addListener(() => this.#closed(port, reason()));
    this.#port = port;
    this.#alone = false;
    this.#events.opened?.();
    return port;
  }

  #received(message: unknown): void {
    this.#words++;
    const { id, method, params, result, error } = message as { [name: string]: unknown };
    if (method === NOTIFY_NOT_RUNNING) this.#alone = true;
    else if (typeof method === "string") this.#events.notified?.(method, params);
    else if (typeof id !== "number")
      return; // an error of nobody's call
    else if (error) this.#answer(id, { kind: "error", error: error as RpcError });
    else this.#answer(id, { kind: "result", result });
  }

  #answer(id: number, answer: Answer): void {
    const open = this.#calls.get(id);
    this.#calls.delete(id);
    open?.answered(answer);
  }

  #cancel(id: number): void {
    if (!this.#calls.delete(id)) return;
    try {
      this.#port?.postMessage({ jsonrpc: "2.0", method: METHOD_CANCEL, params: { id } });
    } catch {
      // A host that is gone has cancelled it.
    }
  }

  #closed(port: Port, reason: string): void {
    if (this.#port !== port) return;
    this.#port = undefined;
    const final = this.#alone || NO_HOST.test(reason);
    const before = [...this.#calls];
    this.#events.closed?.(reason);
    for (const [id, open] of before) {
      if (final || !open.again) this.#answer(id, { kind: "gone", reason });
      else if (this.#calls.has(id)) this.#resend(id, open);
    }
  }

  #resend(id: number, open: Open): void {
    open.again = false;
    this.#send(id, open.message);
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
