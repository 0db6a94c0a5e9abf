/** What sites ask before they offer a passkey. The browsers here have no authenticator of their own. */
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Stage } from "../stage/stage.ts";

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.close());
beforeEach(async () => {
  page = await stage.page();
  return () => page.close();
});

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
  await stage.daemon.stop();
  const before = await page.evaluate(ASK);
  expect(before).toMatchObject({ available: false, verifying: false });

  await stage.daemon.start();
  stage.daemon.behave = (call) => call.answer(status([{ id: "p1", name: "Alice’s phone", connected: false }]));
  await expect.poll(() => page.evaluate(ASK), { timeout: 10_000, interval: 500 }).toEqual({
    available: true,
    verifying: true,
    platform: true,
    conditional: true,
  });

  stage.daemon.behave = (call) => call.answer(status([]));
  await expect.poll(() => page.evaluate(ASK), { timeout: 10_000, interval: 500 }).toEqual(before);
});
