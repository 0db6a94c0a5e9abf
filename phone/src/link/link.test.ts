import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { challenge } from "./approval";
import type { Bytes } from "./bytes";
import { decodeBase64url, encodeBase64url } from "./bytes";
import { decode, encode } from "./codec";
import { MessageError } from "./message";
import { numberMatchOutput } from "./numbermatch";
import { OfferError, parseOffer } from "./offer";
import { hostname } from "./text";
import { helloProof, importSecret, password, ufrag } from "./ufrag";

// The golden values that the Go tests read as well.
const golden = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../link/testdata/${file}`, import.meta.url), "utf8"));
const vectors = golden("vectors.json");
/** A message is an object, or the text itself where its spelling matters. */
const messages: { name: string; valid: boolean; message: object | string }[] = golden("messages.json");

function bytes(text: string): Bytes {
  const b = decodeBase64url(text);
  if (!b) throw new Error("test data is not base64url");
  return b;
}

describe("messages", () => {
  it("has examples of both kinds", () => {
    expect(messages.filter((m) => m.valid).length).toBeGreaterThan(20);
    expect(messages.filter((m) => !m.valid).length).toBeGreaterThan(50);
  });

  for (const m of messages) {
    const data = typeof m.message === "string" ? m.message : JSON.stringify(m.message);
    if (m.valid) {
      it(`reads and writes ${m.name}`, () => {
        const read = decode(data);
        expect(decode(encode(read))).toEqual(read);
        expect(JSON.parse(data)).toMatchObject(written(encode(read)));
      });
    } else {
      it(`refuses ${m.name}`, () => expect(() => decode(data)).toThrow(MessageError));
    }
  }
});

/** Accounts are written with all members, also where the example leaves one out. */
function written(data: string): object {
  const json = JSON.parse(data);
  for (const a of json.accounts ?? []) for (const k of Object.keys(a)) if (a[k] === "") delete a[k];
  return json;
}

describe("connection credentials", () => {
  for (const v of vectors.ufrag) {
    it(v.name, async () => {
      const secret = await importSecret(bytes(v.secret));
      const fragment = await ufrag(secret, v.time, bytes(v.random), bytes(v.certificate));
      expect(fragment).toBe(v.ufrag);
      expect(await password(secret, fragment)).toBe(v.password);
      expect(encodeBase64url(helloProof(fragment))).toBe(v.helloProof);
    });
  }
});

describe("pairing links", () => {
  for (const v of vectors.offer) {
    it(`reads ${v.name}`, () => {
      const o = parseOffer(v.link);
      const flat = { ...o, certificate: encodeBase64url(o.certificate), secret: encodeBase64url(o.secret) };
      expect(flat).toEqual(v.offer);
      expect(parseOffer(v.link.slice(v.link.indexOf("#") + 1))).toEqual(o);
    });
  }
  for (const v of vectors.badOffer) {
    it(`refuses ${v.name}`, () => expect(() => parseOffer(v.link)).toThrow(OfferError));
  }
});

describe("the numberMatch output", () => {
  for (const v of vectors.numberMatch) {
    it(v.name, () => expect(encodeBase64url(numberMatchOutput(v.mode, v.keyProtection))).toBe(v.output));
  }
});

describe("approvals", () => {
  for (const v of vectors.approval) {
    it(v.name, async () => {
      const approval = { ...v.approval, payload: bytes(v.approval.payload) };
      expect(encodeBase64url(await challenge(approval))).toBe(v.challenge);
    });
  }
});

describe("ids", () => {
  for (const v of vectors.id) it(v.name, () => expect(hostname(v.id)).toBe(v.hostname));
});
