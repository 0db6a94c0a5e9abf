// The prf extension (WebAuthn Level 3, section 10.1.4): each registration has 32 secret bytes of its own, kept as its
// private key is. The website's salts come hashed already; a result is HMAC-SHA-256 of one under the secret.
import type { Bytes } from "../link/bytes";
import { concat, utf8 } from "../link/bytes";
import type { Keeper, StoredKey } from "./registration";
import { KeyGoneError } from "./registration";
import { SealError, seal, unseal, wrapper } from "./seal";

const hmac = { name: "HMAC", hash: "SHA-256", length: 256 } as const;
const use = "tallykey/1 wrap prf";

/** Makes the secret of a new registration: exportable, for as long as the request lasts. */
export async function newSecret(): Promise<CryptoKey> {
  return crypto.subtle.generateKey(hmac, true, ["sign"]);
}

/** Makes what is stored of a secret. */
export async function protectSecret(secret: CryptoKey, keeper: Keeper, credential: Bytes): Promise<StoredKey> {
  const { protection, secret: person } = keeper;
  if (protection === "device" || !person) {
    const raw = await crypto.subtle.exportKey("raw", secret);
    return { protection: "device", key: await crypto.subtle.importKey("raw", raw, hmac, false, ["sign"]) };
  }
  return { protection, ...(await seal(await wrapper(person, use, credential), secret, bound(credential))) };
}

/** Opens a stored secret. Throws KeyGoneError. */
export async function openSecret(stored: StoredKey, person: Bytes | undefined, credential: Bytes): Promise<CryptoKey> {
  if (stored.protection === "device") return stored.key;
  if (!person) throw new KeyGoneError("the verification gave no secret");
  try {
    return await unseal(await wrapper(person, use, credential), stored, bound(credential), hmac, ["sign"]);
  } catch (e) {
    throw e instanceof SealError ? new KeyGoneError("the secret of prf does not open") : e;
  }
}

/** A result of 32 bytes for each salt. */
export async function results(secret: CryptoKey, salts: Bytes[] = []): Promise<Bytes[]> {
  return Promise.all(salts.map(async (salt) => new Uint8Array(await crypto.subtle.sign("HMAC", secret, salt))));
}

function bound(credential: Bytes): Bytes {
  return concat(utf8("prf"), credential);
}
