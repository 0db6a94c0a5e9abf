// Keys of registrations: P-256, one each. Where the platform credential has a PRF, the private key is stored encrypted
// under it and can't be used without the screen lock, fingerprint or face; elsewhere the browser holds it as a key that
// can't be exported, and the desktop checks the user verification.
import type { Bytes } from "../link/bytes";
import { concat, random, utf8 } from "../link/bytes";
import type { StoredKey } from "../store/records";

const p256 = { name: "ECDSA", namedCurve: "P-256" } as const;

/** What the platform credential's PRF is asked about. It is the same always; HKDF tells the registrations apart. */
export const prfSalt: Bytes = utf8("tallykey/1 registration keys");

/** A key pair that is not stored yet. */
export interface NewKey {
  /** Still exportable, to be wrapped. It lives in memory for one request. */
  private: CryptoKey;
  /** The public point: 0x04, x, y. */
  point: Bytes;
}

/** Makes a key pair for a registration. */
export async function newKey(): Promise<NewKey> {
  const pair = await crypto.subtle.generateKey(p256, true, ["sign"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { private: pair.privateKey, point };
}

/**
 * Makes what is stored of a new key.
 * @param prf the platform credential's PRF output, 32 bytes; undefined where it has none
 * @param credential the registration's credential ID
 */
export async function protect(key: NewKey, prf: Bytes | undefined, credential: Bytes): Promise<StoredKey> {
  if (!prf) {
    const pkcs8 = await crypto.subtle.exportKey("pkcs8", key.private);
    return { protection: "device", key: await crypto.subtle.importKey("pkcs8", pkcs8, p256, false, ["sign"]) };
  }
  const iv = random(12);
  const wrapped = await crypto.subtle.wrapKey(
    "pkcs8",
    key.private,
    await wrapper(prf, credential),
    aes(iv, credential),
  );
  return { protection: "prf", wrapped: new Uint8Array(wrapped), iv };
}

/** The PRF gave nothing, or not what the key was encrypted under: the key can't be had any more. */
export class KeyGoneError extends Error {
  override name = "KeyGoneError";
}

/** Opens a stored key for signing. Throws KeyGoneError. */
export async function open(stored: StoredKey, prf: Bytes | undefined, credential: Bytes): Promise<CryptoKey> {
  if (stored.protection === "device") return stored.key;
  if (!prf) throw new KeyGoneError("the platform credential gave no PRF output");
  const key = await wrapper(prf, credential);
  try {
    const algorithm = aes(stored.iv, credential);
    return await crypto.subtle.unwrapKey("pkcs8", stored.wrapped, key, algorithm, p256, false, ["sign"]);
  } catch {
    throw new KeyGoneError("the PRF output does not open the key");
  }
}

/** The credential ID is authenticated with the key, so that no stored key opens in another's place. */
function aes(iv: Bytes, credential: Bytes): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: credential };
}

async function wrapper(prf: Bytes, credential: Bytes): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", prf, "HKDF", false, ["deriveKey"]);
  const info = concat(utf8("tallykey/1 wrap"), credential);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return crypto.subtle.deriveKey(hkdf, base, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}
