import type { Frame, Page } from "puppeteer-core";

/** What a page of a test has at hand to call WebAuthn by itself, beyond what the shop's buttons do. */
const HELPERS = `{
const bytes = (length) => crypto.getRandomValues(new Uint8Array(length));
const unpack = (text) => Uint8Array.fromBase64(text, { alphabet: "base64url" });
const pack = (buffer) => new Uint8Array(buffer).toBase64({ alphabet: "base64url", omitPadding: true });
const creation = (more = {}) => ({
  rp: { name: "Contoso" },
  user: { id: bytes(16), name: "alice@contoso.example", displayName: "Alice" },
  challenge: bytes(32),
  pubKeyCredParams: [{ type: "public-key", alg: -7 }],
  ...more,
});
const allow = (...ids) => ids.map((id) => ({ type: "public-key", id: unpack(id) }));
const told = (promise) => promise.then(
  (credential) => ({ ok: true, ...credential.toJSON() }),
  (error) => ({ ok: false, error: error?.name ?? String(error), message: error?.message }),
);
const create = (more, rest = {}) => told(navigator.credentials.create({ publicKey: creation(more), ...rest }));
const get = (more, rest = {}) => told(navigator.credentials.get({ publicKey: { challenge: bytes(32), ...more }, ...rest }));
Object.assign(globalThis, { bytes, unpack, pack, creation, allow, told, create, get });
}`;

/** What a page was told: RegistrationResponseJSON or AuthenticationResponseJSON, or the error. */
export interface Heard {
  ok: boolean;
  error?: string;
  message?: string;
  id?: string;
  response?: Record<string, string>;
  clientExtensionResults?: { [name: string]: unknown };
}

/** Gives a page the functions above. */
export async function prepared<P extends Page | Frame>(page: P): Promise<P> {
  await page.evaluate(HELPERS);
  return page;
}

/** Runs one of the functions above, as text. A page can close before its answer is asked for: that fails whoever asks. */
export function ask(page: Page | Frame, run: string): Promise<Heard> {
  const heard = page.evaluate(run) as Promise<Heard>;
  heard.catch(() => {});
  return heard;
}
