import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { account, link, offer, prf, second, spki, World } from "./app.fixture";
import { cose } from "./keys/cose";
import { concat, encodeBase64url, sha256, utf8 } from "./link/bytes";
import type { Answer, Hello } from "./link/message";
import { helloProof } from "./link/ufrag";
import { Database } from "./store/database";
import { Records } from "./store/records";

const ecdsa = { name: "ECDSA", hash: "SHA-256" };
let w: World;

beforeEach(() => {
  w = new World();
});

afterEach(() => w.close());

const verify = (key: CryptoKey, signature: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>) =>
  crypto.subtle.verify(ecdsa, key, signature, data);

describe("the phone app", () => {
  it("pairs, registers and signs in", async () => {
    const deviceKey = await w.paired();
    expect(w.app.desktops).toMatchObject([{ reach: "connected", desktop: { name: offer.name, keyProtection: "prf" } }]);
    const hello = w.network.last.heard[0] as Hello;
    expect(hello).toMatchObject({ type: "hello", phone: "k3yqh5m2z7wabcd4", name: "Android phone", app: "web/0.1.0" });
    expect(await verify(deviceKey, hello.signature, helloProof(w.network.last.ufrag))).toBe(true);

    const { answer, key } = await w.registered();
    expect(answer.keyProtection).toBe("prf");
    expect(w.app.registrations).toMatchObject([{ rpId: "contoso.example", account: "alice@contoso.example" }]);

    w.network.last.heard.length = 0;
    const get = w.request("get", { accounts: account(answer) });
    const assertion = await w.answered(get);
    const signed = concat(assertion.authenticatorData, await sha256(get.clientDataJSON));
    expect(await verify(key, assertion.signature, signed)).toBe(true);
    expect(JSON.stringify(assertion.verification)).not.toContain(encodeBase64url(prf));
    w.say({ type: "ended", id: assertion.id, code: "approved" });
    await vi.waitFor(() => expect(w.app.outcome).toMatchObject({ code: "approved", account: "alice@contoso.example" }));
  });

  it("connects while the browser still asks whether to keep what is stored", async () => {
    Object.assign(navigator, { storage: { persist: () => new Promise(() => {}), persisted: async () => false } });
    await w.paired();
    expect(w.app.desktops).toMatchObject([{ reach: "connected" }]);
  });

  it("shows every further desktop the platform credential that the first pairing made", async () => {
    await w.paired();
    const { answer } = await w.registered();
    w.asked = [];
    await w.app.pair(second.link);
    const pair = await w.pairing(second.offer);
    expect(w.asked).toEqual(["get"]);
    expect(pair.platformKey).toEqual(cose(spki.slice(26)));
    expect(pair.keyProtection).toBe("prf");

    // What was registered through the first desktop opens through the second.
    w.network.last.heard.length = 0;
    await w.answered(w.request("get", { accounts: account(answer) }));
  });

  it("tells a desktop what it holds, so that a new one can sign in at once", async () => {
    await w.paired();
    expect(await w.hear("registrations")).toEqual({ type: "registrations", items: [], kept: [], more: false });
    const { answer } = await w.registered();
    await w.app.pair(second.link);
    await w.pairing(second.offer);
    const { items } = await w.hear("registrations");
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

  it("keeps when a pairing ends, until it has no end any more", async () => {
    const ends = Date.now() + 86_400_000;
    await w.paired({ ends });
    await w.restart();
    await w.hear("hello");
    expect(w.app.desktops).toMatchObject([{ desktop: { ends } }]);
    w.welcome(offer);
    expect(w.app.desktops).toMatchObject([{ desktop: { ends: 0 } }]);
  });

  it("goes on pairing when the browser brings the page back that it had put aside", async () => {
    await w.app.open(link);
    await w.hear("pairWith");
    w.app.close();
    expect(w.network.last.open).toBe(false);
    w.app.visible();
    await vi.waitFor(() => expect(w.network.channels).toHaveLength(2), 30_000);
    await w.pairing(offer);
    expect(w.app.desktops).toMatchObject([{ reach: "connected" }]);
  });

  it("goes on with a request when the browser brings the page back that it had put aside", async () => {
    await w.paired();
    const { answer } = await w.registered();
    await w.shown(w.request("get", { accounts: account(answer) }));
    const before = w.network.channels.length;
    w.app.close();
    w.app.visible();
    await vi.waitFor(() => expect(w.network.channels.length).toBeGreaterThan(before), 30_000);
    await w.hear("hello");
    w.welcome(offer);
    await w.hear("received"); // so that the desktop asks again, or tells the end
    expect(w.app.request).toBeDefined();
  });

  it("asks for the end of a request that the connection broke in, and hears it", async () => {
    await w.paired();
    const create = w.request("create");
    await w.answered(create);
    w.network.last.close();
    await vi.waitFor(() => expect(w.network.channels).toHaveLength(3), 30_000);
    await w.hear("hello");
    w.welcome(offer);
    expect(await w.hear("received")).toEqual({ type: "received", id: create.id });
    w.say({ type: "ended", id: create.id, code: "registered" });
    await vi.waitFor(() => expect(w.app.outcome?.code).toBe("registered"), 30_000);
    await vi.waitFor(() => expect(w.app.registrations).toHaveLength(1), 30_000);
  });

  it("keeps a new key where the desktop can't tell any more whether the website has it", async () => {
    await w.paired();
    const answer = await w.answered(w.request("create"));
    w.say({ type: "ended", id: answer.id, code: "request_unknown" });
    await vi.waitFor(() => expect(w.app.outcome?.code).toBe("request_unknown"), 30_000);
    expect(await new Records(new Database()).registration(answer.credential)).toMatchObject({ pending: true });
  });

  it("keeps how requests ended, across restarts", async () => {
    await w.paired();
    await w.registered();
    await w.restart();
    expect(w.app.activity).toMatchObject([
      { code: "registered", action: "create", site: "mail.contoso.example", account: "alice@contoso.example" },
      { code: "paired", action: "pair", site: "", desktop: offer.name },
    ]);
  });

  it("takes another name, and connects anew to say so", async () => {
    await w.paired();
    expect(await w.app.rename(" ")).toBe(false);
    expect(await w.app.rename("ü".repeat(33))).toBe(false);
    const before = w.network.channels.length;
    expect(await w.app.rename(" Alice’s phone ")).toBe(true);
    await vi.waitFor(() => expect(w.network.channels.length).toBe(before + 1));
    expect(await w.hear("hello")).toMatchObject({ name: "Alice’s phone" });
    await w.restart();
    expect(w.app.name).toBe("Alice’s phone");
  });

  it("makes a new platform credential where the old one does not answer any more", async () => {
    await w.paired();
    w.asked = [];
    w.recognises = false;
    await w.app.pair(second.link);
    await w.hear("pairWith");
    const pair = w.request("pair");
    w.say(pair);
    await vi.waitFor(() => expect(w.app.request?.id).toBe(pair.id));
    w.app.choose("26");
    await vi.waitFor(() => expect(w.app.request?.state).toBe("again"));
    w.app.again();
    await vi.waitFor(() => expect([w.asked.length, w.app.request?.state]).toEqual([2, "again"]));
    w.recognises = true;
    w.app.again();
    w.say({ type: "numberRight", id: pair.id });
    expect((await w.hear("answer")).platformKey).toHaveLength(0);
    expect(w.asked).toEqual(["get", "get", "create"]);
  });

  it("keeps no registration that the desktop did not confirm", async () => {
    await w.paired();
    const answer = await w.answered(w.request("create"));
    w.say({ type: "ended", id: answer.id, code: "signature_invalid" });
    await vi.waitFor(() => expect(w.app.outcome?.code).toBe("signature_invalid"));
    expect(w.app.registrations).toEqual([]);
    const records = new Records(new Database());
    await vi.waitFor(async () => expect(await records.registration(answer.credential)).toBeUndefined());
    w.app.dismiss();
    w.network.last.heard.length = 0;
    w.say(w.request("get", { accounts: account(answer) }));
    expect(await w.hear("decline")).toMatchObject({ code: "key_gone" });
  });

  it("uses a registration that was cut off before its confirmation", async () => {
    await w.paired();
    const answer = await w.answered(w.request("create"));
    await w.restart(); // the phone was turned off and on
    await w.hear("hello");
    expect(w.app.registrations).toEqual([]);
    await w.answered(w.request("get", { accounts: account(answer) }));
  });

  it("refuses a request that names another website than it signs for", async () => {
    await w.paired();
    w.say(
      w.request("get", { origin: "https://mail.fabrikam.example", accounts: account({ credential: "x" } as Answer) }),
    );
    expect(await w.hear("decline")).toMatchObject({ code: "declined" });
    expect(w.app.outcome?.code).toBe("origin_mismatch");
    expect(w.app.request).toBeUndefined();
  });

  it("goes on with a request after the connection was lost", async () => {
    await w.paired();
    const { answer } = await w.registered();
    const get = w.request("get", { accounts: account(answer) });
    w.say(get);
    await vi.waitFor(() => expect(w.app.request?.id).toBe(get.id));
    w.app.shown(get.id);
    w.network.last.close();
    await vi.waitFor(() => expect(w.network.last.open).toBe(true), 30_000);
    await w.hear("hello");
    w.say(get);
    await w.hear("received");
    w.app.choose("26");
    expect(await w.hear("number")).toMatchObject({ number: "26", credential: answer.credential });
  });

  it("repeats a decline that the desktop did not hear", async () => {
    await w.paired();
    const { answer } = await w.registered();
    const get = w.request("get", { accounts: account(answer) });
    w.say(get);
    await vi.waitFor(() => expect(w.app.request?.id).toBe(get.id));
    w.network.last.open = false;
    w.app.decline("reported");
    w.network.last.open = true;
    w.say(get);
    expect(await w.hear("decline")).toMatchObject({ code: "reported" });
  });

  it("marks a desktop that removed this phone, also after a restart, and leaves it alone", async () => {
    await w.paired();
    w.say({ type: "refused", code: "phone_removed" });
    expect(w.app.desktops).toMatchObject([{ reach: "refused", code: "phone_removed" }]);
    await vi.waitFor(async () => {
      await w.restart();
      expect(w.app.desktops).toMatchObject([{ reach: "refused", code: "phone_removed" }]);
    });
  });

  it("does not pair without a screen lock, and says so to the desktop", async () => {
    w.screenLock = false;
    await w.app.open(link);
    await w.hear("pairWith");
    w.say(w.request("pair"));
    expect(await w.hear("decline")).toMatchObject({ code: "no_screen_lock" });
    expect(w.app.outcome?.code).toBe("no_screen_lock");
    expect(w.app.desktops).toEqual([]);
  });

  it("lets the person try again, and says that they gave up", async () => {
    w.recognises = false;
    await w.app.open(link);
    await w.hear("pairWith");
    const pair = w.request("pair");
    w.say(pair);
    await vi.waitFor(() => expect(w.app.request).toBeDefined());
    w.app.choose("26");
    await vi.waitFor(() => expect(w.app.request?.state).toBe("again"));
    w.app.decline("verification_failed");
    expect(await w.hear("decline")).toMatchObject({ code: "verification_failed" });
  });

  it("asks before it pairs again with a desktop that is paired", async () => {
    await w.paired();
    await w.app.pair(link);
    expect(w.app.view).toMatchObject({ name: "pair", offer: { desktop: offer.desktop } });
    expect(w.app.pairing).toBeUndefined();
  });

  it("says that a text is no pairing link", async () => {
    await w.app.open("");
    await w.app.pair("https://phone.contoso.example/#v=1");
    expect(w.app.view).toEqual({ name: "pair", bad: true });
  });

  it("closes while it can't be seen, and connects when it can", async () => {
    await w.paired();
    w.app.hide();
    expect(w.network.last.open).toBe(false);
    const before = w.network.channels.length;
    w.app.visible();
    await vi.waitFor(() => expect(w.network.channels.length).toBe(before + 1));
  });

  it("answers a request to its end before it closes", async () => {
    await w.paired();
    const create = w.request("create");
    w.say(create);
    await vi.waitFor(() => expect(w.app.request).toBeDefined());
    w.app.hide();
    expect(w.network.last.open).toBe(true);
    w.say({ type: "ended", id: create.id, code: "cancelled_by_page" });
    await vi.waitFor(() => expect(w.network.last.open).toBe(false));
  });

  it("makes no keys in a browser of iOS that must put it on the home screen first", async () => {
    vi.stubGlobal("navigator", { userAgent: "iPhone", maxTouchPoints: 5, standalone: false });
    await w.app.open(link);
    expect([w.app.install, w.app.link, w.network.tries]).toEqual([true, link, 0]);
  });

  it("says so where the browser can't be read, and asks for no approval", async () => {
    await w.paired();
    const { answer } = await w.registered();
    vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    w.say(w.request("get", { accounts: account(answer) }));
    expect(await w.hear("decline")).toMatchObject({ code: "phone_storage_failed" });
    expect([w.app.request, w.app.outcome?.code]).toEqual([undefined, "phone_storage_failed"]);
    vi.restoreAllMocks();
    await w.answered(w.request("get", { accounts: account(answer) }));
  });

  it("says so where the browser keeps nothing", async () => {
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("no", "InvalidStateError");
    });
    await w.app.open("");
    expect(w.app.problem).toBe("storage");
  });
});
