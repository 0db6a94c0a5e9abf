import type { Bytes } from "../link/bytes";

const p256 = { name: "ECDSA", namedCurve: "P-256" } as const;

/** A device key: it proves this browser on this phone, beside the platform credential, which may be synced. */
export interface DeviceKey {
  private: CryptoKey;
  /** SubjectPublicKeyInfo. */
  public: Bytes;
}

/** Makes a device key. The private one can't be exported. */
export async function newDeviceKey(): Promise<DeviceKey> {
  const pair = await crypto.subtle.generateKey(p256, false, ["sign"]);
  const spki = await crypto.subtle.exportKey("spki", pair.publicKey);
  return { private: pair.privateKey, public: new Uint8Array(spki) };
}

/** Signs with ECDSA over SHA-256; r and s of 32 bytes each. */
export async function sign(key: CryptoKey, data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, data));
}
