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
  installStatics({ PublicKeyCredential }, { paired() {} });
  expect(Object.keys(PublicKeyCredential)).toEqual([]);
  const { PublicKeyCredential: untouched, own } = scope(false, true);
  expect(untouched.isConditionalMediationAvailable).toBe(own);
  expect(untouched.getClientCapabilities.name).toBe("getClientCapabilities");
});
