/** Values that nobody would send, from a seed that the test prints: the same seed makes the same values again. */

/** Numbers from 0 up to 1, as mulberry32 makes them. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const NAMES = [
  "op",
  "kind",
  "options",
  "framed",
  "origin",
  "topOrigin",
  "token",
  "challenge",
  "rpId",
  "signal",
  "credential",
];
const ODD_NAMES = ["__proto__", "constructor", "toString", "length", "then", "", "0"];
const PLAIN: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  "",
  "get",
  "create",
  "unknownCredential",
  "https://bank.example",
  "null",
  "\ud800",
  "\u202e",
  "x".repeat(70_000),
  10n,
];

/** A value with at most depth levels of objects and lists in it. Some objects hold names that mean something elsewhere. */
export function value(next: () => number, depth = 3): unknown {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const kind = depth > 0 ? next() : 1;
  if (kind > 0.6) return pick(PLAIN);
  const length = Math.floor(next() * 5);
  if (kind > 0.45) return Array.from({ length }, () => value(next, depth - 1));
  if (kind > 0.4) return new Uint8Array(length);
  const made = {};
  for (let i = 0; i < length; i++) {
    const name = pick(next() > 0.2 ? NAMES : ODD_NAMES);
    // Not by assignment: "__proto__" is to be a name like any other.
    Object.defineProperty(made, name, {
      value: value(next, depth - 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return made;
}

/** The seed of this run: the variable SEED, or the time. */
export const seed = (): number => Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
