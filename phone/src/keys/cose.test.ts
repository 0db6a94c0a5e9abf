import { describe, expect, it } from "vitest";
import { cose, coseOfSPKI } from "./cose";
import { newDeviceKey } from "./device";

describe("a COSE key", () => {
  it("holds the point of the SubjectPublicKeyInfo", async () => {
    const { public: spki } = await newDeviceKey();
    const key = coseOfSPKI(spki);
    expect(key).toEqual(cose(spki.slice(26)));
    expect(key).toHaveLength(77);
  });

  it("is not made of any other key", async () => {
    const { public: spki } = await newDeviceKey();
    const compressed = spki.slice();
    compressed[26] = 2;
    for (const bad of [new Uint8Array(), spki.slice(0, 90), spki.slice(1), compressed]) {
      expect(coseOfSPKI(bad)).toBeUndefined();
    }
  });
});
