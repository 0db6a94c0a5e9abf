// The ICE user name fragment that a phone gives to the desktop's side of a connection, and its password; the twin of
// phone/link/credential.go. The first STUN packet proves the secret and names the phone's DTLS certificate.
import type { Bytes } from "./bytes";
import { concat, iceChars, utf8 } from "./bytes";

/** Milliseconds that the clocks of phone and desktop may differ by: a fragment with another time is not answered. */
export const maxClockDifference = 600_000;

/** A secret that phone and desktop share, as an HMAC key that can't be exported. */
export type Secret = CryptoKey;

/** Makes the key of a secret's bytes: 32 after pairing, 16 in a pairing link. */
export function importSecret(bytes: Bytes): Promise<Secret> {
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/** Keeps the uses of one secret apart by a label, so that no tag can ever serve as a password. */
async function mac(secret: Secret, label: string, data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", secret, concat(utf8(label), data)));
}

/**
 * The fragment for a connection that starts now.
 * @param seconds the phone's clock, in seconds since 1970
 * @param random 8 bytes, fresh for each connection
 * @param certificate SHA-256 of the phone's DTLS certificate
 */
export async function ufrag(secret: Secret, seconds: number, random: Bytes, certificate: Bytes): Promise<string> {
  const time = new DataView(new ArrayBuffer(4));
  time.setUint32(0, seconds);
  const nonce = concat(new Uint8Array(time.buffer), random);
  const tag = (await mac(secret, "tallykey/1 tag", nonce)).subarray(0, 9);
  return `tk1/${iceChars(nonce)}/${iceChars(tag)}/${iceChars(certificate)}`;
}

/** The ICE password of the desktop's side for a fragment. */
export async function password(secret: Secret, fragment: string): Promise<string> {
  return iceChars(await mac(secret, "tallykey/1 password", utf8(fragment)));
}

/** What a phone signs with its device key when it connects. */
export function helloProof(fragment: string): Bytes {
  return utf8(`tallykey/1 hello${fragment}`);
}
