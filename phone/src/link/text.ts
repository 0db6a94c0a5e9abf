import { decodeBase64url, utf8 } from "./bytes";
import { maxCredential } from "./limits";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const turning = /\p{Bidi_Control}/u;

/**
 * Whether a text is short enough (in bytes of UTF-8) to be shown and has neither control characters nor any that turn
 * the text around it.
 */
export function printable(text: string, limit: number): boolean {
  return utf8(text).length <= limit && !control.test(text) && !turning.test(text);
}

// Marks that turn text around (UAX #9), and letters that nobody sees.
const treacherous = /[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]/g;

/**
 * A name from the other side as it may be shown: without marks that turn text around and without letters that nobody
 * sees, so that two names which look alike are alike. What is signed keeps every character.
 */
export function harmless(text: string): string {
  return text.replace(treacherous, "").trim();
}

/** Whether a text is the id of a phone or desktop: 80 random bits in 16 characters, fit for one DNS label. */
export function validID(text: string): boolean {
  return /^[a-z2-7]{16}$/.test(text);
}

/** The mDNS name of a desktop: one label, because Firefox takes no other name in a candidate. */
export function hostname(desktop: string): string {
  return `tk-${desktop}.local`;
}

/** Whether a text is the id of a request: 16 bytes in base64url. */
export function validRequestID(text: string): boolean {
  return decodeBase64url(text)?.length === 16;
}

/** Whether a text is a credential ID in base64url. */
export function validCredential(text: string): boolean {
  const bytes = decodeBase64url(text);
  return bytes !== undefined && bytes.length >= 16 && bytes.length <= maxCredential;
}

/** Whether a text is a number as people compare it: two digits, a leading zero kept. */
export function twoDigits(text: string): boolean {
  return /^[0-9]{2}$/.test(text);
}

const ipv4 = /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/** Whether a text is an IP address of one machine: no zone, neither multicast nor unspecified. */
export function validAddress(text: string): boolean {
  if (ipv4.test(text)) {
    const first = Number.parseInt(text, 10);
    return text !== "0.0.0.0" && (first < 224 || first > 239);
  }
  return /^[0-9A-Fa-f:.]+$/.test(text) && text.includes(":") && validIPv6(text);
}

/** The URL parser knows IPv6 and writes it in one form, in which multicast and mapped multicast begin alike. */
function validIPv6(text: string): boolean {
  try {
    const host = new URL(`http://[${text}]/`).hostname;
    return host !== "[::]" && !/^\[ff[0-9a-f]{2}:/.test(host) && !/^\[::ffff:e[0-9a-f]{3}:/.test(host);
  } catch {
    return false;
  }
}
