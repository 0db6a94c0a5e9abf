/** What sites ask before they offer a passkey. The browsers here have no authenticator of their own. */
import { expect, test } from "vitest";
import { useStage } from "../stage/fixture.ts";

const on = useStage();

const ASK = `(async () => {
  const capabilities = await PublicKeyCredential.getClientCapabilities();
  return {
    available: await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable(),
    verifying: capabilities.userVerifyingPlatformAuthenticator,
    platform: capabilities.passkeyPlatformAuthenticator,
    conditional: capabilities.conditionalGet === await PublicKeyCredential.isConditionalMediationAvailable(),
  };
})()`;

test("a platform authenticator is there when a phone is paired, and only then", async () => {
  const ready = { state: "ready" };
  const status = (phones: object[]) => ({ version: "0.1.0", phones, keyring: ready, link: ready });
  await on.daemon.stop();
  const before = await on.page.evaluate(ASK);
  expect(before).toMatchObject({ available: false, verifying: false });

  await on.daemon.start();
  on.daemon.results.set("status", status([{ id: "p1", name: "Alice’s phone", connected: false }]));
  await expect.poll(() => on.page.evaluate(ASK), { timeout: 10_000, interval: 500 }).toEqual({
    available: true,
    verifying: true,
    platform: true,
    conditional: true,
  });

  on.daemon.results.set("status", status([]));
  await expect.poll(() => on.page.evaluate(ASK), { timeout: 10_000, interval: 500 }).toEqual(before);
});
