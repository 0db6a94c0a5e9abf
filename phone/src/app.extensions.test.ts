// What a website asks for beyond plain WebAuthn: approve mode, numberMatch, EdDSA, prf.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { account, offer, World } from "./app.fixture";
import { concat, random, sha256 } from "./link/bytes";
import type { Answer, Request } from "./link/message";
import { numberMatchOutput } from "./link/numbermatch";
import { Database } from "./store/database";
import { Records } from "./store/records";

let w: World;

beforeEach(() => {
  w = new World();
});

afterEach(() => w.close());

/** The bytes that the website checks. */
const signed = async (a: Answer, r: Request) => concat(a.authenticatorData, await sha256(r.clientDataJSON));
const es256 = { name: "ECDSA", hash: "SHA-256" };

describe("approve mode", () => {
  it("answers after one tap and the platform's verification, without a number", async () => {
    await w.paired();
    const { answer, key } = await w.registered();
    const get = w.request("get", { mode: "approve", numbers: [], numberMatch: true, accounts: account(answer) });
    await w.shown(get);
    expect(w.app.request).toMatchObject({ mode: "approve", numbers: [], state: "asking" });
    w.app.choose("26");
    expect(w.app.request?.state).toBe("asking");
    w.app.approve();
    const approved = await w.hear("answer");
    expect(w.network.last.types).not.toContain("number");
    expect(approved.authenticatorData.slice(37)).toEqual(numberMatchOutput("approve", "prf"));
    expect(approved.authenticatorData[32]).toBe(0x85);
    expect(await crypto.subtle.verify(es256, key, approved.signature, await signed(approved, get))).toBe(true);
  });

  it("ends by Deny as every request ends by Decline", async () => {
    await w.paired();
    const { answer } = await w.registered();
    const approve = { mode: "approve", numbers: [], numberMatch: true } as const;
    await w.shown(w.request("get", { ...approve, numbers: [], accounts: account(answer) }));
    w.app.decline("declined");
    expect(await w.hear("decline")).toMatchObject({ code: "declined" });
  });
});

describe("numberMatch", () => {
  it("stands in what is signed where the website asked, and not where it did not", async () => {
    await w.paired();
    const { answer } = await w.registered({ numberMatch: true });
    const output = numberMatchOutput("choose", "prf");
    expect(answer.authenticatorData[32]).toBe(0xc5);
    expect(answer.authenticatorData.slice(-output.length)).toEqual(output);
    const plain = await w.answered(w.request("get", { accounts: account(answer) }));
    expect([plain.authenticatorData[32], plain.authenticatorData.length]).toEqual([0x05, 37]);
  });
});

describe("EdDSA", () => {
  it("is made where the website prefers it, signs, and is told to desktops", async () => {
    await w.paired();
    const { answer, key } = await w.registered({ algorithms: [-8, -7] });
    expect(key.algorithm.name).toBe("Ed25519");
    expect(answer.authenticatorData.slice(71, 75)).toEqual(Uint8Array.of(0xa4, 1, 1, 3));
    await w.restart();
    await w.hear("hello");
    w.welcome(offer);
    const [item] = (await w.hear("registrations")).items;
    expect(item?.publicKey).toEqual(answer.authenticatorData.slice(71));
    const get = w.request("get", { accounts: account(answer) });
    const assertion = await w.answered(get);
    expect(await crypto.subtle.verify("Ed25519", key, assertion.signature, await signed(assertion, get))).toBe(true);
  });

  it("is not made where ES256 comes first, and no key where the phone knows no algorithm", async () => {
    await w.paired();
    expect((await w.registered({ algorithms: [-7, -8] })).key.algorithm.name).toBe("ECDSA");
    w.say(w.request("create", { algorithms: [-257, -39] }));
    expect(await w.hear("decline")).toMatchObject({ code: "options_unsupported" });
    expect(w.app.outcome?.code).toBe("options_unsupported");
  });
});

describe("the prf extension", () => {
  it.each([true, false])("gives the same results always, keys under a PRF: %s", async (hasPRF) => {
    w.hasPRF = hasPRF;
    await w.paired();
    const salts = [random(32), random(32)];
    const asked = { prf: salts, credential: "", name: "alice@contoso.example", displayName: "" };
    const { answer } = await w.registered({ prf: true, accounts: [{ ...asked, userId: random(8) }] });
    expect(answer.keyProtection).toBe(hasPRF ? "prf" : "device");
    expect(answer.prf?.results.map((r) => r.length)).toEqual([32, 32]);
    const again = await w.answered(w.request("get", { prf: true, accounts: [{ ...asked, ...account(answer)[0] }] }));
    expect(again.prf).toEqual(answer.prf);
    const stored = await new Records(new Database()).registration(answer.credential);
    expect(stored?.prf?.protection).toBe(hasPRF ? "prf" : "device");
  });

  it("says that it is there where a website only asks whether, and nothing where it does not ask", async () => {
    await w.paired();
    expect((await w.registered({ prf: true })).answer.prf).toEqual({ results: [] });
    const { answer } = await w.registered();
    expect(answer.prf).toBeUndefined();
    const get = await w.answered(w.request("get", { prf: true, accounts: account(answer) }));
    expect(get.prf).toEqual({ results: [] }); // every registration has a secret, for websites that ask later
  });

  it("is not there for a registration that an early version made", async () => {
    await w.paired();
    const { answer } = await w.registered();
    const records = new Records(new Database());
    const made = await records.registration(answer.credential);
    if (!made) throw new Error("the registration is gone");
    const { prf: _, ...early } = made;
    await records.putRegistration(early);
    const salted = { ...account(answer)[0], prf: [random(32)] } as Request["accounts"][0];
    expect((await w.answered(w.request("get", { prf: true, accounts: [salted] }))).prf).toBeUndefined();
  });

  it("keeps its secrets, and the number, from what the app logs of a request", async () => {
    await w.paired();
    await w.registered({ prf: true });
    await vi.waitFor(() => expect(w.app.activity.length).toBeGreaterThan(1));
    const members = w.app.activity.flatMap((a) => Object.keys(a));
    expect(new Set(members)).toEqual(new Set(["id", "at", "action", "code", "site", "account", "desktop", "browser"]));
  });
});
