/**
 * What people complain of in other bridges between browser and keys, and no other file tries: docs/extension.md says
 * which complaint is tried where.
 */
import { expect, test } from "vitest";
import { FIREFOX } from "../stage/browser.ts";
import { agree } from "../stage/daemon.ts";
import { useStage } from "../stage/fixture.ts";
import { NativePasskey } from "../stage/passkey.ts";

const on = useStage();

const PUBLIC_KEY = `{ challenge: new Uint8Array(32) }`;

test("the page's very first script is served, and functions that it kept are, too", async () => {
  expect(await on.page.evaluate("create()")).toHaveProperty("credential"); // a key to sign with
  const script = `
    self.early = navigator.credentials.get({ publicKey: ${PUBLIC_KEY} }).then((got) => got.type, String);
    self.kept = { get: navigator.credentials.get, container: navigator.credentials };`;
  await on.page.goto(on.stage.site.url("localhost", { script }));
  expect(await on.page.evaluate("early")).toBe("public-key");
  const kept = "kept.get.call(kept.container, { publicKey: { challenge: bytes(32) } }).then((got) => got.type, String)";
  expect(await on.page.evaluate(kept)).toBe("public-key");
  expect(on.daemon.calls.map(({ method }) => method)).toEqual(["webauthn.create", "webauthn.get", "webauthn.get"]);
});

test("a page that allows no script but its own is served", async () => {
  const csp = "default-src 'none'; script-src 'unsafe-inline'; frame-src 'none'; connect-src 'none'";
  await on.page.goto(on.stage.site.url("localhost", { csp }));
  const run = `navigator.credentials.create({ publicKey: {
    rp: { name: "x" }, user: { id: new Uint8Array(8), name: "a", displayName: "a" }, challenge: new Uint8Array(32),
    pubKeyCredParams: [{ type: "public-key", alg: -7 }],
  } }).then((made) => made.type, String)`;
  expect(await on.page.evaluate(run)).toBe("public-key");
});

test("the browser's own runs with the gesture that the page had", async () => {
  const passkey = await NativePasskey.add(on.page);
  on.daemon.behave = (call) => call.fail("not_ours");
  await on.page.evaluate(`{
    const button = document.createElement("button");
    button.textContent = "Sign in";
    button.onclick = () => {
      self.after = undefined;
      create().then(({ credential }) => { self.after = { served: !!credential, active: navigator.userActivation.isActive }; });
    };
    document.body.append(button);
  }`);
  // A gesture lasts for seconds, which a busy machine may take for a click alone.
  const clicked = async () => {
    await on.page.click("button");
    await on.page.waitForFunction("self.after");
    return on.page.evaluate("after");
  };
  await expect.poll(clicked, { timeout: 45_000, interval: 100 }).toEqual({ served: true, active: true });
  await passkey.remove();
});

test("what a phone holds is decided by the credential, not by what the website thinks of its transports", async () => {
  for (const transports of ["[]", `["usb", "nfc"]`, `["internal"]`, `["hybrid", "smart-card", "perhaps"]`]) {
    const got = await on.page.evaluate(`(async () => {
      const { rawId } = await navigator.credentials.create({ publicKey: creation() });
      return get({ allowCredentials: [{ type: "public-key", id: rawId, transports: ${transports} }] });
    })()`);
    expect({ transports, got }).toMatchObject({ got: { credential: { type: "public-key" } } });
  }
});

// Firefox lets nobody end an event page from outside.
if (!FIREFOX)
  test("a background that the browser has ended comes back for the next request", async () => {
    on.daemon.behave = agree;
    expect(await on.page.evaluate("create()")).toHaveProperty("credential");
    await (await on.stage.background()).close();
    expect(await on.page.evaluate("create()")).toHaveProperty("credential");
  });
