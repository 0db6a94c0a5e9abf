/**
 * The page's options in their JSON form (WebAuthn Level 3, section 5.1.8 and 5.1.9), converted member by member as
 * WebIDL would. What WebIDL does not know is left out; whether the values make sense is for the browser and the daemon.
 */
import type { Operation } from "../messages.ts";
import type { SignalKind } from "../protocol.ts";
import { encode } from "./base64url.ts";
import { Buffer, isArray, isView, keys } from "./primordials.ts";

type Convert = (value: unknown) => unknown;
type Members = { readonly [name: string]: Convert };
type Dictionary = { [name: string]: unknown };

// A template throws for a symbol, as WebIDL does; String() would not.
const text: Convert = (value) => `${value as string}`;
const bytes: Convert = (value) => encode(value as BufferSource);
const flag: Convert = (value) => !!value;
const long: Convert = (value) => Number(value) | 0;
const unsignedLong: Convert = (value) => Number(value) >>> 0;

function list(item: Convert): Convert {
  return (value) => {
    const out: unknown[] = [];
    let length = 0;
    for (const member of value as Iterable<unknown>) out[length++] = item(member);
    return out;
  };
}

function dictionary(members: Members): Convert {
  const names = keys(members);
  return (value) => {
    const out: Dictionary = { __proto__: null };
    for (let i = 0; value !== undefined && value !== null && i < names.length; i++) {
      const name = names[i] as string;
      const member = (value as Dictionary)[name];
      if (member !== undefined) out[name] = members[name]?.(member);
    }
    return out;
  };
}

const DEEPEST = 8;

/** Extensions are open-ended: whatever has a JSON form is passed on, bytes as base64url; the rest is left out. */
const extensions: Convert = (value) => {
  const out: Dictionary = { __proto__: null };
  if (typeof value !== "object" || value === null) return out;
  const names = keys(value);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const json = plain((value as Dictionary)[name], DEEPEST);
    if (json !== undefined) out[name] = json;
  }
  return out;
};

/** A JSON value, or undefined where there is none: functions, and anything deeper than depth, which a cycle is. */
function plain(value: unknown, depth: number): unknown {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (typeof value !== "object" || depth === 0) return undefined;
  if (value instanceof Buffer || isView(value)) return encode(value as BufferSource);
  return isArray(value) ? plainList(value, depth) : plainObject(value as Dictionary, depth);
}

function plainList(values: unknown[], depth: number): unknown {
  const out: unknown[] = [];
  for (let i = 0; i < values.length; i++) {
    const json = plain(values[i], depth - 1);
    if (json === undefined) return undefined;
    out[i] = json;
  }
  return out;
}

function plainObject(value: Dictionary, depth: number): unknown {
  const out: Dictionary = { __proto__: null };
  const names = keys(value);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const json = plain(value[name], depth - 1);
    if (json === undefined) return undefined;
    out[name] = json;
  }
  return out;
}

const descriptors = list(dictionary({ type: text, id: bytes, transports: list(text) }));

const creation = dictionary({
  rp: dictionary({ id: text, name: text }),
  user: dictionary({ id: bytes, name: text, displayName: text }),
  challenge: bytes,
  pubKeyCredParams: list(dictionary({ type: text, alg: long })),
  timeout: unsignedLong,
  excludeCredentials: descriptors,
  authenticatorSelection: dictionary({
    authenticatorAttachment: text,
    residentKey: text,
    requireResidentKey: flag,
    userVerification: text,
  }),
  hints: list(text),
  attestation: text,
  attestationFormats: list(text),
  extensions,
});

const request = dictionary({
  challenge: bytes,
  timeout: unsignedLong,
  rpId: text,
  allowCredentials: descriptors,
  userVerification: text,
  hints: list(text),
  extensions,
});

const ceremonies = { create: creation, get: request };

const signals = {
  unknownCredential: dictionary({ rpId: text, credentialId: text }),
  allAcceptedCredentials: dictionary({ rpId: text, userId: text, allAcceptedCredentialIds: list(text) }),
  currentUserDetails: dictionary({ rpId: text, userId: text, name: text, displayName: text }),
};

/** Converts the argument of a signal function, as toJSON() does. */
export function signalToJSON(kind: SignalKind, argument: unknown): object {
  return signals[kind](argument) as object;
}

/** Converts the publicKey member. Throws where WebIDL would, and sometimes where it would not. */
export function toJSON(op: Operation, publicKey: object): object {
  return ceremonies[op](publicKey) as object;
}
