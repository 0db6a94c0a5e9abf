// What the tests of the app play: the desktop, the phone's screen lock, and the person.
import "fake-indexeddb/auto";
import { readFileSync } from "node:fs";
import { IDBFactory } from "fake-indexeddb";
import { expect, vi } from "vitest";
import { App } from "./app.svelte";
import { concat, encodeBase64url, random, utf8 } from "./link/bytes";
import { FakeNetwork } from "./link/fake";
import type { Answer, FromDesktop, FromPhone, Request, Welcome } from "./link/message";

const vectors = JSON.parse(readFileSync(new URL("../link/testdata/vectors.json", import.meta.url), "utf8"));
/** The pairing link of the golden values, and what it holds. */
export const { link, offer } = vectors.offer[0];
/** That of another desktop. */
export const second = {
  link: link.replace(offer.desktop, "zyxwvutsrq765432"),
  offer: { ...offer, desktop: "zyxwvutsrq765432" },
};

const p256 = { name: "ECDSA", namedCurve: "P-256" };

/** The PRF output of the platform credential. */
export const prf = random(32);
/** Its public key. */
export const spki = Uint8Array.from([
  ...[0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48],
  ...[0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04, ...random(64)],
]);

/** The account of an answer, as a later request names it. */
export const account = (a: Answer) => [{ credential: a.credential, name: "alice@contoso.example", displayName: "" }];

/** One phone with the app, and the desktops that it talks to. */
export class World {
  network = new FakeNetwork();
  app!: App;
  /** Whether the phone's screen lock recognises the person, whether it has one, and whether it has a PRF. */
  recognises = true;
  screenLock = true;
  hasPRF = true;
  /** How the platform was asked. */
  asked: string[] = [];

  constructor(origin = "https://phone.contoso.example") {
    globalThis.indexedDB = new IDBFactory();
    const credentials = {
      create: async () => this.credential("create"),
      get: async () => this.credential("get"),
    };
    vi.stubGlobal("navigator", { userAgent: "Android", maxTouchPoints: 5, languages: ["en"], credentials });
    vi.stubGlobal("location", { origin, hostname: new URL(origin).hostname });
    vi.stubGlobal("history", { pushState: () => {} });
    const lock = async () => this.screenLock;
    vi.stubGlobal("PublicKeyCredential", { isUserVerifyingPlatformAuthenticatorAvailable: lock });
    this.app = new App(this.network.dial, "0.1.0");
  }

  close(): void {
    this.app.close();
    vi.unstubAllGlobals();
  }

  /** The phone is turned off and on. */
  async restart(): Promise<void> {
    this.app = new App(this.network.dial, "0.1.0");
    await this.app.open("");
  }

  /** The desktop says something on the newest connection. */
  say(m: FromDesktop): void {
    this.network.last.onmessage(m);
  }

  /** Waits for the phone to say something on the newest connection. */
  async hear<T extends FromPhone["type"]>(type: T): Promise<Extract<FromPhone, { type: T }>> {
    const find = () => this.network.last.heard.find((m) => m.type === type);
    await vi.waitFor(() => expect(this.network.channels.length && find()).toBeTruthy(), 30_000);
    return find() as Extract<FromPhone, { type: T }>;
  }

  request(action: Request["action"], more: Partial<Request> = {}): Request {
    const origin = "https://mail.contoso.example";
    const clientData = utf8(JSON.stringify({ type: `webauthn.${action}`, challenge: "AAEC", origin }));
    const site = { origin, domain: "contoso.example", rpId: "contoso.example", clientDataJSON: clientData };
    const alice = { credential: "", name: "alice@contoso.example", displayName: "Alice", userId: utf8("alice") };
    return {
      ...{ type: "request", id: encodeBase64url(random(16)), action, browser: "Firefox", mode: "choose" },
      ...{ numbers: ["71", "26", "48"], secondsLeft: 60, accounts: [alice] },
      ...(action === "pair"
        ? { accounts: [], origin: "", domain: "", rpId: "", clientDataJSON: new Uint8Array() }
        : site),
      ...more,
    };
  }

  /** The desktop asks, and the phone shows it. */
  async shown(r: Request): Promise<void> {
    this.say(r);
    await vi.waitFor(() => expect(this.app.request?.id).toBe(r.id), 30_000);
    this.app.shown(r.id);
    await this.hear("received");
  }

  /** The desktop asks; the phone shows it; the person taps 26, and it is right. */
  async answered(r: Request): Promise<Answer> {
    await this.shown(r);
    this.app.choose("26");
    this.say({ type: "numberRight", id: r.id });
    return this.hear("answer");
  }

  /** Pairs with the desktop of the golden link; returns the device key. */
  async paired(more: Partial<Welcome> = {}): Promise<CryptoKey> {
    await this.app.open(link);
    const answer = await this.pairing(offer, more);
    return crypto.subtle.importKey("spki", answer.deviceKey, p256, false, ["verify"]);
  }

  /** The desktop's side of a pairing, up to its welcome. */
  async pairing(to: typeof offer, more: Partial<Welcome> = {}): Promise<Answer> {
    await this.hear("pairWith");
    const answer = await this.answered(this.request("pair"));
    this.say({ type: "paired", id: answer.id, phone: "k3yqh5m2z7wabcd4", secret: random(32) });
    await vi.waitFor(() => expect(this.app.outcome?.code).toBe("paired"), 30_000);
    await this.hear("hello");
    this.welcome(to, more);
    this.app.dismiss();
    return answer;
  }

  welcome({ desktop, name, port, addresses }: typeof offer, more: Partial<Welcome> = {}): void {
    this.say({ type: "welcome", v: 1, desktop, name, port, addresses, sync: true, ...more });
  }

  /** Registers; returns the answer and the website's public key. */
  async registered(more: Partial<Request> = {}): Promise<{ answer: Answer; key: CryptoKey }> {
    const before = this.app.registrations.length;
    const answer = await this.answered(this.request("create", more));
    this.say({ type: "ended", id: answer.id, code: "registered" });
    await vi.waitFor(() => expect(this.app.registrations).toHaveLength(before + 1), 30_000);
    this.app.dismiss();
    this.network.last.heard.length = 0;
    return { answer, key: await websiteKey(answer) };
  }

  private credential(how: string): object {
    this.asked.push(how);
    if (!this.recognises) throw new DOMException("no", "NotAllowedError");
    const b = utf8("x").buffer;
    const response = { clientDataJSON: b, attestationObject: b, authenticatorData: b, signature: b };
    const getters = { getAuthenticatorData: () => b, getPublicKey: () => spki.buffer, getPublicKeyAlgorithm: () => -7 };
    const results = this.hasPRF ? { prf: { enabled: true, results: { first: prf } } } : {};
    return {
      ...{ id: "eA", rawId: b, type: "public-key", authenticatorAttachment: "platform" },
      response: { ...response, ...getters, getTransports: () => ["internal"] },
      getClientExtensionResults: () => results,
    };
  }
}

const keyAt = 37 + 16 + 2 + 16; // in authenticatorData, with a credential ID of 16 bytes

/** The website's public key in the answer to a registration. */
function websiteKey({ authenticatorData }: Answer): Promise<CryptoKey> {
  const key = authenticatorData.slice(keyAt);
  if (key[0] === 0xa4) return crypto.subtle.importKey("raw", key.slice(10, 42), "Ed25519", false, ["verify"]);
  const point = concat(Uint8Array.of(4), key.slice(10, 42), key.slice(45, 77));
  return crypto.subtle.importKey("raw", point, p256, false, ["verify"]);
}
