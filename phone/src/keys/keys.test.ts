import { describe, expect, it } from "vitest";
import type { Bytes } from "../link/bytes";
import { random, utf8 } from "../link/bytes";
import { newDeviceKey, sign } from "./device";
import { KeyGoneError, newKey, open, protect } from "./registration";

const p256 = { name: "ECDSA", namedCurve: "P-256" };
const ecdsa = { name: "ECDSA", hash: "SHA-256" };

async function verifies(point: Bytes, signature: Bytes, data: Bytes): Promise<boolean> {
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

describe("a registration's key", () => {
  const id = random(16);
  const prf = random(32);

  it("opens with the PRF output it was wrapped under, and can't be exported then", async () => {
    const key = await newKey();
    const stored = await protect(key, prf, id);
    expect(stored.protection).toBe("prf");
    const opened = await open(stored, prf, id);
    expect(await verifies(key.point, await sign(opened, utf8("x")), utf8("x"))).toBe(true);
    await expect(crypto.subtle.exportKey("pkcs8", opened)).rejects.toThrow();
  });

  it("does not open with another PRF output, with none, or as another credential's", async () => {
    const stored = await protect(await newKey(), prf, id);
    await expect(open(stored, random(32), id)).rejects.toThrow(KeyGoneError);
    await expect(open(stored, undefined, id)).rejects.toThrow(KeyGoneError);
    await expect(open(stored, prf, random(16))).rejects.toThrow(KeyGoneError);
  });

  it("is kept by the browser where there is no PRF, and can't be exported", async () => {
    const key = await newKey();
    const stored = await protect(key, undefined, id);
    expect(stored.protection).toBe("device");
    const opened = await open(stored, undefined, id);
    expect(await verifies(key.point, await sign(opened, utf8("x")), utf8("x"))).toBe(true);
    await expect(crypto.subtle.exportKey("pkcs8", opened)).rejects.toThrow();
  });
});
