/** Bytes as the JSON forms of WebAuthn write them: base64url without padding. */
import { Buffer, Bytes, byteLength, codeAt, isView, PageTypeError } from "./primordials.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const VALUES = (() => {
  const values = new Bytes(128).fill(255);
  for (let i = 0; i < ALPHABET.length; i++) values[ALPHABET.charCodeAt(i)] = i;
  return values;
})();

/** Encodes an ArrayBuffer or a view of one. Throws a TypeError for all else. */
export function encode(source: BufferSource): string {
  const bytes = bytesOf(source);
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) text += group(bytes, i);
  return text;
}

function bytesOf(source: BufferSource): Uint8Array {
  if (isView(source)) return new Bytes(source.buffer, source.byteOffset, source.byteLength);
  return new Bytes(source, 0, byteLength(source)); // a length or a text would make a Uint8Array, too
}

function group(bytes: Uint8Array, at: number): string {
  const left = bytes.length - at;
  const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  let text = digit(bits >> 18) + digit(bits >> 12);
  if (left > 1) text += digit(bits >> 6);
  if (left > 2) text += digit(bits);
  return text;
}

const digit = (bits: number): string => ALPHABET[bits & 63] ?? "";

/** Decodes. Throws a TypeError where the text is not base64url. */
export function decode(text: string): ArrayBuffer {
  if (typeof text !== "string" || text.length % 4 === 1) throw new PageTypeError("not base64url");
  const buffer = new Buffer((text.length * 3) >> 2);
  const bytes = new Bytes(buffer);
  for (let i = 0, bits = 0, held = 0, at = 0; i < text.length; i++) {
    bits = (bits << 6) | value(codeAt(text, i));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = bits >> held;
  }
  return buffer;
}

function value(code: number): number {
  const found = VALUES[code] ?? 255;
  if (found === 255) throw new PageTypeError("not base64url");
  return found;
}
