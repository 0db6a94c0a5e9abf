/** What sites ask before they offer a passkey. The browsers here have no authenticator of their own. */
import { expect, test } from "vitest";
import { FIREFOX } from "../stage/browser.ts";
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

const SIGNALS = `[
  PublicKeyCredential.signalUnknownCredential({ rpId: "localhost", credentialId: "AQID" }),
  PublicKeyCredential.signalAllAcceptedCredentials({ rpId: "localhost", userId: "AQ", allAcceptedCredentialIds: ["AQID"] }),
  PublicKeyCredential.signalCurrentUserDetails({ rpId: "localhost", userId: "AQ", name: "alice", displayName: "Alice" }),
]`;

if (FIREFOX)
  test("a browser without signals gets none from us", async () => {
    const names = "signalUnknownCredential,signalAllAcceptedCredentials,signalCurrentUserDetails";
    expect(await on.page.evaluate(`"${names}".split(",").filter((name) => name in PublicKeyCredential)`)).toEqual([]);
  });
else {
  test("what a website says of its credentials reaches the daemon, and the page learns nothing of it", async () => {
    expect(await on.page.evaluate(`Promise.all(${SIGNALS}).then((all) => all.map(String))`)).toEqual(Array(3).fill("undefined"));
    await expect.poll(() => on.daemon.heard("webauthn.signal")).toHaveLength(3);
    const origin = on.stage.site.origin();
    expect(on.daemon.heard("webauthn.signal")).toEqual([
      { origin, crossOrigin: false, kind: "unknownCredential", options: { rpId: "localhost", credentialId: "AQID" } },
      {
        origin,
        crossOrigin: false,
        kind: "allAcceptedCredentials",
        options: { rpId: "localhost", userId: "AQ", allAcceptedCredentialIds: ["AQID"] },
      },
      {
        origin,
        crossOrigin: false,
        kind: "currentUserDetails",
        options: { rpId: "localhost", userId: "AQ", name: "alice", displayName: "Alice" },
      },
    ]);
  });

  test("what the browser refuses of it, with its own errors, the daemon never hears", async () => {
    const wrong = [
      `signalUnknownCredential({ rpId: "bank.example", credentialId: "AQID" })`,
      `signalUnknownCredential({ rpId: "localhost", credentialId: "not base64!" })`,
      "signalUnknownCredential({})",
      `signalCurrentUserDetails({ rpId: "localhost", userId: "AQ" })`,
      "signalAllAcceptedCredentials()",
    ];
    const plain = await on.stage.plain();
    for (const call of wrong) {
      const run = `outcome(PublicKeyCredential.${call})`;
      const [ours, native] = [await on.page.evaluate(run), await plain.evaluate(run)];
      expect({ call, outcome: ours }).toEqual({ call, outcome: native });
      expect(ours).toHaveProperty("error");
    }
    await plain.close();
    expect(on.daemon.heard("webauthn.signal")).toEqual([]);
  });
}
