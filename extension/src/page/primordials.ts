/**
 * Functions of the language and the platform, taken at document_start. Libraries replace some of them later (zone.js,
 * old polyfills); the hook must work all the same. This is about robustness, not about secrecy: a page that cheats the
 * hook cheats only itself, because origin and policy are decided where it can't reach.
 */
const { apply, construct, defineProperty, getOwnPropertyDescriptor } = Reflect;

export { apply, construct, defineProperty, getOwnPropertyDescriptor };

export const { keys } = Object;
export const { isArray } = Array;
export const { isView } = ArrayBuffer;
export const Bytes = Uint8Array;
export const Buffer = ArrayBuffer;
export const Weak = WeakMap;
export const PageError = DOMException;
export const PageTypeError = TypeError;
export const clone = structuredClone;
export const Pledge = Promise;

const weakGet = WeakMap.prototype.get;
const weakSet = WeakMap.prototype.set;
const charCodeAt = String.prototype.charCodeAt;
const abort = AbortSignal.abort.bind(AbortSignal);
const addListener = EventTarget.prototype.addEventListener;
const removeListener = EventTarget.prototype.removeEventListener;
const abortedOf = getter(AbortSignal.prototype, "aborted");
const reasonOf = getter(AbortSignal.prototype, "reason");
const dataOf = getter(MessageEvent.prototype, "data");
const lengthOf = getter(ArrayBuffer.prototype, "byteLength");
const post = MessagePort.prototype.postMessage;

function getter(prototype: object, name: string): () => unknown {
  const found = getOwnPropertyDescriptor(prototype, name)?.get;
  if (!found) throw new TypeError(`no getter ${name}`);
  return found;
}

/** WeakMap.get: what was kept for a key. */
export const lookUp = <K extends object, V>(map: WeakMap<K, V>, key: K): V | undefined => apply(weakGet, map, [key]);
/** WeakMap.set. */
export const keep = <K extends object, V>(map: WeakMap<K, V>, key: K, value: V): void =>
  void apply(weakSet, map, [key, value]);
/** The UTF-16 code unit at a place of a text. */
export const codeAt = (text: string, at: number): number => apply(charCodeAt, text, [at]);

const timeout = setTimeout;
/** Runs something after so many milliseconds. */
export const later = (run: () => void, milliseconds: number): void =>
  void apply(timeout, undefined, [run, milliseconds]);

/** Throws where the buffer is none. */
export const byteLength = (buffer: unknown): number => apply(lengthOf, buffer, []) as number;

const Controller = AbortController;
const signalOf = getter(AbortController.prototype, "signal");
const abortIt = AbortController.prototype.abort;
/** A signal, and what aborts it: without a reason it is the platform's own. */
export function abortable(): { signal: AbortSignal; abort(...why: unknown[]): void } {
  const controller = new Controller();
  return {
    signal: apply(signalOf, controller, []) as AbortSignal,
    abort: (...why) => void apply(abortIt, controller, why),
  };
}

/** A signal that is aborted already. */
export const deadSignal = (): AbortSignal => abort();
/** Throws where the signal is none. */
export const aborted = (signal: unknown): boolean => apply(abortedOf, signal, []) as boolean;
/** Why a signal was aborted. */
export const reason = (signal: AbortSignal): unknown => apply(reasonOf, signal, []);
/** Has the listener called when the signal is aborted; offAbort takes it back. */
export const onAbort = (signal: AbortSignal, listener: () => void): void =>
  apply(addListener, signal, ["abort", listener]);
/** See onAbort. */
export const offAbort = (signal: AbortSignal, listener: () => void): void =>
  apply(removeListener, signal, ["abort", listener]);
/** MessagePort.postMessage: copies a message to the other end. */
export const send = (port: MessagePort, message: unknown): void => apply(post, port, [message]);
/** What a message says, by the platform’s own getter. */
export const dataIn = (event: MessageEvent): unknown => apply(dataOf, event, []);
