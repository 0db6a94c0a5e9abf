/**
 * What travels inside the extension: page to gate through a MessagePort, gate to background through a runtime port,
 * popup to background as a message.
 */
import type { Status } from "./protocol.ts";

/** The two WebAuthn ceremonies, named as the page calls them. */
export type Operation = "create" | "get";

/** The event by which the hook hands its end of the channel to the gate, before any script of the page runs. */
export const HELLO = "tallykey";

/** Name of the runtime port of one request: gate to background. */
export const REQUEST_PORT = "request";

/** How a request ended. */
export type Verdict =
  /** The browser's own WebAuthn shall run with the page's own arguments. */
  | { kind: "native" }
  /** RegistrationResponseJSON or AuthenticationResponseJSON. */
  | { kind: "credential"; credential: CredentialJSON }
  /** A DOMException of this name, or a TypeError. */
  | { kind: "error"; name: string; message: string };

/** The page asks, or gives up asking, for request n; or it asks, as question n, whether a phone is paired. */
export type PageMessage =
  | { kind: "ask"; n: number; op: Operation; options: object }
  | { kind: "cancel"; n: number }
  | { kind: "paired"; n: number };

/** The gate's answer to request n, or to question n. */
export type GateMessage = { n: number; verdict: Verdict } | { n: number; paired: boolean };

/** The first and only message of a request's port. */
export interface Ask {
  op: Operation;
  options: object;
  /** The frame has an ancestor of another origin. */
  framed: boolean;
}

/** What the background says about a request: first, perhaps, that a person is asked; then the verdict. */
export type Progress = { kind: "taken" } | Verdict;

/** The popup's question. */
export interface StatusQuestion {
  kind: "status";
}

/** The gate's question for a page: is a phone paired? The answer is a boolean. */
export interface PairedQuestion {
  kind: "paired";
}

/** How far the way to the daemon reaches. */
export type Reach =
  | { kind: "running"; status: Status }
  /** The host started and found no daemon. */
  | { kind: "stopped" }
  /** The browser knows no host of ours. */
  | { kind: "missing" }
  /** The browser knows the host, but it is not for this extension. */
  | { kind: "forbidden" }
  /** The daemon is there and does not answer. */
  | { kind: "silent" };

/** The JSON form of both kinds of credential, WebAuthn Level 3 section 5.1. Bytes are base64url. */
export interface CredentialJSON {
  id: string;
  rawId: string;
  type: string;
  authenticatorAttachment?: string | null;
  clientExtensionResults: object;
  response: AttestationJSON | AssertionJSON;
}

export interface AttestationJSON {
  clientDataJSON: string;
  authenticatorData: string;
  attestationObject: string;
  transports: string[];
  publicKey?: string;
  publicKeyAlgorithm: number;
}

export interface AssertionJSON {
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
  userHandle?: string;
}
