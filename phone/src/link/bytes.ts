/** Bytes over memory of their own, as WebCrypto and WebAuthn want them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text in UTF-8. */
export function utf8(text: string): Bytes {
  return encoder.encode(text) as Bytes;
}

/** The text with every lone surrogate replaced by U+FFFD, which is what a Go program reads for it. */
export function wellFormed(text: string): string {
  return lenient.decode(encoder.encode(text));
}

/** The parts one after another. */
export function concat(...parts: Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Base64 in the standard alphabet without padding: exactly the ice-char of RFC 8839 section 5.4. */
export function iceChars(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
}

/** Base64url without padding, as bytes travel in messages and links. */
export function encodeBase64url(bytes: Uint8Array): string {
  let binary = "";
  for (const b of bytes) binary += String.fromCharCode(b);
  return btoa(binary).replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
}

/** Reads base64url, strictly: no padding, no line breaks, no bits after the end. Undefined where the text is not it. */
export function decodeBase64url(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
  return encodeBase64url(bytes) === text ? bytes : undefined;
}

/** SHA-256. */
export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

/** n random bytes. */
export function random(n: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(n));
}
