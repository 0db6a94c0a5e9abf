// What phone and desktop say to each other; the twin of phone/link/message.go, whose comments are the contract. Bytes
// are base64url on the wire. A member that may be left out is empty here: "", [], no bytes.
import type { Bytes } from "./bytes";

/** What a request is for: a pairing, a registration or a sign-in. */
export type Action = "pair" | "create" | "get";
/** How the person confirms: one of three numbers, a typed number, or, where the relying party allows it, none. */
export type Mode = "choose" | "type" | "approve";
/** How the phone keeps a registration's private key. */
export type KeyProtection = "prf" | "device" | "pin";
/** The outcomes that a phone may end a request with. */
export const declineCodes = [
  "declined",
  "reported",
  "verification_failed",
  "key_gone",
  "no_screen_lock",
  "options_unsupported",
  "phone_storage_failed",
] as const;
/** One of declineCodes. */
export type DeclineCode = (typeof declineCodes)[number];

/** The first message of a paired phone; the signature of its device key is over the connection’s user name fragment. */
export interface Hello {
  type: "hello";
  v: number;
  phone: string;
  name: string;
  app: string;
  signature: Bytes;
}
/** The first message of a phone that came by a pairing link; origin is its app’s. */
export interface PairWith {
  type: "pairWith";
  v: number;
  name: string;
  app: string;
  origin: string;
}
/** The phone shows the request: from now on the desktop shows the number. */
export interface Received {
  type: "received";
  id: string;
}
/** The number that the person chose or typed, and for which account; empty where there is one. */
export interface NumberChosen {
  type: "number";
  id: string;
  number: string;
  credential: string;
}
/** What the phone made after the right number: proofs of the person and the device, and the website’s signature or key. */
export interface Answer {
  type: "answer";
  id: string;
  credential: string;
  verification: object;
  deviceSignature: Bytes;
  authenticatorData: Bytes;
  signature: Bytes;
  deviceKey: Bytes;
  platformKey: Bytes;
  keyProtection: KeyProtection | "";
  /** Where the request had prf and the credential can: a result for each salt. */
  prf?: { results: Bytes[] };
}
/** The end of a request on the phone, without an answer. */
export interface Decline {
  type: "decline";
  id: string;
  code: DeclineCode;
}
/** The answer to Hello, and again when what it says of the desktop has changed. */
export interface Welcome {
  type: "welcome";
  v: number;
  desktop: string;
  name: string;
  port: number;
  addresses: string[];
  /** The desktop takes registrations, forget and goodbye. */
  sync?: boolean;
  /** The desktop would wake this phone, and takes a pushSubscription. */
  push?: boolean;
  /** When the certificate ends that this phone knows the desktop by, in milliseconds since 1970; 0 or absent: never. */
  ends?: number;
}
/** One registration that a request can be answered with. */
export interface Account {
  credential: string;
  name: string;
  displayName: string;
  /** In create: the website's handle of the person. */
  userId?: Bytes;
  /** The one or two salts of the prf extension for this account. */
  prf?: Bytes[];
}
/** One page of what the phone holds. */
export interface Registrations {
  type: "registrations";
  items: Item[];
  /** Credentials whose key the phone has without knowing more. */
  kept: string[];
  more: boolean;
}
/** One account at one relying party. */
export interface Item {
  credential: string;
  rpId: string;
  userId: Bytes;
  name: string;
  displayName: string;
  /** COSE_Key. */
  publicKey: Bytes;
  keyProtection: KeyProtection;
  /** Milliseconds since 1970. */
  created: number;
  /** By which a desktop has the website remove it, where the website asked for that. */
  unregister?: Bytes;
}
/** A registration was removed: the other side removes it too, and a phone confirms with the same. */
export interface Forget {
  type: "forget";
  credential: string;
}
/** The person removed this desktop on the phone: the desktop removes the phone. */
export interface Goodbye {
  type: "goodbye";
}
/** Lets a desktop wake the phone by Web Push; without an endpoint it takes back the earlier one. */
export interface PushSubscription {
  type: "pushSubscription";
  endpoint: string;
  p256dh: Bytes;
  auth: Bytes;
  /** VAPID private key on P-256. */
  vapid: Bytes;
}
/** Asks the person; the phone believes nothing of it but the origin, and checks client data and RP ID against that. */
export interface Request {
  type: "request";
  id: string;
  action: Action;
  origin: string;
  domain: string;
  rpId: string;
  accounts: Account[];
  browser: string;
  mode: Mode;
  numbers: string[];
  secondsLeft: number;
  clientDataJSON: Bytes;
  /** In create: COSE algorithm identifiers that the website takes, in its order; none means ES256. */
  algorithms?: number[];
  /** authenticatorData ends with numberMatchOutput. */
  numberMatch?: boolean;
  prf?: boolean;
  /** The RP ID is no suffix of the origin's host and lists the origin as its own. */
  related?: boolean;
  /** In create: kept with the registration and told to other desktops, which have the website remove it by it. */
  unregister?: Bytes;
}
/** The number matched: the desktop waits for Answer. */
export interface NumberRight {
  type: "numberRight";
  id: string;
}
/** How a request ended, by a code of the code table. */
export interface Ended {
  type: "ended";
  id: string;
  code: string;
}
/** Ends a pairing: from now on the phone connects with the secret and says Hello by this id. */
export interface Paired {
  type: "paired";
  id: string;
  phone: string;
  secret: Bytes;
}
/** Ends a session before it began, by a code of the code table; the connection closes. */
export interface Refused {
  type: "refused";
  code: string;
}
/** Asks for a Pong with the same number; either side may. */
export interface Ping {
  type: "ping";
  n: number;
}
/** Answers a Ping. */
export interface Pong {
  type: "pong";
  n: number;
}

/** What the phone says. */
export type FromPhone =
  | (Hello | PairWith | Received | NumberChosen | Answer | Decline)
  | (Registrations | Forget | Goodbye | PushSubscription | Ping | Pong);
/** What the desktop says. */
export type FromDesktop = Welcome | Request | NumberRight | Ended | Paired | Refused | Forget | Ping | Pong;
/** What either side says. */
export type Message = FromPhone | FromDesktop;

/** A message from the other side breaks the protocol: not JSON, a type that does not exist, a field over its limit. */
export class MessageError extends Error {
  override name = "MessageError";
}
