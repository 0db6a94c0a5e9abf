import "fake-indexeddb/auto";
import { readFileSync } from "node:fs";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { App } from "./app.svelte";
import { cose } from "./keys/cose";
import type { Bytes } from "./link/bytes";
import { concat, encodeBase64url, random, sha256, utf8 } from "./link/bytes";
import { FakeNetwork } from "./link/fake";
import type { Answer, FromDesktop, FromPhone, Hello, Request } from "./link/message";
import { helloProof } from "./link/ufrag";
import { Database } from "./store/database";
import { Records } from "./store/records";

const vectors = JSON.parse(readFileSync(new URL("../link/testdata/vectors.json", import.meta.url), "utf8"));
const { link, offer } = vectors.offer[0];
const second = {
  link: link.replace(offer.desktop, "zyxwvutsrq765432"),
  offer: { ...offer, desktop: "zyxwvutsrq765432" },
};
const ecdsa = { name: "ECDSA", hash: "SHA-256" };
const p256 = { name: "ECDSA", namedCurve: "P-256" };
const prf = random(32);

let network: FakeNetwork;
let app: App;
/** Whether the phone's screen lock recognises the person, and whether it has one. */
let recognises: boolean;
let screenLock: boolean;

let asked: string[];
const spki = Uint8Array.from([
  ...[0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48],
  ...[0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04, ...random(64)],
]);

function credential(how: string): object {
  asked.push(how);
  if (!recognises) throw new DOMException("no", "NotAllowedError");
  const b = utf8("x").buffer;
  const response = { clientDataJSON: b, attestationObject: b, authenticatorData: b, signature: b };
  const functions = { getAuthenticatorData: () => b, getPublicKey: () => spki.buffer, getPublicKeyAlgorithm: () => -7 };
  return {
    ...{ id: "eA", rawId: b, type: "public-key", authenticatorAttachment: "platform" },
    response: { ...response, ...functions, getTransports: () => ["internal"] },
    getClientExtensionResults: () => ({ prf: { enabled: true, results: { first: prf } } }),
  };
}

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  recognises = screenLock = true;
  network = new FakeNetwork();
  asked = [];
  const credentials = { create: async () => credential("create"), get: async () => credential("get") };
  vi.stubGlobal("navigator", { userAgent: "Android", maxTouchPoints: 5, languages: ["en"], credentials });
  vi.stubGlobal("location", { origin: "https://phone.contoso.example" });
  vi.stubGlobal("history", { pushState: () => {} });
  vi.stubGlobal("PublicKeyCredential", { isUserVerifyingPlatformAuthenticatorAvailable: async () => screenLock });
  app = new App(network.dial, "0.1.0");
});

afterEach(() => {
  app.close();
  vi.unstubAllGlobals();
});

const requestID = () => encodeBase64url(random(16));
const say = (m: FromDesktop) => network.last.onmessage(m);

/** Waits for the phone to say something on the newest connection. */
async function hear<T extends FromPhone["type"]>(type: T): Promise<Extract<FromPhone, { type: T }>> {
  const find = () => network.last.heard.find((m) => m.type === type);
  await vi.waitFor(() => expect(network.channels.length && find()).toBeTruthy());
  return find() as Extract<FromPhone, { type: T }>;
}

function request(action: Request["action"], more: Partial<Request> = {}): Request {
  const origin = "https://mail.contoso.example";
  const clientData = utf8(JSON.stringify({ type: `webauthn.${action}`, challenge: "AAEC", origin }));
  const site = { origin, domain: "contoso.example", rpId: "contoso.example", clientDataJSON: clientData };
  return {
    ...{ type: "request", id: requestID(), action, browser: "Firefox", mode: "choose", numbers: ["71", "26", "48"] },
    ...{
      secondsLeft: 60,
      accounts: [{ credential: "", name: "alice@contoso.example", displayName: "Alice", userId: utf8("alice") }],
    },
    ...(action === "pair"
      ? { accounts: [], origin: "", domain: "", rpId: "", clientDataJSON: new Uint8Array() }
      : site),
    ...more,
  };
}

/** The desktop asks; the phone shows it; the person taps 26, and it is right. */
async function answered(r: Request): Promise<Answer> {
  say(r);
  await vi.waitFor(() => expect(app.request?.id).toBe(r.id));
  app.shown(r.id);
  await hear("received");
  app.choose("26");
  say({ type: "numberRight", id: r.id });
  return hear("answer");
}

