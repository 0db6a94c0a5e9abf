// The golden values of a platform credential that the app makes: what a desktop must take.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { concat, decodeBase64url, encodeBase64url, random, sha256, utf8 } from "../link/bytes";
import { cose, coseOfSPKI } from "./cose";
import type { PinPlatform } from "./pinplatform";
import { assertionJSON, der, hostOf, newPinKey, openPinKey, registrationJSON } from "./pinplatform";
import { SealError } from "./seal";

const file = new URL("../../link/testdata/pin.json", import.meta.url);
const golden: Golden[] = JSON.parse(readFileSync(file, "utf8"));

interface Golden {
  name: string;
  origin: string;
  rpId: string;
  privateKey: string;
  challenge: string;
  registration: { rawId: string; response: Record<string, string> };
  assertion: { response: Record<string, string> };
}

const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const bytes = (text: string | undefined) => decodeBase64url(text ?? "") ?? new Uint8Array();

function platform({ registration }: Golden): PinPlatform {
  const spki = bytes(registration.response.publicKey);
  const publicKey = coseOfSPKI(spki) ?? new Uint8Array();
  return { credential: bytes(registration.rawId), publicKey, spki, wrapped: new Uint8Array(), iv: new Uint8Array() };
}

/** r and s of a DER signature. */
function raw(signature: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = 4 + (signature[3] as number);
  const half = (b: Uint8Array<ArrayBuffer>) => concat(new Uint8Array(32), b).slice(-32);
  return concat(half(signature.slice(4, at)), half(signature.slice(at + 2)));
}

describe.each(golden)("$name", (g) => {
  it("registers with the golden response", async () => {
    expect(hostOf(g.origin)).toBe(g.rpId);
    expect(await registrationJSON(platform(g), g.origin, bytes(g.challenge))).toEqual(g.registration);
  });

  it("asserts with the golden response, but for the signature, which verifies", async () => {
    const key = await crypto.subtle.importKey("pkcs8", bytes(g.privateKey), ecdsa, false, ["sign"]);
    const made = (await assertionJSON(platform(g), key, g.origin, bytes(g.challenge))) as Golden["assertion"];
    const { spki } = platform(g);
    const verifier = await crypto.subtle.importKey("spki", spki, ecdsa, false, ["verify"]);
    for (const { response: r } of [made, g.assertion]) {
      const signed = concat(bytes(r.authenticatorData), await sha256(bytes(r.clientDataJSON)));
      expect(await crypto.subtle.verify(ecdsa, verifier, raw(bytes(r.signature)), signed)).toBe(true);
    }
    const signature = made.response.signature;
    expect({ ...made, response: { ...made.response, signature: "" } }).toEqual({
      ...g.assertion,
      response: { ...g.assertion.response, signature: "" },
    });
    expect(signature).not.toBe("");
  });
});

describe("the key of a platform credential under the PIN", () => {
  it("opens with the secret only, and as the credential that it is", async () => {
    const [secret, id] = [random(32), random(16)];
    const made = await newPinKey(secret, id);
    expect(made.publicKey).toEqual(cose(made.spki.slice(26)));
    const key = await openPinKey(made, secret);
    expect(key.extractable).toBe(false);
    await expect(openPinKey(made, random(32))).rejects.toThrow(SealError);
    await expect(openPinKey({ ...made, credential: random(16) }, secret)).rejects.toThrow(SealError);
  });

  it("writes a signature as ASN.1: no leading zeros, and no negative number", () => {
    const half = (...head: number[]) => concat(Uint8Array.from(head), new Uint8Array(32 - head.length).fill(7));
    const [small, large] = [half(0, 0, 1), half(0x80)];
    const made = der(concat(small, large));
    expect(encodeBase64url(made.slice(0, 6))).toBe(encodeBase64url(Uint8Array.of(0x30, 67, 2, 30, 1, 7)));
    expect(Array.from(made.slice(34, 38))).toEqual([2, 33, 0, 0x80]);
    expect(raw(made)).toEqual(concat(small, large));
    expect(raw(der(new Uint8Array(64)))).toEqual(new Uint8Array(64));
  });

  it("names the host as the RP ID, an IPv6 address without brackets", async () => {
    expect(hostOf("https://[2001:db8::7]:47114")).toBe("2001:db8::7");
    expect(await sha256(utf8(hostOf("https://192.0.2.7:47114")))).toEqual(await sha256(utf8("192.0.2.7")));
  });
});
