/** The requests of all pages: each has a port to its gate and a call to the daemon, and neither outlives the other. */
import type { Ask, Progress, Verdict } from "../messages.ts";
import type { Port } from "../platform.ts";
import { type Caller, type CeremonyParams, METHODS, NOTIFY_TAKEN, type Taken } from "../protocol.ts";
import { budget } from "./budget.ts";
import { callerOf } from "./caller.ts";
import type { Answer, Host } from "./host.ts";
import type { Tabs } from "./tabs.ts";
import { NATIVE, refusal, verdictOf } from "./verdict.ts";

/**
 * How long the daemon has to say that it takes a request, in milliseconds: less than a person notices before the browser's
 * own dialog comes. A host that is started for it has no more.
 */
export const TAKE_WITHIN = 200;

/**
 * The same where the RP ID is none of the page's own host, in milliseconds. The browser itself would read the RP ID's list
 * of related origins first (WebAuthn section 5.11.1), which takes as long; the daemon reads it only for an RP ID that it has.
 */
export const RELATED_WITHIN = 2000;

/** When to give up a request that was taken, in milliseconds: four prompts of a minute each, queued, and a margin. */
export const CEILING = 300_000;

export class Requests {
  readonly #host: Host;
  readonly #tabs: Tabs;
  readonly #token: () => string;
  readonly #taken = new Map<string, () => void>();

  /** token makes names that do not repeat. */
  constructor(host: Host, tabs: Tabs, token: () => string = () => crypto.randomUUID()) {
    this.#host = host;
    this.#tabs = tabs;
    this.#token = token;
  }

  /** Hears the daemon's notifications. */
  notified(method: string, params: unknown): void {
    if (method === NOTIFY_TAKEN) this.#taken.get((params as Taken).token)?.();
  }

  /** Serves one port of a gate: its first message is the request, its end is the end of the request. */
  serve(port: Port): void {
    let asked = false;
    port.onMessage.addListener((message) => {
      if (asked) return;
      asked = true;
      this.#begin(port, message as Ask);
    });
  }

  #begin(port: Port, ask: Ask): void {
    const caller = isAsk(ask) ? callerOf(port.sender, ask.framed) : undefined;
    if (caller) this.#ask(port, ask, caller);
    else tell(port, NATIVE);
  }

  #ask(port: Port, { op, options }: Ask, caller: Caller): void {
    const token = this.#token();
    let taken = false;
    let unhint = () => {};
    let spare = budget(
      isRelated(caller.origin, options) ? RELATED_WITHIN : TAKE_WITHIN,
      () => give(NATIVE),
      () => this.#host.words,
    );
    const stop = () => {
      spare();
      unhint();
      this.#taken.delete(token);
    };
    this.#taken.set(token, () => {
      if (taken) return;
      taken = true;
      call.taken();
      spare();
      const timer = setTimeout(() => give(refusal("timed_out")), CEILING);
      spare = () => clearTimeout(timer);
      const tab = port.sender?.tab?.id;
      if (tab !== undefined) unhint = this.#tabs.ask(token, tab);
      tell(port, { kind: "taken" });
    });
    const params: CeremonyParams = { ...caller, token, options };
    const answered = (answer: Answer) => {
      stop();
      tell(port, verdictOf(answer, taken));
    };
    const call = this.#host.call(METHODS[op], params, answered, true);
    const give = (verdict: Verdict) => {
      stop();
      call.cancel();
      tell(port, verdict);
    };
    port.onDisconnect.addListener(() => {
      stop();
      call.cancel();
    });
  }
}

/** Whether options name an RP ID that is no suffix of the page's host. */
function isRelated(origin: string, options: { rpId?: unknown; rp?: { id?: unknown } | null }): boolean {
  const id = options.rpId ?? options.rp?.id;
  return typeof id === "string" && !`.${new URL(origin).hostname}`.endsWith(`.${id}`);
}

function isAsk(ask: Ask | null | undefined): ask is Ask {
  if (typeof ask !== "object" || ask === null || typeof ask.options !== "object" || ask.options === null) return false;
  return (ask.op === "create" || ask.op === "get") && typeof ask.framed === "boolean";
}

function tell(port: Port, progress: Progress): void {
  try {
    port.postMessage(progress);
  } catch {
    // The page has gone; its end of the port says so by itself.
  }
}
