/** What a site can ask for, from every kind of host, reaches the daemon as it was asked; what it may not, the browser refuses in its own words. */
import { expect, test } from "vitest";
import { useStage } from "../stage/fixture.ts";

const on = useStage();

const heard = () => on.daemon.calls.map(({ params }) => ({ origin: params.origin, options: params.options }));

test.each([
  ["a sub-domain for itself", "login.shop.localhost", undefined],
  ["a sub-domain for its domain", "login.shop.localhost", "shop.localhost"],
  ["localhost for itself", "localhost", "localhost"],
  ["an international name", "xn--mnchen-3ya.localhost", undefined],
  ["an international name by its punycode", "login.xn--mnchen-3ya.localhost", "xn--mnchen-3ya.localhost"],
])("%s", async (_, host, id) => {
  await on.page.goto(on.stage.site.url(host));
  const made = await on.page.evaluate(`create({ rp: { name: "Contoso"${id ? `, id: "${id}"` : ""} } })`);
  expect(made).toHaveProperty("credential.response.attestationObject");
  expect(heard()).toMatchObject([{ origin: on.stage.site.origin(host), options: { rp: id ? { id } : {} } }]);
});

test("an international name as people write it is the one that browsers send", async () => {
  await on.page.goto(on.stage.site.url("münchen.localhost"));
  expect(await on.page.evaluate("create()")).toHaveProperty("credential");
  expect(heard()).toMatchObject([{ origin: on.stage.site.origin("xn--mnchen-3ya.localhost") }]);
});

test.each([
  ["another site", "shop.localhost", "bank.localhost"],
  ["a sub-domain of its own", "shop.localhost", "login.shop.localhost"],
  ["the top of its domain", "shop.localhost", "localhost"],
  ["part of a name", "myshop.localhost", "shop.localhost"],
  ["a name with a port", "shop.localhost", "shop.localhost:8080"],
  ["an address", "127.0.0.1", "127.0.0.1"],
])("the daemon leaves %s to the browser, which refuses it", async (_, host, id) => {
  on.daemon.behave = (call) => call.fail("origin_mismatch");
  await on.page.goto(on.stage.site.url(host));
  for (const run of [`get({ rpId: "${id}" })`, `create({ rp: { name: "Contoso", id: "${id}" } })`])
    expect(await on.page.evaluate(run)).toMatchObject({ name: "SecurityError", dom: true });
});

test.each([
  ["every value of user verification", ["required", "preferred", "discouraged", "perhaps"], (value: string) => `create({ authenticatorSelection: { userVerification: "${value}" } })`],
  ["every value of the resident key", ["required", "preferred", "discouraged", "perhaps"], (value: string) => `create({ authenticatorSelection: { residentKey: "${value}" } })`],
  ["every attestation conveyance", ["none", "indirect", "direct", "enterprise", "perhaps"], (value: string) => `create({ attestation: "${value}" })`],
])("%s is served", async (_, values, run) => {
  for (const value of values) {
    expect(await on.page.evaluate(run(value))).toHaveProperty("credential.response.attestationObject");
    expect(JSON.stringify(heard().at(-1)?.options)).toContain(`"${value}"`);
  }
});

test("unknown extensions, hints and a short timeout are no reason to refuse", async () => {
  const asked = `{ timeout: 1, hints: ["hybrid", "perhaps"], extensions: { credProps: true, perhaps: { a: bytes(1) } } }`;
  expect(await on.page.evaluate(`create(${asked})`)).toHaveProperty("credential");
  expect(heard()).toMatchObject([{ options: { timeout: 1, hints: ["hybrid", "perhaps"], extensions: { credProps: true } } }]);
});

test("a hundred allowed credentials arrive in their order, ours the last of them", async () => {
  const signed = await on.page.evaluate(`(async () => {
    const { rawId } = await navigator.credentials.create({ publicKey: creation() });
    const others = Array.from({ length: 99 }, (_, i) => ({ type: "public-key", id: new Uint8Array(64).fill(i), transports: ["usb", "ble"] }));
    return get({ allowCredentials: [...others, { type: "public-key", id: rawId, transports: ["usb"] }] });
  })()`);
  expect(signed).toHaveProperty("credential.response.signature");
  const { allowCredentials } = on.daemon.calls[1]?.params.options as { allowCredentials: { id: string }[] };
  expect(allowCredentials.map(({ id }) => Buffer.from(id, "base64url")[0])).toHaveLength(100);
  expect(allowCredentials.slice(0, 99).map(({ id }) => Buffer.from(id, "base64url")[0])).toEqual([...Array(99).keys()]);
  expect(signed).toHaveProperty("credential.id", allowCredentials[99]?.id);
});

