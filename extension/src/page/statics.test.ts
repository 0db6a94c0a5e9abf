import { expect, test, vi } from "vitest";
import { installStatics, WORD_WITHIN } from "./statics.ts";

/** A window's PublicKeyCredential whose own answers are native, with a background that says word, or nothing. */
function scope(native: boolean, word: boolean | undefined) {
  const asked = vi.fn();
  const PublicKeyCredential = {
    async isUserVerifyingPlatformAuthenticatorAvailable() {
      return native;
    },
    async getClientCapabilities() {
      return { conditionalGet: true, userVerifyingPlatformAuthenticator: native, passkeyPlatformAuthenticator: native };
    },
    async isConditionalMediationAvailable() {
      return native;
    },
  };
  const own = PublicKeyCredential.isConditionalMediationAvailable;
  installStatics(
    { PublicKeyCredential },
    {
      signal() {},
      paired(answer) {
        asked();
        if (word !== undefined) answer(word);
      },
    },
  );
  return { PublicKeyCredential, asked, own };
}

test.each([
  [false, true, true],
  [false, false, false],
  [true, false, true],
  [true, true, true],
])("native %s and a paired phone %s make %s", async (native, word, result) => {
  const { PublicKeyCredential } = scope(native, word);
  expect(await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()).toBe(result);
  expect(await PublicKeyCredential.getClientCapabilities()).toEqual({
    conditionalGet: true,
    userVerifyingPlatformAuthenticator: result,
    passkeyPlatformAuthenticator: result,
  });
});

test("where the browser says yes itself, nobody is asked", async () => {
  const { PublicKeyCredential, asked } = scope(true, true);
  await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
  await PublicKeyCredential.getClientCapabilities();
  expect(asked).not.toHaveBeenCalled();
});

test("without a word the browser's own answer stands", { timeout: 10 * WORD_WITHIN }, async () => {
  const { PublicKeyCredential } = scope(false, undefined);
  expect(await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()).toBe(false);
});

test("what the browser lacks stays lacking, and the rest is untouched", () => {
  const PublicKeyCredential = {};
  installStatics({ PublicKeyCredential }, { paired() {}, signal() {} });
  expect(Object.keys(PublicKeyCredential)).toEqual([]);
  const { PublicKeyCredential: untouched, own } = scope(false, true);
  expect(untouched.isConditionalMediationAvailable).toBe(own);
  expect(untouched.getClientCapabilities.name).toBe("getClientCapabilities");
});

/** A window whose signal functions take what native takes. */
function signalling(native: (options: unknown) => Promise<void>) {
  const PublicKeyCredential = {
    signalUnknownCredential: native,
    signalAllAcceptedCredentials: native,
    signalCurrentUserDetails: native,
  };
  const signal = vi.fn();
  installStatics({ PublicKeyCredential }, { paired() {}, signal });
  return { PublicKeyCredential, signal };
}

test("signals reach the browser and us", async () => {
  const native = vi.fn(async () => {});
  const { PublicKeyCredential, signal } = signalling(native);
  const details = { rpId: "shop.example", userId: "AQID", name: "alice", displayName: "Alice", more: 1 };
  const accepted = { rpId: "shop.example", userId: "AQID", allAcceptedCredentialIds: new Set(["AQ", "Ag"]) };
  expect(await PublicKeyCredential.signalUnknownCredential({ rpId: "shop.example", credentialId: "AQ" })).toBe(
    undefined,
  );
  await PublicKeyCredential.signalAllAcceptedCredentials(accepted);
  await PublicKeyCredential.signalCurrentUserDetails(details);
  expect(native.mock.calls).toEqual([[{ rpId: "shop.example", credentialId: "AQ" }], [accepted], [details]]);
  expect(signal.mock.calls).toEqual([
    ["unknownCredential", { rpId: "shop.example", credentialId: "AQ" }],
    ["allAcceptedCredentials", { rpId: "shop.example", userId: "AQID", allAcceptedCredentialIds: ["AQ", "Ag"] }],
    ["currentUserDetails", { rpId: "shop.example", userId: "AQID", name: "alice", displayName: "Alice" }],
  ]);
});

test("what the browser refuses, nobody else hears", async () => {
  const refusal = new TypeError("its own word");
  const { PublicKeyCredential, signal } = signalling(async () => Promise.reject(refusal));
  await expect(PublicKeyCredential.signalUnknownCredential({ rpId: "shop.example" })).rejects.toBe(refusal);
  await expect(PublicKeyCredential.signalUnknownCredential({ rpId: Symbol() })).rejects.toBe(refusal);
  expect(signal).not.toHaveBeenCalled();
});
