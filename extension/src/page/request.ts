/** Which calls of the page are for tallykey. */
import type { Operation } from "../messages.ts";
import { toJSON } from "./options.ts";
import { aborted } from "./primordials.ts";

/** A call that is for tallykey. */
export interface PageRequest {
  op: Operation;
  /** The page's own. */
  argument: object;
  /** Its publicKey member as JSON, taken at the time of the call: the page may change its buffers afterwards. */
  options: object;
  signal: AbortSignal | undefined;
}

type Dictionary = { readonly [name: string]: unknown };

/** Other kinds of credential. Asked for together with ours, the browser has to weigh them. */
const OTHERS = ["password", "federated", "identity", "otp", "digital"];

/**
 * Reads a call. Undefined, or any exception, means that the browser's own WebAuthn is the one to answer: other
 * credentials, malformed arguments, conditional ("autofill"), silent and immediate requests, and a signal that is
 * aborted already.
 */
export function readRequest(op: Operation, args: readonly unknown[]): PageRequest | undefined {
  const argument = args[0];
  if (typeof argument !== "object" || argument === null) return undefined;
  const { publicKey, mediation, uiMode, signal } = argument as Dictionary;
  if (typeof publicKey !== "object" || publicKey === null || asksForOthers(argument as Dictionary)) return undefined;
  if (uiMode !== undefined || !(mediation === undefined || mediation === "optional" || mediation === "required"))
    return undefined;
  if (signal !== undefined && aborted(signal)) return undefined;
  return { op, argument, options: toJSON(op, publicKey), signal: signal as AbortSignal | undefined };
}

function asksForOthers(argument: Dictionary): boolean {
  for (let i = 0; i < OTHERS.length; i++) {
    const wanted = argument[OTHERS[i] as string];
    if (wanted !== undefined && wanted !== false) return true;
  }
  return false;
}
