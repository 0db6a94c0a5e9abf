/**
 * The hook: navigator.credentials.create and get ask tallykey first. Whatever it does not answer, the browser answers
 * with the page's own arguments, as if nothing were installed.
 */
import type { Operation, Verdict } from "../messages.ts";
import type { Gate } from "./channel.ts";
import { type CredentialScope, Credentials } from "./credential.ts";
import {
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

/** A function that answers in our stead, bound to what the page called it with. */
type Native = (argument?: object) => Promise<unknown>;
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
        const next: Native = () => apply(inner, self, args);
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
    return request ? this.#answer(request, native, judge) : native();
  }

  async #answer(request: PageRequest, native: Native, judge: Native): Promise<unknown> {
    // Chromium's own words: one request at a time in a document. A page that calls twice must not raise two prompts.
    if (this.#current) throw new PageError("A request is already pending.", "OperationError");
    const outcome = await this.#ask(request, judge);
    switch (outcome.kind) {
      case "aborted":
        throw reason(outcome.signal);
      case "error":
        throw exception(outcome.name, outcome.message);
      case "credential":
        return this.#credential(outcome, native);
      default:
        return this.#handOn(native);
    }
  }

  #credential(outcome: Verdict & { kind: "credential" }, native: Native): unknown {
    try {
      return this.#credentials.make(outcome.credential);
    } catch {
      return this.#handOn(native);
    }
  }

  async #handOn(native: Native): Promise<unknown> {
    this.#handedOn++;
    try {
      return await native();
    } finally {
      this.#handedOn--;
    }
  }

  #ask(request: PageRequest, judge: Native): Promise<Outcome> {
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
          const valid = await acceptable(request, judge);
          if (signal && aborted(signal)) return;
          if (!valid) settle(NATIVE);
          else cancel = this.#gate(request.op, request.options, settle);
        } catch {
          settle(NATIVE);
        }
      };
      void start();
    });
  }
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
