/**
 * The hook: navigator.credentials.create and get ask tallykey first. Whatever it does not answer, the browser answers
 * with the page's own arguments, as if nothing were installed.
 */
import type { CredentialJSON, Operation, Verdict } from "../messages.ts";
import type { Channel } from "./channel.ts";
import { type CredentialScope, Credentials } from "./credential.ts";
import {
  abortable,
  aborted,
  apply,
  deadSignal,
  defineProperty,
  getOwnPropertyDescriptor,
  offAbort,
  onAbort,
  PageError,
  PageTypeError,
  Pledge,
  reason,
} from "./primordials.ts";
import { type PageRequest, readRequest } from "./request.ts";

/** The part of a window that the hook needs. */
export interface HookScope extends CredentialScope {
  CredentialsContainer: { prototype: object };
  Navigator: { prototype: object };
  navigator: { credentials: object };
}

/** A function that answers in our stead: with the page's own arguments, or with another first one. */
type Native = (argument?: object) => Promise<unknown>;
/** The hook's part of the channel. */
export type Gate = Pick<Channel, "ask" | "offer">;
type Outcome = Verdict | { kind: "aborted"; signal: AbortSignal };

const NATIVE: Verdict = { kind: "native" };

/** Installs the hook in a window. */
export function installHook(scope: HookScope, gate: Gate): void {
  const hook = new Hook(new Credentials(scope), gate);
  const { prototype } = scope.CredentialsContainer;
  const own = containerOf(scope);
  const wrap = (holder: object, receiver: unknown, op: Operation, judge: Native) => {
    const known = getOwnPropertyDescriptor(holder, op);
    if (typeof known?.value !== "function") return;
    const inner = known.value as (...args: unknown[]) => Promise<unknown>;
    const value = new Proxy(inner, {
      apply(_, self: unknown, args: unknown[]) {
        const next: Native = (argument) => apply(inner, self, argument ? [argument] : args);
        // Another window's container has another gate; a wrong receiver gets the browser's own TypeError.
        return self === receiver ? hook.call(op, args, next, judge) : next();
      },
    });
    defineProperty(holder, op, { ...known, value });
  };
  for (const op of ["create", "get"] as const) {
    const native = getOwnPropertyDescriptor(prototype, op)?.value as Native | undefined;
    if (!native) continue;
    const judge: Native = (argument) => apply(native, own, [argument]);
    wrap(prototype, own, op, judge);
    // Where another extension came first, what pages find is its function: it is asked next, and the browser by it.
    const found = scope.navigator.credentials;
    if (found) wrap(found, found, op, judge);
  }
}

/** The browser's own container: another extension may have put an object of its own before it already. */
function containerOf(scope: HookScope): unknown {
  const getter = getOwnPropertyDescriptor(scope.Navigator.prototype, "credentials")?.get;
  return getter && apply(getter, scope.navigator, []);
}

/** The requests of one document. */
class Hook {
  readonly #credentials: Credentials;
  readonly #gate: Gate;
  /** The request that tallykey has; the object only tells one from the next. */
  #current: object | undefined;
  /** Requests that went on to the browser and wait there. */
  #handedOn = 0;

  constructor(credentials: Credentials, gate: Gate) {
    this.#credentials = credentials;
    this.#gate = gate;
  }

  /** Answers one call of the page. native takes over from us; judge is the browser, which judges the arguments. */
  call(op: Operation, args: unknown[], native: Native, judge: Native): Promise<unknown> {
    let request: PageRequest | undefined;
    try {
      // While the browser's dialog is open a second prompt beside it would confuse: the browser says what follows.
      request = this.#handedOn > 0 ? undefined : readRequest(op, args);
    } catch {
      // The browser's own conversion throws the error that the page expects.
    }
    if (!request) return native();
    return request.conditional ? this.#beside(request, native) : this.#answer(request, native, judge);
  }