/** Pairs with the desktop of the golden link; returns the device key. */
async function paired(): Promise<CryptoKey> {
  await app.open(link);
  const answer = await pairing(offer);
  return crypto.subtle.importKey("spki", answer.deviceKey, p256, false, ["verify"]);
}

/** The desktop's side of a pairing, up to its welcome. */
async function pairing({ desktop, name, port, addresses }: typeof offer): Promise<Answer> {
  await hear("pairWith");
  const answer = await answered(request("pair"));
  say({ type: "paired", id: answer.id, phone: "k3yqh5m2z7wabcd4", secret: random(32) });
  await vi.waitFor(() => expect(app.outcome?.code).toBe("paired"));
  await hear("hello");
  say({ type: "welcome", v: 1, desktop, name, port, addresses, sync: true });
  app.dismiss();
  return answer;
}

/** Registers; returns the answer and the website's public key. */
async function registered(): Promise<{ answer: Answer; key: CryptoKey }> {
  const answer = await answered(request("create"));
  say({ type: "ended", id: answer.id, code: "registered" });
  await vi.waitFor(() => expect(app.registrations).toHaveLength(1));
  app.dismiss();
  const data = answer.authenticatorData;
  const point = concat(Uint8Array.of(4), data.slice(-67, -35), data.slice(-32));
  return { answer, key: await crypto.subtle.importKey("raw", point, p256, false, ["verify"]) };
}

const verify = (key: CryptoKey, signature: Bytes, data: Bytes) => crypto.subtle.verify(ecdsa, key, signature, data);
const account = (a: Answer) => [{ credential: a.credential, name: "alice@contoso.example", displayName: "" }];

