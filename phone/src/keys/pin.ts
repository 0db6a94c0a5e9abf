// The app PIN: what verifies the person in a trial, where the page came from an address that browsers let use no
// platform credential (an IP address can't be an RP ID). It is weaker than a screen lock: whoever copies the browser's
// storage can guess offline, each guess at the price of PBKDF2. In this page guesses are counted before they are tried,
// so that closing the app in the middle of one gains nothing, and the tenth wrong one erases the keys.
import type { Bytes } from "../link/bytes";
import { concat, random, utf8 } from "../link/bytes";

/** What is kept of the PIN: never the PIN, and nothing that it could be checked by without the whole price. */
export interface PinRecord {
  salt: Bytes;
  iterations: number;
  /** HMAC key that can't be exported: a copy of the other members alone can't be guessed at. */
  pepper: CryptoKey;
  /** 32 bytes that keys are encrypted under, encrypted under the PIN. */
  wrapped: Bytes;
  iv: Bytes;
  /** The PIN has digits only: for the keypad. */
  digits: boolean;
  /** Wrong entries since the last right one. */
  failures: number;
  /** No entry is tried before; milliseconds since 1970. */
  until: number;
}

/** PBKDF2-SHA-256, as OWASP asks for in 2023 and later: about half a second on a phone. */
export const iterations = 600_000;
/** Wrong entries that cost nothing, and the one that erases the keys. */
export const freeTries = 5;
/** See freeTries. */
export const mostTries = 10;
/** Seconds to wait after the fifth wrong entry, the sixth and so on. */
const delays = [30, 60, 120, 300, 600];

/** How many characters a PIN has at least, and at most. */
export const shortestPin = 6;
/** See shortestPin. */
export const longestPin = 64;

/** Why a PIN can't be used: too short, or what thieves try first; empty where it can. */
export function weakness(pin: string): "" | "short" | "guessable" {
  const text = normal(pin);
  if (text.length < shortestPin) return "short";
  const codes = Array.from(text, (c) => c.codePointAt(0) ?? 0);
  const steps = new Set(codes.slice(1).map((c, i) => c - (codes[i] as number)));
  return steps.size === 1 || new Set(codes).size < 3 ? "guessable" : "";
}

/** Makes the record of a new PIN, and the secret that it opens: a new one, or that of the PIN before. */
export async function newPin(
  pin: string,
  rounds = iterations,
  secret = random(32),
): Promise<{ record: PinRecord; secret: Bytes }> {
  const hmac = { name: "HMAC", hash: "SHA-256", length: 256 } as const;
  const pepper = await crypto.subtle.generateKey(hmac, false, ["sign"]);
  const [salt, iv] = [random(16), random(12)];
  const key = await keyOf(pin, salt, rounds, pepper);
  const wrapped = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, secret));
  const digits = /^\d+$/.test(normal(pin));
  return { record: { salt, iterations: rounds, pepper, wrapped, iv, digits, failures: 0, until: 0 }, secret };
}

/** The secret that a PIN opens; undefined where it is the wrong one. */
export async function openPin(r: PinRecord, pin: string): Promise<Bytes | undefined> {
  const key = await keyOf(pin, r.salt, r.iterations, r.pepper);
  const opened = crypto.subtle.decrypt({ name: "AES-GCM", iv: r.iv }, key, r.wrapped);
  return opened.then(
    (b) => new Uint8Array(b),
    () => undefined,
  );
}

/** The record with one more try counted, before it is made. */
export function counted(r: PinRecord, now: number): PinRecord {
  const failures = r.failures + 1;
  const delay = delays[failures - freeTries] ?? 0;
  return { ...r, failures, until: failures >= freeTries ? now + delay * 1000 : 0 };
}

/** Seconds until the next try; a clock that was set back makes it no longer than the delay itself. */
export function waiting(r: PinRecord, now: number): number {
  const delay = delays[Math.min(r.failures, mostTries - 1) - freeTries] ?? 0;
  return Math.min(Math.max(Math.ceil((r.until - now) / 1000), 0), delay);
}

/** The same characters, however the keyboard composed them. */
function normal(pin: string): string {
  return pin.normalize("NFKC").slice(0, longestPin);
}

async function keyOf(pin: string, salt: Bytes, rounds: number, pepper: CryptoKey): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", utf8(normal(pin)), "PBKDF2", false, ["deriveBits"]);
  const pbkdf2 = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  const stretched = new Uint8Array(await crypto.subtle.deriveBits(pbkdf2, base, 256));
  const raw = await crypto.subtle.sign("HMAC", pepper, concat(utf8("tallykey/1 pin"), stretched));
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}