  /**
   * A conditional request: the browser's own runs as the page called it, and goes on until the page, or the person, ends
   * it. One of ours that the person picks outside of the page takes its place; if that comes to nothing the browser's own
   * runs again, as it would after a dialog of its own was closed.
   */
  async #beside(request: PageRequest, native: Native): Promise<unknown> {
    for (;;) {
      const picked = await this.#pick(request, native);
      if (!("credential" in picked)) return picked.native;
      const outcome = this.#current ? NATIVE : await this.#ask(narrowed(request, picked.credential));
      if (outcome.kind === "aborted") throw reason(outcome.signal);
      const credential = outcome.kind === "credential" && this.#made(outcome.credential);
      if (credential) return credential;
      if (request.signal && aborted(request.signal)) throw reason(request.signal);
    }
  }

  /** Runs the browser's own until it settles, or until a credential of ours was picked and it has let go. */
  async #pick(request: PageRequest, native: Native): Promise<{ native: unknown } | { credential: string }> {
    const { argument, signal, options } = request;
    const own = abortable();
    let credential: string | undefined;
    const follow = () => own.abort(reason(signal as AbortSignal));
    const withdraw = this.#gate.offer(options, (picked) => {
      credential = picked;
      own.abort();
    });
    if (signal) onAbort(signal, follow);
    try {
      return { native: await native({ __proto__: argument, signal: own.signal } as object) };
    } catch (error) {
      if (credential === undefined || (signal && aborted(signal))) throw error;
      return { credential };
    } finally {
      if (signal) offAbort(signal, follow);
      if (credential === undefined) withdraw();
    }
  }

  async #answer(request: PageRequest, native: Native, judge: Native): Promise<unknown> {
    // Chromium's own words: one request at a time in a document. A page that calls twice must not raise two prompts.
    if (this.#current) throw new PageError("A request is already pending.", "OperationError");
    const outcome = await this.#ask(request, judge);
    const { signal } = request;
    switch (outcome.kind) {
      case "aborted":
        throw reason(outcome.signal);
      case "error":
        throw exception(outcome.name, outcome.message);
      case "credential":
        return this.#made(outcome.credential) ?? this.#handOn(native, signal);
      default:
        return this.#handOn(native, signal);
    }
  }

  /** Undefined where the JSON is none of a credential. */
  #made(json: CredentialJSON): object | undefined {
    try {
      return this.#credentials.make(json);
    } catch {
      return undefined;
    }
  }

  async #handOn(native: Native, signal: AbortSignal | undefined): Promise<unknown> {
    let counts = 1;
    // An abort counts at once: many pages ask anew in the same tick.
    const over = () => {
      this.#handedOn -= counts;
      counts = 0;
    };
    this.#handedOn++;
    if (signal) onAbort(signal, over);
    try {
      return await native();
    } finally {
      if (signal) offAbort(signal, over);
      over();
    }
  }

  /** Asks the gate; with a judge, once the browser has found nothing wrong with the arguments. */
  #ask(request: PageRequest, judge?: Native): Promise<Outcome> {
    const { signal } = request;
    return new Pledge((resolve) => {
      const me = {};
      let cancel = () => {};
      const settle = (outcome: Outcome) => {
        if (signal) offAbort(signal, abort);
        if (this.#current === me) this.#current = undefined;
        resolve(outcome);
      };
      // In the same tick: the page may ask anew right after it aborted.
      const abort = () => {
        cancel();
        settle({ kind: "aborted", signal: signal as AbortSignal });
      };
      this.#current = me;
      if (signal) onAbort(signal, abort);
      const start = async () => {
        try {
          const valid = !judge || (await acceptable(request, judge));
          if (signal && aborted(signal)) return;
          if (!valid) settle(NATIVE);
          else cancel = this.#gate.ask(request.op, request.options, settle);
        } catch {
          settle(NATIVE);
        }
      };
      void start();
    });
  }
}

/** The same request for one credential. */
function narrowed(request: PageRequest, credential: string): PageRequest {
  const allowCredentials = [{ type: "public-key", id: credential }];
  return { ...request, options: { __proto__: null, ...request.options, allowCredentials } };
}

/**
 * Lets the browser itself judge the arguments: the same call with a signal that is aborted already fails with the
 * signal's reason if all else was right, and shows nothing. Inheriting keeps members that are getters of a class.
 */
async function acceptable(request: PageRequest, judge: Native): Promise<boolean> {
  const signal = deadSignal();
  try {
    await judge({ __proto__: request.argument, signal } as object);
    return false;
  } catch (error) {
    return error === reason(signal) || (error as Error | undefined)?.name === "AbortError";
  }
}

function exception(name: string, message: string): Error {
  return name === "TypeError" ? new PageTypeError(message) : new PageError(message, name);
}
