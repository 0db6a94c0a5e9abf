import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { newKey } from "../keys/registration";
import { encodeBase64url, random, sha256, utf8 } from "../link/bytes";
import { numberMatchOutput } from "../link/numbermatch";
import { aaguid, assertionData, creationData, signedData } from "./authenticator";

const vectors = JSON.parse(readFileSync(new URL("../../link/testdata/vectors.json", import.meta.url), "utf8"));

describe("authenticatorData", () => {
  it("of an assertion: hash, user present and verified, counter 0", async () => {
    const data = await assertionData("contoso.example");
    expect(data).toHaveLength(37);
    expect(data.subarray(0, 32)).toEqual(await sha256(utf8("contoso.example")));
    expect(Array.from(data.subarray(32))).toEqual([0x05, 0, 0, 0, 0]);
  });

  it("of a new credential: AAGUID, ID and public key", async () => {
    const { public: key } = await newKey();
    const id = random(16);
    const data = await creationData("contoso.example", id, key);
    expect(data).toHaveLength(37 + 16 + 2 + 16 + 77);
    expect(data[32]).toBe(0x45);
    expect(data.subarray(37, 53)).toEqual(aaguid);
    expect(Array.from(data.subarray(53, 55))).toEqual([0, 16]);
    expect(data.subarray(55, 71)).toEqual(id);
    expect(data.subarray(71)).toEqual(key);
    expect(Array.from(key.subarray(0, 10))).toEqual([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20]);
    expect(Array.from(key.subarray(42, 45))).toEqual([0x22, 0x58, 0x20]);
  });

  it("ends with the extension's output, and says so, where the website asked", async () => {
    for (const { mode, keyProtection, output } of vectors.numberMatch) {
      const extension = numberMatchOutput(mode, keyProtection);
      expect(encodeBase64url(extension)).toBe(output);
      const get = await assertionData("contoso.example", extension);
      expect([get[32], get.slice(37)]).toEqual([0x85, extension]);
      const { public: key } = await newKey();
      const create = await creationData("contoso.example", random(16), key, extension);
      expect([create[32], create.slice(71 + key.length)]).toEqual([0xc5, extension]);
    }
  });

  it("is signed together with the hash of clientDataJSON", async () => {
    const signed = await signedData(Uint8Array.of(1, 2), utf8("{}"));
    expect(Array.from(signed.subarray(0, 2))).toEqual([1, 2]);
    expect(signed.subarray(2)).toEqual(await sha256(utf8("{}")));
  });
});