describe("the phone app", () => {
  it("pairs, registers and signs in", async () => {
    const deviceKey = await paired();
    expect(app.desktops).toMatchObject([{ reach: "connected", desktop: { name: offer.name, keyProtection: "prf" } }]);
    const hello = network.last.heard[0] as Hello;
    expect(hello).toMatchObject({ type: "hello", phone: "k3yqh5m2z7wabcd4", name: "Android phone", app: "web/0.1.0" });
    expect(await verify(deviceKey, hello.signature, helloProof(network.last.ufrag))).toBe(true);

    const { answer, key } = await registered();
    expect(answer.keyProtection).toBe("prf");
    expect(app.registrations).toMatchObject([{ rpId: "contoso.example", account: "alice@contoso.example" }]);

    network.last.heard.length = 0;
    const get = request("get", { accounts: account(answer) });
    const assertion = await answered(get);
    const signed = concat(assertion.authenticatorData, await sha256(get.clientDataJSON));
    expect(await verify(key, assertion.signature, signed)).toBe(true);
    expect(JSON.stringify(assertion.verification)).not.toContain(encodeBase64url(prf));
    say({ type: "ended", id: assertion.id, code: "approved" });
    await vi.waitFor(() => expect(app.outcome).toMatchObject({ code: "approved", account: "alice@contoso.example" }));
  });

  it("shows every further desktop the platform credential that the first pairing made", async () => {
    await paired();
    const { answer } = await registered();
    asked = [];
    await app.pair(second.link);
    const pair = await pairing(second.offer);
    expect(asked).toEqual(["get"]);
    expect(pair.platformKey).toEqual(cose(spki.slice(26)));
    expect(pair.keyProtection).toBe("prf");

    // What was registered through the first desktop opens through the second.
    network.last.heard.length = 0;
    await answered(request("get", { accounts: account(answer) }));
  });

  it("tells a desktop what it holds, so that a new one can sign in at once", async () => {
    await paired();
    expect(await hear("registrations")).toEqual({ type: "registrations", items: [], kept: [], more: false });
    const { answer } = await registered();
    await app.pair(second.link);
    await pairing(second.offer);
    const { items } = await hear("registrations");
    expect(items).toMatchObject([
      {
        ...{ credential: answer.credential, rpId: "contoso.example", userId: utf8("alice"), keyProtection: "prf" },
        ...{ name: "alice@contoso.example", displayName: "Alice" },
        publicKey: cose(
          concat(Uint8Array.of(4), answer.authenticatorData.slice(-67, -35), answer.authenticatorData.slice(-32)),
        ),
      },
    ]);
  });

  it("says nothing of registrations to a desktop that would not understand", async () => {
    await paired();
    await registered();
    network.last.close();
    await vi.waitFor(() => expect(network.last.open).toBe(true), 3000);
    await hear("hello");
    const { desktop, name, port, addresses } = offer;
    say({ type: "welcome", v: 1, desktop, name, port, addresses });
    await app.removeRegistration(app.registrations[0]?.credential ?? "");
    await app.removeDesktop(desktop);
    expect(network.last.types).toEqual(["hello"]);
  });

  it("tells its desktops of a removal, and does what a desktop tells", async () => {
    await paired();
    const one = (await registered()).answer.credential;
    await app.removeRegistration(one);
    expect(await hear("forget")).toEqual({ type: "forget", credential: one });
    expect(app.registrations).toEqual([]);

    network.last.heard.length = 0;
    const two = (await registered()).answer.credential;
    say({ type: "forget", credential: two });
    expect(await hear("forget")).toEqual({ type: "forget", credential: two });
    await vi.waitFor(() => expect(app.registrations).toEqual([]));
    expect(await new Records(new Database()).registration(two)).toBeUndefined();
  });

  it("says goodbye to a desktop that is removed, and keeps the registrations for others", async () => {
    await paired();
    await registered();
    const channel = network.last;
    await app.removeDesktop(offer.desktop);
    expect(channel.types.at(-1)).toBe("goodbye");
    expect(app.desktops).toEqual([]);
    expect(app.registrations).toHaveLength(1);
    say({ type: "refused", code: "phone_removed" });
    await vi.waitFor(async () => expect(await new Records(new Database()).desktops()).toEqual([]));
    expect(app.registrations).toHaveLength(1);
  });

  it("says goodbye later to a desktop that was away", async () => {
    await paired();
    app.close();
    network.up = false;
    app = new App(network.dial, "0.1.0");
    await app.open("");
    await app.removeDesktop(offer.desktop);
    expect(app.desktops).toEqual([]);
    network.up = true;
    app = new App(network.dial, "0.1.0"); // another day
    await app.open("");
    expect(app.desktops).toEqual([]);
    await vi.waitFor(() => expect(network.last.types).toEqual(["hello"]));
    const { desktop, name, port, addresses } = offer;
    say({ type: "welcome", v: 1, desktop, name, port, addresses, sync: true });
    expect(network.last.types).toEqual(["hello", "goodbye"]);
    say({ type: "refused", code: "phone_removed" });
    await vi.waitFor(async () => expect(await new Records(new Database()).desktops()).toEqual([]));
  });

  it("keeps how requests ended, across restarts", async () => {
    await paired();
    await registered();
    app = new App(network.dial, "0.1.0");
    await app.open("");
    expect(app.activity).toMatchObject([
      { code: "registered", action: "create", site: "mail.contoso.example", account: "alice@contoso.example" },
      { code: "paired", action: "pair", site: "", desktop: offer.name },
    ]);
  });

  it("takes another name, and connects anew to say so", async () => {
    await paired();
    expect(await app.rename(" ")).toBe(false);
    expect(await app.rename("ü".repeat(33))).toBe(false);
    const before = network.channels.length;
    expect(await app.rename(" Alice’s phone ")).toBe(true);
    await vi.waitFor(() => expect(network.channels.length).toBe(before + 1));
    expect(await hear("hello")).toMatchObject({ name: "Alice’s phone" });
    app = new App(network.dial, "0.1.0");
    await app.open("");
    expect(app.name).toBe("Alice’s phone");
  });

  it("makes a new platform credential where the old one does not answer any more", async () => {
    await paired();
    asked = [];
    recognises = false;
    await app.pair(second.link);
    await hear("pairWith");
    const pair = request("pair");
    say(pair);
    await vi.waitFor(() => expect(app.request?.id).toBe(pair.id));
    app.choose("26");
    await vi.waitFor(() => expect(app.request?.state).toBe("again"));
    app.again();
    await vi.waitFor(() => expect([asked.length, app.request?.state]).toEqual([2, "again"]));
    recognises = true;
    app.again();
    say({ type: "numberRight", id: pair.id });
    expect((await hear("answer")).platformKey).toHaveLength(0);
    expect(asked).toEqual(["get", "get", "create"]);
  });

  it("keeps no registration that the desktop did not confirm", async () => {
    await paired();
    const answer = await answered(request("create"));
    say({ type: "ended", id: answer.id, code: "signature_invalid" });
    await vi.waitFor(() => expect(app.outcome?.code).toBe("signature_invalid"));
    expect(app.registrations).toEqual([]);
    const records = new Records(new Database());
    await vi.waitFor(async () => expect(await records.registration(answer.credential)).toBeUndefined());
    app.dismiss();
    network.last.heard.length = 0;
    say(request("get", { accounts: account(answer) }));
    expect(await hear("decline")).toMatchObject({ code: "key_gone" });
  });

  it("uses a registration that was cut off before its confirmation", async () => {
    await paired();
    const answer = await answered(request("create"));
    app = new App(network.dial, "0.1.0"); // the phone was turned off and on
    await app.open("");
    await hear("hello");
    expect(app.registrations).toEqual([]);
    await answered(request("get", { accounts: account(answer) }));
  });

  it("refuses a request that names another website than it signs for", async () => {
    await paired();
    say(request("get", { origin: "https://mail.fabrikam.example", accounts: account({ credential: "x" } as Answer) }));
    expect(await hear("decline")).toMatchObject({ code: "declined" });
    expect(app.outcome?.code).toBe("origin_mismatch");
    expect(app.request).toBeUndefined();
  });

  it("goes on with a request after the connection was lost", async () => {
    await paired();
    const { answer } = await registered();
    const get = request("get", { accounts: account(answer) });
    say(get);
    await vi.waitFor(() => expect(app.request?.id).toBe(get.id));
    app.shown(get.id);
    network.last.close();
    await vi.waitFor(() => expect(network.last.open).toBe(true), 3000);
    await hear("hello");
    say(get);
    await hear("received");
    app.choose("26");
    expect(await hear("number")).toMatchObject({ number: "26", credential: answer.credential });
  });

  it("repeats a decline that the desktop did not hear", async () => {
    await paired();
    const { answer } = await registered();
    const get = request("get", { accounts: account(answer) });
    say(get);
    await vi.waitFor(() => expect(app.request?.id).toBe(get.id));
    network.last.open = false;
    app.decline("reported");
    network.last.open = true;
    say(get);
    expect(await hear("decline")).toMatchObject({ code: "reported" });
  });

  it("marks a desktop that removed this phone, also after a restart, and leaves it alone", async () => {
    await paired();
    say({ type: "refused", code: "phone_removed" });
    expect(app.desktops).toMatchObject([{ reach: "refused", code: "phone_removed" }]);
    await vi.waitFor(async () => {
      app = new App(network.dial, "0.1.0");
      await app.open("");
      expect(app.desktops).toMatchObject([{ reach: "refused", code: "phone_removed" }]);
    });
  });

  it("does not pair without a screen lock, and says so to the desktop", async () => {
    screenLock = false;
    await app.open(link);
    await hear("pairWith");
    say(request("pair"));
    expect(await hear("decline")).toMatchObject({ code: "no_screen_lock" });
    expect(app.outcome?.code).toBe("no_screen_lock");
    expect(app.desktops).toEqual([]);
  });

  it("lets the person try again, and says that they gave up", async () => {
    recognises = false;
    await app.open(link);
    await hear("pairWith");
    const pair = request("pair");
    say(pair);
    await vi.waitFor(() => expect(app.request).toBeDefined());
    app.choose("26");
    await vi.waitFor(() => expect(app.request?.state).toBe("again"));
    app.decline("verification_failed");
    expect(await hear("decline")).toMatchObject({ code: "verification_failed" });
  });

  it("asks before it pairs again with a desktop that is paired", async () => {
    await paired();
    await app.pair(link);
    expect(app.view).toMatchObject({ name: "pair", offer: { desktop: offer.desktop } });
    expect(app.pairing).toBeUndefined();
  });

  it("says that a text is no pairing link", async () => {
    await app.open("");
    await app.pair("https://phone.contoso.example/#v=1");
    expect(app.view).toEqual({ name: "pair", bad: true });
  });

  it("closes while it can't be seen, and connects when it can", async () => {
    await paired();
    app.hide();
    expect(network.last.open).toBe(false);
    const before = network.channels.length;
    app.visible();
    await vi.waitFor(() => expect(network.channels.length).toBe(before + 1));
  });

  it("answers a request to its end before it closes", async () => {
    await paired();
    const create = request("create");
    say(create);
    await vi.waitFor(() => expect(app.request).toBeDefined());
    app.hide();
    expect(network.last.open).toBe(true);
    say({ type: "ended", id: create.id, code: "cancelled_by_page" });
    await vi.waitFor(() => expect(network.last.open).toBe(false));
  });

  it("makes no keys in a browser of iOS that must put it on the home screen first", async () => {
    vi.stubGlobal("navigator", { userAgent: "iPhone", maxTouchPoints: 5, standalone: false });
    await app.open(link);
    expect([app.install, app.link, network.tries]).toEqual([true, link, 0]);
  });

  it("says so where the browser keeps nothing", async () => {
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("no", "InvalidStateError");
    });
    await app.open("");
    expect(app.problem).toBe("storage");
  });
});
