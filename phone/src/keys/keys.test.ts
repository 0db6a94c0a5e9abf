import { afterEach, describe, expect, it, vi } from "vitest";
import type { Bytes } from "../link/bytes";
import { concat, random, utf8 } from "../link/bytes";
import { eddsa, es256 } from "./cose";
import { newDeviceKey, sign } from "./device";
import { newSecret, openSecret, protectSecret, results } from "./prf";
import { KeyGoneError, newKey, open, pickAlgorithm, protect, signAs } from "./registration";

const p256 = { name: "ECDSA", namedCurve: "P-256" };
const ecdsa = { name: "ECDSA", hash: "SHA-256" };

afterEach(() => vi.restoreAllMocks());

/** Checks as a website would, by the COSE_Key that it was given. */
async function verifies(cose: Bytes, signature: Bytes, data: Bytes): Promise<boolean> {
  if (cose[0] === 0xa4) {
    expect(Array.from(cose.slice(0, 10))).toEqual([0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 0x20]);
    const key = await crypto.subtle.importKey("raw", cose.slice(10), "Ed25519", false, ["verify"]);
    return crypto.subtle.verify("Ed25519", key, signature, data);
  }
  const point = concat(Uint8Array.of(4), cose.slice(10, 42), cose.slice(45));
  const key = await crypto.subtle.importKey("raw", point, p256, false, ["verify"]);
  return crypto.subtle.verify(ecdsa, key, signature, data);
}

describe("a device key", () => {
  it("signs, is known by its SubjectPublicKeyInfo and can't be exported", async () => {
    const device = await newDeviceKey();
    const signature = await sign(device.private, utf8("hello"));
    expect(signature).toHaveLength(64);
    const key = await crypto.subtle.importKey("spki", device.public, p256, false, ["verify"]);
    expect(await crypto.subtle.verify(ecdsa, key, signature, utf8("hello"))).toBe(true);
    await expect(crypto.subtle.exportKey("pkcs8", device.private)).rejects.toThrow();
  });
});

const id = random(16);
const secret = random(32);
const keepers = {
  "a platform credential with a PRF": { protection: "prf", secret },
  "the app PIN": { protection: "pin", secret },
  "the browser": { protection: "device", secret: undefined },
} as const;

describe.each([es256, eddsa] as const)("a registration's key of algorithm %i", (algorithm) => {
  it.each(Object.entries(keepers))("is kept by %s, signs, and can't be exported", async (_, keeper) => {
    const key = await newKey(algorithm);
    const stored = await protect(key, keeper, id);
    expect(stored.protection).toBe(keeper.protection);
    const opened = await open(stored, algorithm, keeper.secret, id);
    const signature = await signAs(algorithm, opened, utf8("x"));
    expect(signature).toHaveLength(64);
    expect(await verifies(key.public, signature, utf8("x"))).toBe(true);
    await expect(crypto.subtle.exportKey("pkcs8", opened)).rejects.toThrow();
  });

  it("does not open with another secret, with none, or as another credential's", async () => {
    const stored = await protect(await newKey(algorithm), keepers["the app PIN"], id);
    await expect(open(stored, algorithm, random(32), id)).rejects.toThrow(KeyGoneError);
    await expect(open(stored, algorithm, undefined, id)).rejects.toThrow(KeyGoneError);
    await expect(open(stored, algorithm, secret, random(16))).rejects.toThrow(KeyGoneError);
  });
});

describe("the algorithm", () => {
  it("is the first of the website's that the phone knows, and ES256 where it names none", async () => {
    expect(await pickAlgorithm()).toBe(es256);
    expect(await pickAlgorithm([])).toBe(es256);
    expect(await pickAlgorithm([-257, -8, -7])).toBe(eddsa);
    expect(await pickAlgorithm([-7, -8])).toBe(es256);
    expect(await pickAlgorithm([-257, -39])).toBeUndefined();
  });

  it("is not EdDSA in a browser without Ed25519", async () => {
    vi.spyOn(crypto.subtle, "generateKey").mockRejectedValue(new DOMException("no", "NotSupportedError"));
    expect(await pickAlgorithm([-8, -7])).toBe(es256);
    expect(await pickAlgorithm([-8])).toBeUndefined();
  });
});

describe("the secret of the prf extension", () => {
  const salts = [random(32), random(32)];

  it.each(Object.entries(keepers))("is kept by %s and gives the same results always", async (_, keeper) => {
    const made = await newSecret();
    expect(await crypto.subtle.exportKey("raw", made)).toHaveProperty("byteLength", 32);
    const opened = await openSecret(await protectSecret(made, keeper, id), keeper.secret, id);
    const given = await results(opened, salts);
    expect(given).toEqual(await results(made, salts));
    expect(given.map((r) => r.length)).toEqual([32, 32]);
    expect(given[0]).not.toEqual(given[1]);
    expect(await results(opened)).toEqual([]);
    await expect(crypto.subtle.exportKey("raw", opened)).rejects.toThrow();
  });

  it("does not open with another secret, as another credential's, or in the place of the key", async () => {
    const stored = await protectSecret(await newSecret(), keepers["the app PIN"], id);
    await expect(openSecret(stored, random(32), id)).rejects.toThrow(KeyGoneError);
    await expect(openSecret(stored, undefined, id)).rejects.toThrow(KeyGoneError);
    await expect(openSecret(stored, secret, random(16))).rejects.toThrow(KeyGoneError);
    await expect(open(stored, es256, secret, id)).rejects.toThrow(KeyGoneError);
  });
});
