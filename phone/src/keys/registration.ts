// Keys of registrations: P-256 or Ed25519, one each. Where what verifies the person also gives a secret (a platform
// credential with a PRF, or the app PIN), the private key is stored encrypted under it and can't be used without the
// person; elsewhere the browser holds it as a key that can't be exported, and the desktop checks the verification.
import type { Bytes } from "../link/bytes";
import { utf8 } from "../link/bytes";
import type { KeyProtection } from "../link/message";
import type { Algorithm } from "./cose";
import { cose, coseOKP, eddsa, es256 } from "./cose";
import { SealError, seal, unseal, wrapper } from "./seal";

const parameters = {
  [es256]: { name: "ECDSA", namedCurve: "P-256" },
  [eddsa]: { name: "Ed25519" },
} as const;

/** What the platform credential's PRF is asked about. It is the same always; HKDF tells the registrations apart. */
export const prfSalt: Bytes = utf8("tallykey/1 registration keys");

/** A private key as it is stored. */
export type StoredKey =
  /** Encrypted under the PRF output of a platform credential, or under what the app PIN opens. */
  { protection: "prf" | "pin"; wrapped: Bytes; iv: Bytes } | { protection: "device"; key: CryptoKey };

/** A key pair that is not stored yet. */
export interface NewKey {
  algorithm: Algorithm;
  /** Still exportable, to be wrapped. It lives in memory for one request. */
  private: CryptoKey;
  /** COSE_Key. */
  public: Bytes;
}

/** What the person's verification gives to keep keys with. */
export interface Keeper {
  protection: KeyProtection;
  /** 32 bytes; undefined where there is none. */
  secret: Bytes | undefined;
}

/** Makes a key pair for a registration. */
export async function newKey(algorithm: Algorithm = es256): Promise<NewKey> {
  const pair = (await crypto.subtle.generateKey(parameters[algorithm], true, ["sign", "verify"])) as CryptoKeyPair;
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { algorithm, private: pair.privateKey, public: algorithm === eddsa ? coseOKP(raw) : cose(raw) };
}

/**
 * The first of a website's algorithms that this phone can make keys for; ES256 where it names none, and undefined where
 * there is none.
 */
export async function pickAlgorithm(wanted: number[] = []): Promise<Algorithm | undefined> {
  if (wanted.length === 0) return es256;
  for (const a of wanted) {
    if (a === es256) return es256;
    if (a === eddsa && (await hasEd25519())) return eddsa;
  }
  return undefined;
}

/** A browser says that it knows Ed25519 only by making a key. */
function hasEd25519(): Promise<boolean> {
  return crypto.subtle.generateKey(parameters[eddsa], false, ["sign", "verify"]).then(
    () => true,
    () => false,
  );
}

/**
 * Makes what is stored of a new key.
 * @param credential the registration's credential ID
 */
export async function protect(key: NewKey, keeper: Keeper, credential: Bytes): Promise<StoredKey> {
  const { protection, secret } = keeper;
  if (protection === "device" || !secret) {
    const pkcs8 = await crypto.subtle.exportKey("pkcs8", key.private);
    const kept = await crypto.subtle.importKey("pkcs8", pkcs8, parameters[key.algorithm], false, ["sign"]);
    return { protection: "device", key: kept };
  }
  const under = await wrapper(secret, keyUse, credential);
  return { protection, ...(await seal(under, key.private, credential)) };
}

const keyUse = "tallykey/1 wrap";

/** The verification gave nothing, or not what the key was encrypted under: the key can't be had any more. */
export class KeyGoneError extends Error {
  override name = "KeyGoneError";
}

/**
 * Opens a stored key for signing. Throws KeyGoneError.
 * @param secret what the verification gave, 32 bytes
 */
export async function open(
  stored: StoredKey,
  algorithm: Algorithm,
  secret: Bytes | undefined,
  credential: Bytes,
): Promise<CryptoKey> {
  if (stored.protection === "device") return stored.key;
  if (!secret) throw new KeyGoneError("the verification gave no secret");
  const under = await wrapper(secret, keyUse, credential);
  try {
    return await unseal(under, stored, credential, parameters[algorithm], ["sign"]);
  } catch (e) {
    throw e instanceof SealError ? new KeyGoneError("the secret does not open the key") : e;
  }
}

/** Signs for the website: ECDSA over SHA-256, r and s of 32 bytes each, or Ed25519. 64 bytes either way. */
export async function signAs(algorithm: Algorithm, key: CryptoKey, data: Bytes): Promise<Bytes> {
  const how = algorithm === eddsa ? { name: "Ed25519" } : { name: "ECDSA", hash: "SHA-256" };
  return new Uint8Array(await crypto.subtle.sign(how, key, data));
}
