import { beforeEach, expect, test } from "vitest";
import { useStage } from "../stage/fixture.ts";
import { NativePasskey } from "../stage/passkey.ts";

const on = useStage();
let passkey: NativePasskey;

beforeEach(async () => {
  passkey = await NativePasskey.add(on.page);
  return () => passkey.remove().catch(() => {}); // its page may be closed
});

/** Registers and signs in, both with the browser's own passkey. */
async function expectNative(): Promise<void> {
  const id = await on.page.evaluate(`create().then(({ credential }) => credential?.id)`);
  expect(await passkey.ids()).toContain(id);
  const descriptor = `{ type: "public-key", id: Uint8Array.fromBase64("${id}", { alphabet: "base64url" }) }`;
  const got = await on.page.evaluate(`get({ allowCredentials: [${descriptor}] })`);
  expect(got).toHaveProperty("credential.id", id);
}

test.each(["not_ours", "no_phone", "keyring_locked", "options_unsupported", "prompts_paused"])(
  "the browser answers on %s",
  async (code) => {
    on.daemon.behave = (call) => call.fail(code);
    await expectNative();
  },
);

test("the browser answers when the daemon does not know the method", async () => {
  on.daemon.behave = (call) => call.reject({ code: -32601, message: "method not found" });
  await expectNative();
});

test("the browser answers when the daemon stays silent, and the daemon learns that nobody waits", async () => {
  on.daemon.behave = () => {};
  const called = on.daemon.next();
  const made = await on.page.evaluate("create()");
  expect(await (await called).cancelled).toBe("cancelled");
  // One, and no other: what tells whether the page may ask at all makes none.
  expect(await passkey.ids()).toEqual([(made as { credential: { id: string } }).credential.id]);
});

test("the browser answers when the daemon does not run", async () => {
  await on.daemon.stop();
  await expectNative();
  await on.daemon.start();
  expect(await on.page.evaluate("create()")).toHaveProperty("credential");
  expect(on.daemon.calls).toHaveLength(1);
});

test("a host killed before the request was taken leaves it to the browser", async () => {
  on.daemon.behave = () => on.stage.killHosts();
  expect(await on.page.evaluate("create()")).toHaveProperty("credential.id", (await passkey.ids())[0]);
});

test("the browser answers when it knows no host, or one for another extension", async () => {
  on.stage.killHosts();
  on.stage.uninstall();
  await expectNative();
  on.stage.install("strangers");
  await expectNative();
});

test.each([
  ["conditional", `{ mediation: "conditional" }`],
  ["silent", `{ mediation: "silent" }`],
  ["immediate", `{ mediation: "immediate" }`],
  ["immediate by uiMode", `{ uiMode: "immediate" }`],
  ["with passwords", "{ password: true }"],
])("a request that is not ours goes to the browser untouched: %s", async (_, rest) => {
  await on.page.evaluate(`get({}, { ...${rest}, signal: AbortSignal.timeout(500) })`);
  expect(on.daemon.calls).toEqual([]);
});

test("wrong arguments get the browser's own errors", async () => {
  const wrong = [
    "get(...[null])",
    "get({ publicKey: {} })",
    "get({ publicKey: { challenge: 'text' } })",
    "get({ publicKey: { challenge: bytes(8), allowCredentials: null } })",
    "get({ publicKey: { challenge: bytes(8) }, signal: {} })",
    "get({ publicKey: { challenge: bytes(8) }, signal: null })",
    "create({ publicKey: { ...creation(), rp: {} } })",
    "create({ publicKey: { ...creation(), user: undefined } })",
    "create({ publicKey: { ...creation(), pubKeyCredParams: 5 } })",
    "create({ publicKey: { ...creation(), challenge: Symbol() } })",
    "create.call({}, { publicKey: creation() })",
  ];
  const plain = await on.stage.plain();
  for (const call of wrong) {
    const run = `outcome(navigator.credentials.${call})`;
    const [ours, native] = [await on.page.evaluate(run), await plain.evaluate(run)];
    expect({ call, outcome: ours }).toEqual({ call, outcome: native });
    expect(ours).toHaveProperty("error");
  }
  await plain.close();
  expect(on.daemon.calls).toEqual([]);
});
