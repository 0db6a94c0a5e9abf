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
  options: Dictionary;
  signal: AbortSignal | undefined;
  /** The browser's list at the page's fields answers, unless the person picks one of ours. */
  conditional: boolean;
}

type Dictionary = { readonly [name: string]: unknown };

/** Other kinds of credential. Asked for together with ours, the browser has to weigh them. */
const OTHERS = ["password", "federated", "identity", "otp", "digital"];

/**
 * Reads a call. Undefined, or any exception, means that the browser's own WebAuthn is the one to answer: other
 * credentials, malformed arguments, silent requests, which only a browser that can answer unseen may answer, immediate
 * ones, for which it promises a list of its own at once, conditional registrations, extensions that need what no phone
 * has, and a signal that is aborted already.
 */
export function readRequest(op: Operation, args: readonly unknown[]): PageRequest | undefined {
  const argument = args[0];
  if (typeof argument !== "object" || argument === null) return undefined;
  const { publicKey, mediation, uiMode, signal } = argument as Dictionary;
  if (typeof publicKey !== "object" || publicKey === null || asksForOthers(argument as Dictionary)) return undefined;
  const conditional = op === "get" && mediation === "conditional";
  const modal = mediation === undefined || mediation === "optional" || mediation === "required";
  if (uiMode !== undefined || !(modal || conditional)) return undefined;
  if (signal !== undefined && aborted(signal)) return undefined;
  const options = toJSON(op, publicKey) as Dictionary;
  if (needsMore(options["extensions"] as Dictionary | undefined)) return undefined;
  return { op, argument, options, signal: signal as AbortSignal | undefined, conditional };
}

/**
 * Extensions that a website must not ask in vain: payments (the browser shows the amount), storage that is required,
 * protection that is enforced, and a remote desktop's own. All others are answered or left out, as the specification
 * says of extensions that an authenticator does not know.
 */
function needsMore(extensions: Dictionary | undefined): boolean {
  if (!extensions) return false;
  const { payment, largeBlob, remoteDesktopClientOverride } = extensions;
  if (payment !== undefined || remoteDesktopClientOverride !== undefined) return true;
  if ((largeBlob as Dictionary | undefined)?.["support"] === "required") return true;
  const { credentialProtectionPolicy: policy, enforceCredentialProtectionPolicy: enforced } = extensions;
  return !!enforced && policy !== undefined && policy !== "userVerificationOptional";
}

function asksForOthers(argument: Dictionary): boolean {
  for (let i = 0; i < OTHERS.length; i++) {
    const wanted = argument[OTHERS[i] as string];
    if (wanted !== undefined && wanted !== false) return true;
  }
  return false;
}
