/** Who answers in Firefox when tallykey does not: here a browser without any authenticator, which refuses at once. */
import { expect, test } from "vitest";
import { useStage } from "../stage/fixture.ts";

const on = useStage();

/** Firefox's own words; no outcome of tallykey's has them. */
const FIREFOX_SAYS = "The request is not allowed by the user agent or the platform in the current context";

async function expectNative(): Promise<void> {
  for (const run of ["create()", "get()"]) {
    const outcome = await on.page.evaluate(run);
    expect(outcome).toMatchObject({ name: "NotAllowedError", message: expect.stringContaining(FIREFOX_SAYS) });
  }
}

test.each(["not_ours", "no_phone", "keyring_locked"])("the browser answers on %s", async (code) => {
  on.daemon.behave = (call) => call.fail(code);
  await expectNative();
  expect(on.daemon.calls).toHaveLength(2);
});

test("the browser answers when the daemon does not run, and tallykey again when it does", async () => {
  await on.daemon.stop();
  await expectNative();
  await on.daemon.start();
  expect(await on.page.evaluate("create()")).toHaveProperty("credential.response.attestationObject");
});

test("the browser answers when it knows no host, or one for another extension", async () => {
  on.stage.killHosts();
  on.stage.uninstall();
  await expectNative();
  on.stage.install("strangers");
  await expectNative();
  expect(on.daemon.calls).toEqual([]);
});

test("wrong arguments get the browser's own errors", async () => {
  const outcomes = await on.page.evaluate(`Promise.all([
    outcome(navigator.credentials.get({ publicKey: {} })),
    outcome(navigator.credentials.get({ publicKey: { challenge: "text" } })),
    outcome(navigator.credentials.create({ publicKey: { ...creation(), pubKeyCredParams: 5 } })),
    outcome(navigator.credentials.create.call({}, { publicKey: creation() })),
  ]).then((all) => all.map(({ error }) => error.split(":")[0]))`);
  expect(outcomes).toEqual(["TypeError", "TypeError", "TypeError", "TypeError"]);
  expect(on.daemon.calls).toEqual([]);
});

test("a credential has Firefox's interfaces, and nothing of its own", async () => {
  const facts = await on.page.evaluate(`navigator.credentials.create({ publicKey: creation() }).then((made) => ({
    is: made instanceof PublicKeyCredential && made.response instanceof AuthenticatorAttestationResponse,
    tag: String(made),
    own: Reflect.ownKeys(made).length + Reflect.ownKeys(made.response).length,
    borrowed: PublicKeyCredential.prototype.toJSON.call(made).id === made.id,
    stringified: JSON.parse(JSON.stringify(made)).response.publicKeyAlgorithm,
    key: made.response.getPublicKey() instanceof ArrayBuffer,
    transports: made.response.getTransports(),
  }))`);
  expect(facts).toEqual({
    is: true,
    tag: "[object PublicKeyCredential]",
    own: 0,
    borrowed: true,
    stringified: -7,
    key: true,
    transports: ["internal"],
  });
});
