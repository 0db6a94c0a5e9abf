import { afterEach, describe, expect, it, vi } from "vitest";
import { random, utf8 } from "../link/bytes";
import { create, get, hasScreenLock } from "./platform";
import { prfSalt } from "./registration";

afterEach(() => vi.unstubAllGlobals());

const buffer = (text: string) => utf8(text).buffer;
const signal = new AbortController().signal;

function credential(response: object, results: object): object {
  const own = { id: "aWQ", rawId: buffer("id"), type: "public-key", authenticatorAttachment: "platform", response };
  return { ...own, getClientExtensionResults: () => results, toJSON: () => ({ clientExtensionResults: results }) };
}

describe("the platform credential", () => {
  it("is made with user verification, resident, on this phone, and asks for a PRF", async () => {
    const response = {
      clientDataJSON: buffer("{}"),
      attestationObject: buffer("att"),
      getAuthenticatorData: () => buffer("data"),
      getPublicKey: () => buffer("key"),
      getPublicKeyAlgorithm: () => -7,
      getTransports: () => ["internal"],
    };
    const ask = vi.fn(async (_: CredentialCreationOptions) => credential(response, { prf: { enabled: true } }));
    vi.stubGlobal("navigator", { credentials: { create: ask } });
    const made = await create(random(32), "Office desktop", 1000, signal);
    expect(made).toMatchObject({ id: utf8("id"), protection: "prf", secret: undefined });
    expect(made.json).toEqual({
      ...{ id: "aWQ", rawId: "aWQ", type: "public-key", authenticatorAttachment: "platform" },
      response: {
        ...{ clientDataJSON: "e30", attestationObject: "YXR0", authenticatorData: "ZGF0YQ", transports: ["internal"] },
        ...{ publicKey: "a2V5", publicKeyAlgorithm: -7 },
      },
    });
    const options = ask.mock.calls[0]?.[0].publicKey;
    expect(options?.authenticatorSelection).toMatchObject({
      ...{ authenticatorAttachment: "platform", residentKey: "required", userVerification: "required" },
    });
    expect(options?.extensions).toEqual({ prf: {} });
  });

  it("verifies the person, and its PRF output stays out of what is sent", async () => {
    const prf = random(32);
    const response = { clientDataJSON: buffer("{}"), authenticatorData: buffer("data"), signature: buffer("sig") };
    const ask = vi.fn(async (_: CredentialRequestOptions) =>
      credential(response, { prf: { results: { first: prf } } }),
    );
    vi.stubGlobal("navigator", { credentials: { get: ask } });
    const id = random(16);
    const verified = await get(random(32), id, 1000, signal);
    expect(verified).toMatchObject({ protection: "prf", secret: prf });
    expect(JSON.stringify(verified.json)).not.toMatch(/prf|clientExtensionResults/);
    expect(ask.mock.calls[0]?.[0].publicKey).toMatchObject({
      allowCredentials: [{ type: "public-key", id }],
      userVerification: "required",
      extensions: { prf: { eval: { first: prfSalt } } },
    });
  });

  it("is asked for in the same turn, or Safari would have forgotten the tap", () => {
    const ask = vi.fn(() => new Promise(() => {}));
    vi.stubGlobal("navigator", { credentials: { get: ask, create: ask } });
    void get(random(32), random(16), 1000, signal);
    void create(random(32), "x", 1000, signal);
    expect(ask).toHaveBeenCalledTimes(2);
  });
});

describe("a screen lock", () => {
  it("is there when the browser says so, and not where it fails or can't tell", async () => {
    for (const [answer, want] of [
      [async () => true, true],
      [async () => false, false],
      [() => Promise.reject(new Error("no")), false],
    ] as const) {
      vi.stubGlobal("PublicKeyCredential", { isUserVerifyingPlatformAuthenticatorAvailable: answer });
      expect(await hasScreenLock()).toBe(want);
    }
    vi.stubGlobal("PublicKeyCredential", undefined);
    expect(await hasScreenLock()).toBe(false);
  });
});
