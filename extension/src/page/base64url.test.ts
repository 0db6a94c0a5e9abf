import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { decode, encode } from "./base64url.ts";

test("encodes and decodes as others do", () => {
  for (let length = 0; length < 70; length++) {
    const bytes = randomBytes(length);
    const text = bytes.toString("base64url");
    expect(encode(bytes)).toBe(text);
    expect(Buffer.from(decode(text))).toEqual(bytes);
  }
});

test("takes every kind of buffer and only the part that a view shows", () => {
  const { buffer } = Uint8Array.of(1, 2, 3, 4);
  expect(encode(buffer)).toBe("AQIDBA");
  expect(encode(new DataView(buffer, 1, 2))).toBe("AgM");
  expect(encode(new Uint16Array(buffer, 2))).toBe("AwQ");
});

test.each(["A", "AAAAA", "AQ==", "A+", "A/", "ü", "A B", 5 as unknown as string])("refuses %s", (text) => {
  expect(() => decode(text)).toThrow(TypeError);
});

test.each(["text", 5, null, {}, [1], new SharedArrayBuffer(1)])("does not encode %s", (source) => {
  expect(() => encode(source as never)).toThrow(TypeError);
});
