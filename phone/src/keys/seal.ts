// Keys encrypted under 32 bytes that only the person's verification gives: HKDF-SHA-256 to one AES-256-GCM key for each
// use and credential, and the credential ID authenticated, so that no stored key opens in another's place.
import type { Bytes } from "../link/bytes";
import { concat, random, utf8 } from "../link/bytes";

/** An encrypted key. */
export interface Sealed {
  wrapped: Bytes;
  iv: Bytes;
}

/** Something was not encrypted under this, or was changed since. */
export class SealError extends Error {
  override name = "SealError";
}

/** The key to encrypt with, for one use of one credential. */
export async function wrapper(secret: Bytes, use: string, credential: Bytes): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const info = concat(utf8(use), credential);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return crypto.subtle.deriveKey(hkdf, base, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

/** Encrypts an exportable key: a private one as PKCS #8, a secret one as its bytes. */
export async function seal(under: CryptoKey, key: CryptoKey, bound: Bytes): Promise<Sealed> {
  const iv = random(12);
  const format = key.type === "private" ? "pkcs8" : "raw";
  return { wrapped: new Uint8Array(await crypto.subtle.wrapKey(format, key, under, aes(iv, bound))), iv };
}

/** Decrypts a key; it can't be exported any more. Throws SealError. */
export async function unseal(
  under: CryptoKey,
  { wrapped, iv }: Sealed,
  bound: Bytes,
  algorithm: { name: string },
  uses: KeyUsage[],
): Promise<CryptoKey> {
  const format = algorithm.name === "HMAC" ? "raw" : "pkcs8";
  try {
    return await crypto.subtle.unwrapKey(format, wrapped, under, aes(iv, bound), algorithm, false, uses);
  } catch {
    throw new SealError("it does not open");
  }
}

function aes(iv: Bytes, bound: Bytes): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: bound };
}