test("names and handles of any script come through whole", async () => {
  const name = "李 Zoë 😀 אבג";
  await on.page.evaluate(`(async () => {
    await create({ user: { id: new Uint8Array(64).fill(255), name: "${name}", displayName: "${name}" } });
  })()`);
  const id = Buffer.alloc(64, 255).toString("base64url");
  expect(heard()).toMatchObject([{ options: { user: { id, name, displayName: name } } }]);
  on.daemon.behave = (call) => call.fail("options_invalid");
  const wrong = await on.page.evaluate(`create({ user: { id: new Uint8Array(65), name: "a", displayName: "a" } })`);
  expect(wrong).toMatchObject({ error: expect.stringMatching(/^TypeError/) });
});

test("whether a website may use another one's key is for the daemon to say", async () => {
  await on.page.goto(on.stage.site.url("shop.localhost"));
  const made = await on.page.evaluate(`create({ rp: { name: "Contoso", id: "login.localhost" } })`);
  expect(made).toHaveProperty("credential.response.attestationObject");
  expect(await on.page.evaluate(`get({ rpId: "login.localhost" })`)).toHaveProperty("credential.response.signature");
  expect(heard()).toMatchObject([{ options: { rp: { id: "login.localhost" } } }, { options: { rpId: "login.localhost" } }]);
});

test("a website that wants EdDSA first gets it, and can read the key", async () => {
  const read = await on.page.evaluate(`(async () => {
    const pubKeyCredParams = [{ type: "public-key", alg: -8 }, { type: "public-key", alg: -7 }];
    const { rawId, response } = await navigator.credentials.create({ publicKey: creation({ pubKeyCredParams }) });
    const key = await crypto.subtle.importKey("spki", response.getPublicKey(), "Ed25519", true, ["verify"]);
    const challenge = bytes(32);
    const { response: signed } = await navigator.credentials.get({ publicKey: { challenge, allowCredentials: [{ type: "public-key", id: rawId }] } });
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", signed.clientDataJSON));
    const data = new Uint8Array([...new Uint8Array(signed.authenticatorData), ...hash]);
    return { algorithm: response.getPublicKeyAlgorithm(), genuine: await crypto.subtle.verify("Ed25519", key, signed.signature, data) };
  })()`);
  expect(read).toEqual({ algorithm: -8, genuine: true });
});

test("what prf gives is bytes to the page, and text in JSON", async () => {
  const prf = { enabled: true, results: { first: "AQID", second: "BAUG" } };
  on.daemon.behave = (call) => {
    call.take();
    call.approve({ prf });
  };
  const read = await on.page.evaluate(`(async () => {
    const extensions = { prf: { eval: { first: Uint8Array.of(1), second: Uint8Array.of(2) }, evalByCredential: {} } };
    const made = await navigator.credentials.create({ publicKey: creation({ extensions }) });
    const { prf } = made.getClientExtensionResults();
    const { first, second } = prf.results;
    const list = (buffer) => buffer instanceof ArrayBuffer && [...new Uint8Array(buffer)];
    return { enabled: prf.enabled, first: list(first), second: list(second), json: made.toJSON().clientExtensionResults };
  })()`);
  expect(read).toEqual({ enabled: true, first: [1, 2, 3], second: [4, 5, 6], json: { prf } });
  expect(heard()).toMatchObject([{ options: { extensions: { prf: { eval: { first: "AQ", second: "Ag" } } } } }]);
});

test.each([
  ["a payment", "payment: { isPayment: true }"],
  ["storage that is required", `largeBlob: { support: "required" }`],
])("what no phone can do, the browser is asked for: %s", async (_, extension) => {
  await on.page.evaluate(`create({ extensions: { ${extension} } }, { signal: AbortSignal.timeout(500) })`);
  expect(on.daemon.calls).toEqual([]);
});
