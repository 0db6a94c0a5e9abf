// The authenticator's side of WebAuthn: what is signed for the website (WebAuthn Level 3, section 6.1).
import type { Bytes } from "../link/bytes";
import { concat, sha256, utf8 } from "../link/bytes";

/** The model of tallykey's authenticator: the same for every phone and user. daemon/webauthn has the same value. */
export const aaguid: Bytes = Uint8Array.from([
  0x52, 0xc6, 0x0b, 0x3a, 0x4d, 0xdd, 0x44, 0x6e, 0x9f, 0xfe, 0x08, 0x7a, 0xa5, 0x4f, 0x20, 0x79,
]);

const flags = { userPresent: 0x01, userVerified: 0x04, attested: 0x40, extensions: 0x80 };
const none = new Uint8Array();

/** Counter 0: the key counts nothing, so that a phone need not write before it signs. BE and BS clear: no copies. */
async function head(rpId: string, bits: number): Promise<Bytes> {
  return concat(await sha256(utf8(rpId)), Uint8Array.of(bits, 0, 0, 0, 0));
}

/**
 * authenticatorData of an assertion.
 * @param extensions the outputs as a CBOR map; empty where there are none
 */
export async function assertionData(rpId: string, extensions: Bytes = none): Promise<Bytes> {
  return concat(await head(rpId, flags.userPresent | flags.userVerified | extended(extensions)), extensions);
}

/**
 * authenticatorData of a new credential.
 * @param key the public key as COSE_Key
 * @param extensions the outputs as a CBOR map; empty where there are none
 */
export async function creationData(
  rpId: string,
  credential: Bytes,
  key: Bytes,
  extensions: Bytes = none,
): Promise<Bytes> {
  const length = Uint8Array.of(credential.length >> 8, credential.length & 0xff);
  const bits = flags.userPresent | flags.userVerified | flags.attested | extended(extensions);
  return concat(await head(rpId, bits), aaguid, length, credential, key, extensions);
}

function extended(extensions: Bytes): number {
  return extensions.length > 0 ? flags.extensions : 0;
}

/** What the website's signature covers, section 6.3.3; an approval covers the same bytes. */
export async function signedData(authenticatorData: Bytes, clientDataJSON: Bytes): Promise<Bytes> {
  return concat(authenticatorData, await sha256(clientDataJSON));
}
