/** The way from a page's own arguments to the daemon, with arguments that nobody would write. */
import { expect, test } from "vitest";
import { numbers, seed } from "../../src/fake/random.ts";
import { useStage } from "../stage/fixture.ts";

const on = useStage("shop.localhost", (call) => call.fail("declined"));

/** The generator of src/fake/random.ts, with what only a page has: objects that bite, and options that are nearly right. */
const GENERATOR = `
const sources = [
  () => undefined, () => null, () => true, () => -1, () => NaN, () => 1e300, () => "", () => "\\ud800", () => "https://bank.example", () => 10n, () => Symbol(),
  () => new Uint8Array(3), () => new ArrayBuffer(2), () => new DataView(new ArrayBuffer(8)), () => new Uint8Array(new SharedArrayBufferIfAny(4)), () => document, () => window,
  () => new Proxy({}, { get() { throw new RangeError("bites"); } }), () => ({ get challenge() { throw new RangeError("bites"); } }), () => ({ toString() { throw 1; } }),
  () => { const a = {}; a.a = a; return a; }, () => new Map([[1, 2]]), () => function f() {}, () => "x".repeat(3000), () => Promise.resolve(1),
];
const SharedArrayBufferIfAny = self.SharedArrayBuffer ?? ArrayBuffer;
const names = ["rp", "user", "challenge", "pubKeyCredParams", "timeout", "rpId", "allowCredentials", "excludeCredentials", "extensions", "prf", "eval", "id", "type", "name", "alg",
  "transports", "hints", "attestation", "authenticatorSelection", "userVerification", "origin", "topOrigin", "__proto__", "constructor", "then", "toJSON"];
// A prototype that was put there before may have a setter that refuses: Window's "name".
const put = (made, name, value) => { try { made[name] = value; } catch { Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true }); } };
const pick = (list) => list[Math.floor(next() * list.length)];
const fuzz = (depth) => {
  const kind = depth > 0 ? next() : 1;
  if (kind > 0.6) return pick(sources)();
  if (kind > 0.45) return Array.from({ length: Math.floor(next() * 4) }, () => fuzz(depth - 1));
  const made = {};
  for (let i = Math.floor(next() * 5); i > 0; i--) put(made, pick(names), fuzz(depth - 1));
  return made;
};
const nearly = (right) => { const made = { ...right }; put(made, pick(names), fuzz(3)); if (next() > 0.5) delete made[pick(Object.keys(made))]; return made; };
`;

test("two hundred strange calls end, for this page alone", async () => {
  const from = seed();
  const next = numbers(from);
  const choices = Array.from({ length: 20_000 }, next);
  const run = `(async () => {
    const choices = ${JSON.stringify(choices.map((one) => Number(one.toFixed(6))))};
    let at = 0;
    const next = () => choices[at++ % choices.length];
    ${GENERATOR}
    const ends = {};
    for (let i = 0; i < 200; i++) {
      const controller = new AbortController();
      const op = next() > 0.5 ? "create" : "get";
      const publicKey = next() > 0.3 ? nearly(op === "create" ? creation() : { challenge: bytes(8) }) : fuzz(4);
      const argument = { publicKey, signal: controller.signal, ...(next() > 0.8 && { mediation: fuzz(1) }) };
      const timer = setTimeout(() => controller.abort(), 300);
      let end;
      try { end = await navigator.credentials[op](next() > 0.9 ? fuzz(2) : argument).then(() => "served", (error) => error?.name ?? "odd"); }
      catch (error) { end = "thrown"; }
      clearTimeout(timer);
      ends[end] = (ends[end] ?? 0) + 1;
    }
    return ends;
  })()`;
  const ends = (await on.page.evaluate(run)) as { [end: string]: number };
  const origins = [...new Set(on.daemon.calls.map(({ params }) => params.origin))];
  // No call of a function that gives promises throws, and nothing is signed by a daemon that declines.
  expect({ seed: from, thrown: ends["thrown"] ?? 0, origins }).toEqual({
    seed: from,
    thrown: 0,
    origins: [on.stage.site.origin("shop.localhost")],
  });
  expect(Object.values(ends).reduce((sum, count) => sum + count, 0)).toBe(200);
  expect(await on.page.evaluate("create()")).toMatchObject({ message: "Declined on the phone" });
});
