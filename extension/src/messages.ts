/**
 * What travels inside the extension: page to gate through a MessagePort, gate to background through a runtime port,
 * popup to background as a message.
 */
import type { Registration, SignalKind, Site, Status } from "./protocol.ts";

/** The two WebAuthn ceremonies, named as the page calls them. */
export type Operation = "create" | "get";

/** The event by which the hook hands its end of the channel to the gate, before any script of the page runs. */
export const HELLO = "tallykey";

/** Name of the runtime port of one request: gate to background. */
export const REQUEST_PORT = "request";

/** Name of the runtime port of one conditional request, while the browser's own answers it: gate to background. */
export const OFFER_PORT = "offer";

/** How a request ended. */
export type Verdict =
  /**
   * The browser's own WebAuthn shall run with the page's own arguments. asked: a person was asked before, so the desktop's
   * window may still have the focus that browsers demand.
   */
  | { kind: "native"; asked?: true }
  /** RegistrationResponseJSON or AuthenticationResponseJSON. */
  | { kind: "credential"; credential: CredentialJSON }
  /** A DOMException of this name, or a TypeError. */
  | { kind: "error"; name: string; message: string };

/** What the page world says to the gate. Each n is a number of its own. */
export type PageMessage =
  | { kind: "ask"; n: number; op: Operation; options: object }
  /** A conditional request waits: registrations that could answer it may be offered outside of the page. */
  | { kind: "offer"; n: number; options: object }
  /** Request or offer n is over. */
  | { kind: "cancel"; n: number }
  /** Is a phone paired? */
  | { kind: "paired"; n: number }
  | { kind: "signal"; signal: SignalKind; options: object };

/** The gate has request n; or its answer to it, to offer n (the credential that the person picked), or to question n. */
export type GateMessage =
  | { n: number; heard: true }
  | { n: number; verdict: Verdict }
  | { n: number; picked: string }
  | { n: number; paired: boolean };

/** The first and only message of a request's port. */
export interface Ask {
  op: Operation;
  options: object;
  /** The frame has an ancestor of another origin. */
  framed: boolean;
}

/** The first and only message of an offer's port. */
export type Offer = Omit<Ask, "op">;

/** What the background says to an offer: the person picked this credential. */
export interface Picked {
  credential: string;
}

/** What the background says about a request: first, perhaps, that a person is asked; then the verdict. */
export type Progress = { kind: "taken" } | Verdict;

/** What the extension's own pages say to the background. */
export type OwnMessage =
  /** What is to be seen? The answer is a Sight; with site, of the website in front. */
  | { kind: "look"; site: boolean }
  /** No prompts from this origin, or from anywhere; then again. */
  | { kind: "pause" | "resume"; origin?: string | undefined }
  /** Begin a pairing, in tallykey's window. */
  | { kind: "pair" }
  /** Sign in with an offered registration. */
  | { kind: "pick"; tab: number; credential: string }
  /** Take the hint about a pending request away. */
  | { kind: "dismiss"; tab: number };

/** The gate's message for a page: is a phone paired (the answer is a boolean), or what a website says of its credentials. */
export type GateWord = { kind: "paired" } | { kind: "signal"; signal: SignalKind; options: object; framed: boolean };

/** All that the popup shows. */
export interface Sight {
  reach: Reach;
  /** The tab in front and its origin, where that is a website. */
  tab?: number;
  origin?: string;
  site?: Site;
  /** A person is asked for this tab, and the hint was not closed. */
  pending: boolean;
  /** Registrations that a conditional request of this tab can use. */
  offers: Registration[];
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

/** The answer to a registration, as WebAuthn’s RegistrationResponseJSON has it; bytes are base64url. */
export interface AttestationJSON {
  clientDataJSON: string;
  authenticatorData: string;
  attestationObject: string;
  transports: string[];
  publicKey?: string;
  publicKeyAlgorithm: number;
}

/** The answer to a sign-in, as WebAuthn’s AuthenticationResponseJSON has it; bytes are base64url. */
export interface AssertionJSON {
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
  userHandle?: string;
}
