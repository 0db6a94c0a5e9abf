// The platform credential of a trial: made by the app in the form that WebAuthn gives (Level 3, sections 5.8.1, 6.1 and
// 6.5), so that a desktop checks it as it checks any other. It says user verified, because the PIN was entered; that it
// was only a PIN is in keyProtection.
import type { Bytes } from "../link/bytes";
import { concat, encodeBase64url, sha256, utf8 } from "../link/bytes";
import { cose } from "./cose";
import type { Sealed } from "./seal";
import { seal, unseal, wrapper } from "./seal";

const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const use = "tallykey/1 wrap platform";
const flags = { userPresent: 0x01, userVerified: 0x04, attested: 0x40 };

/** The platform credential of a trial as it is stored. */
export interface PinPlatform extends Sealed {
  credential: Bytes;
  /** COSE_Key. */
  publicKey: Bytes;
  spki: Bytes;
}

/** Makes its key, encrypted under what the PIN opens. */
export async function newPinKey(secret: Bytes, credential: Bytes): Promise<PinPlatform> {
  const pair = await crypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const publicKey = cose(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const sealed = await seal(await wrapper(secret, use, credential), pair.privateKey, credential);
  return { ...sealed, credential, publicKey, spki };
}

/** Opens it for signing. Throws SealError. */
export async function openPinKey(p: PinPlatform, secret: Bytes): Promise<CryptoKey> {
  return unseal(await wrapper(secret, use, p.credential), p, p.credential, ecdsa, ["sign"]);
}

/** The RP ID of an origin whose host is an address: the host, an IPv6 address without its brackets. */
export function hostOf(origin: string): string {
  return new URL(origin).hostname.replace(/^\[|\]$/g, "");
}

/** RegistrationResponseJSON with attestation "none" and an AAGUID of zeros, for the key is of no model. */
export async function registrationJSON(p: PinPlatform, origin: string, challenge: Bytes): Promise<object> {
  const length = Uint8Array.of(0, p.credential.length);
  const own = concat(new Uint8Array(16), length, p.credential, p.publicKey);
  const data = concat(await head(origin, flags.userPresent | flags.userVerified | flags.attested), own);
  return shell(p, {
    clientDataJSON: text(clientData("webauthn.create", origin, challenge)),
    attestationObject: text(attestation(data)),
    authenticatorData: text(data),
    transports: ["internal"],
    publicKey: text(p.spki),
    publicKeyAlgorithm: -7,
  });
}

/** AuthenticationResponseJSON. */
export async function assertionJSON(p: PinPlatform, key: CryptoKey, origin: string, challenge: Bytes): Promise<object> {
  const client = clientData("webauthn.get", origin, challenge);
  const data = await head(origin, flags.userPresent | flags.userVerified);
  const raw = await crypto.subtle.sign(ecdsa, key, concat(data, await sha256(client)));
  return shell(p, {
    clientDataJSON: text(client),
    authenticatorData: text(data),
    signature: text(der(new Uint8Array(raw))),
  });
}

async function head(origin: string, bits: number): Promise<Bytes> {
  return concat(await sha256(utf8(hostOf(origin))), Uint8Array.of(bits, 0, 0, 0, 0));
}

function clientData(type: string, origin: string, challenge: Bytes): Bytes {
  return utf8(JSON.stringify({ type, challenge: encodeBase64url(challenge), origin, crossOrigin: false }));
}

/** {"fmt": "none", "attStmt": {}, "authData": …} in canonical CBOR; the data is shorter than 256 bytes. */
function attestation(data: Bytes): Bytes {
  const member = (name: string) => concat(Uint8Array.of(0x60 | name.length), utf8(name));
  return concat(
    Uint8Array.of(0xa3),
    ...[member("fmt"), member("none"), member("attStmt"), Uint8Array.of(0xa0)],
    ...[member("authData"), Uint8Array.of(0x58, data.length), data],
  );
}

function shell({ credential }: PinPlatform, response: object): object {
  const id = text(credential);
  return { id, rawId: id, type: "public-key", authenticatorAttachment: "platform", response };
}

/** r and s as ASN.1 wants them in a WebAuthn signature (section 6.5.5): without leading zeros, and never negative. */
export function der(signature: Bytes): Bytes {
  const integer = (bytes: Bytes): Bytes => {
    const first = bytes.findIndex((b) => b !== 0);
    const short = bytes.slice(first < 0 ? bytes.length - 1 : first);
    const positive = (short[0] as number) & 0x80 ? concat(Uint8Array.of(0), short) : short;
    return concat(Uint8Array.of(0x02, positive.length), positive);
  };
  const half = signature.length / 2;
  const body = concat(integer(signature.slice(0, half)), integer(signature.slice(half)));
  return concat(Uint8Array.of(0x30, body.length), body);
}

const text = encodeBase64url;
