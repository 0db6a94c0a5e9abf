/** What a page can find out without asking anyone: the same with the extension as without it, in the same run. */
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useStage } from "../stage/fixture.ts";
import { NativePasskey } from "../stage/passkey.ts";

const on = useStage("localhost", (call) => call.take());
let plain: Page;
let passkey: NativePasskey;

beforeAll(async () => {
  plain = await on.stage.plain();
  passkey = await NativePasskey.add(plain);
});
afterAll(() => plain?.close());

/** Runs it on both pages and gives what ours said, once that is what the other one said. */
async function same(run: string): Promise<unknown> {
  const [ours, native] = [await on.page.evaluate(run), await plain.evaluate(run)];
  expect({ run, said: ours }).toEqual({ run, said: native });
  return ours;
}

const SHAPE = `(holder) => Reflect.ownKeys(holder).map((key) => {
  const { value, get, set, ...rest } = Object.getOwnPropertyDescriptor(holder, key);
  const shape = (f) => f && [typeof f, f.name, f.length, Reflect.ownKeys(f).map(String).sort().join(), "prototype" in f, Object.getPrototypeOf(f) === Function.prototype];
  return [String(key), JSON.stringify(rest), typeof value === "function" ? shape(value) : typeof value, shape(get), shape(set)];
})`;

test.each([
  "CredentialsContainer.prototype",
  "navigator.credentials",
  "Navigator.prototype",
  "PublicKeyCredential",
  "PublicKeyCredential.prototype",
  "Credential.prototype",
  "AuthenticatorResponse.prototype",
  "AuthenticatorAttestationResponse.prototype",
  "AuthenticatorAssertionResponse.prototype",
])("every property is where it was, and shaped as it was: %s", async (holder) => {
  expect(await same(`(${SHAPE})(${holder})`)).not.toHaveLength(holder === "navigator.credentials" ? 99 : 0);
});

test("no global was added, and none taken", async () => {
  const globals = (await same(
    "Object.getOwnPropertyNames(window).filter((name) => !/^(bytes|creation|create|get|outcome|inFrame|addFrame)$/.test(name)).sort()",
  )) as string[];
  expect(globals).toContain("PublicKeyCredential");
  await same("[document.documentElement.outerHTML.length, document.scripts.length]");
});

/** Calls with a signal that is aborted while the request waits: for a person with ours, for a list with the browser's. */
const ABORTS = [
  ["no reason", "controller.abort()"],
  ["undefined", "controller.abort(undefined)"],
  ["null", "controller.abort(null)"],
  ["a text", `controller.abort("enough")`],
  ["zero", "controller.abort(0)"],
  ["an error of the page's", `controller.abort(new RangeError("mine"))`],
  ["a timeout's", `controller.abort(new DOMException("late", "TimeoutError"))`],
] as const;

/** What came out, and whether it is the very reason that the signal has. */
const TOLD = `(error) => ({ text: String(error), name: error?.name, message: error?.message, mine: error === controller.signal.reason })`;

test.each(ABORTS)("aborted before the call, with %s", async (_, abort) => {
  for (const op of ["create", "get"]) {
    const publicKey = op === "create" ? "creation()" : "{ challenge: bytes(8) }";
    await same(`(() => {
      const controller = new AbortController();
      ${abort};
      return navigator.credentials.${op}({ publicKey: ${publicKey}, signal: controller.signal }).then(() => "served", ${TOLD});
    })()`);
  }
});

test.each(ABORTS)("aborted while it waits, with %s", async (_, abort) => {
  const asked = on.daemon.next();
  await on.page.evaluate(`void (() => {
    self.controller = new AbortController();
    self.ended = navigator.credentials.get({ publicKey: { challenge: bytes(8) }, signal: controller.signal }).then(() => "served", ${TOLD});
  })()`);
  const call = await asked;
  const ours = await on.page.evaluate(`(${abort}, ended)`);
  expect(ours).toMatchObject({ mine: true });
  expect(await call.cancelled).toBe("cancelled");
  // The browser's own request waits for ever where it has nobody to ask.
  await passkey.remove();
  const native = await plain.evaluate(`(() => {
    const controller = new AbortController();
    const ended = navigator.credentials.get({ publicKey: { challenge: bytes(8) }, mediation: "conditional", signal: controller.signal }).then(() => "served", ${TOLD});
    ${abort};
    return ended;
  })()`);
  passkey = await NativePasskey.add(plain);
  // Firefox has an AbortError in place of every reason; the specification wants the reason.
  if ((native as { mine?: boolean }).mine) expect(ours).toEqual(native);
  else expect(native).toMatchObject({ name: "AbortError" });
});

test("a call gives a promise of the page's own, at once, that settles later", async () => {
  on.daemon.behave = (call) => {
    call.take();
    call.approve();
  };
  const facts = await same(`(async () => {
    const order = [];
    const made = navigator.credentials.create({ publicKey: creation({ authenticatorSelection: { residentKey: "required" } }) });
    order.push(made instanceof Promise, Object.getPrototypeOf(made) === Promise.prototype, Reflect.ownKeys(made).length);
    made.then(() => order.push("settled"));
    order.push("called");
    queueMicrotask(() => order.push("microtask"));
    await new Promise((resolve) => setTimeout(resolve));
    order.push("task");
    await made;
    await null;
    const wrong = navigator.credentials.get({ publicKey: {} });
    order.push(wrong instanceof Promise);
    await wrong.catch((error) => order.push(error.name));
    return order;
  })()`);
  expect(facts).toContain("settled");
});

test("functions that were taken before the first credential work on it", async () => {
  on.daemon.behave = (call) => {
    call.take();
    call.approve();
  };
  await on.page.reload();
  const facts = await same(`(async () => {
    const getter = (type, name) => Object.getOwnPropertyDescriptor(type.prototype, name).get;
    const [id, rawId, data] = [getter(Credential, "id"), getter(PublicKeyCredential, "rawId"), getter(AuthenticatorResponse, "clientDataJSON")];
    const { toJSON } = PublicKeyCredential.prototype;
    const made = await navigator.credentials.create({ publicKey: creation() });
    return [id.call(made) === made.id, rawId.call(made).byteLength > 0, data.call(made.response).byteLength > 0, toJSON.call(made).id === made.id];
  })()`);
  expect(facts).toEqual([true, true, true, true]);
});

// Its text names the object in another way in Chromium: the one difference that is left, for nobody but the browser can
// make an object of these interfaces.
test("credentials can't be cloned, posted or stored, with the browser's own error", async () => {
  on.daemon.behave = (call) => {
    call.take();
    call.approve();
  };
  const said = (await same(`(async () => {
    const made = await navigator.credentials.create({ publicKey: creation() });
    const attempt = (run) => { try { return String(run()); } catch (error) { return [error.name, error instanceof DOMException, error.code]; } };
    const { port1 } = new MessageChannel();
    return [
      attempt(() => structuredClone(made)), attempt(() => structuredClone({ made })), attempt(() => structuredClone(made.response)),
      attempt(() => port1.postMessage([made])), attempt(() => history.replaceState(made, "")), attempt(() => window.postMessage(made, "*")),
    ];
  })()`)) as unknown[][];
  expect(said.map(([name]) => name)).toEqual(Array(6).fill("DataCloneError"));
});

test("what a browser can do, it says as before, but for the phone", async () => {
  const read = `(async () => {
    const all = await PublicKeyCredential.getClientCapabilities();
    const { userVerifyingPlatformAuthenticator, passkeyPlatformAuthenticator, ...rest } = all;
    return { names: Object.keys(all), rest, prototype: Object.getPrototypeOf(all) === Object.prototype,
      conditional: await PublicKeyCredential.isConditionalMediationAvailable() };
  })()`;
  expect(await same(read)).toMatchObject({ prototype: true });
});

test.each([
  ["what a server sends", `{ challenge: "AQID", rp: { name: "a" }, user: { id: "AQ", name: "a", displayName: "b" }, pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    excludeCredentials: [{ type: "public-key", id: "AQ", transports: ["internal"] }], extensions: { prf: { eval: { first: "AQ" } } }, timeout: 5 }`],
  ["nothing", "{}"],
  ["no object", "5"],
  ["no base64url", `{ challenge: "+/=", rp: { name: "a" }, user: { id: "!", name: "a", displayName: "b" }, pubKeyCredParams: [] }`],
])("options from JSON are as the browser reads them: %s", async (_, json) => {
  const read = `(value) => JSON.stringify(value, (_, one) => one instanceof ArrayBuffer || ArrayBuffer.isView(one) ? [...new Uint8Array(one.buffer ?? one)] : one)`;
  for (const name of ["parseCreationOptionsFromJSON", "parseRequestOptionsFromJSON"])
    await same(`(() => { try { return (${read})(PublicKeyCredential.${name}(${json})); } catch (error) { return String(error); } })()`);
});

/** The members that errors and credentials have by themselves, what a loop over a credential meets, and what was loaded. */
const MEMBERS = `(async () => {
  const own = (error) => [Reflect.ownKeys(error).map(String), Object.prototype.toString.call(error)];
  const told = (promise) => promise.then(() => "served", own);
  const attempt = (run) => { try { return String(run()); } catch (error) { return own(error); } };
  const made = await navigator.credentials.create({ publicKey: creation() });
  const excludeCredentials = [{ type: "public-key", id: made.rawId }];
  const names = (object) => { const all = []; for (const name in object) all.push(name); return all; };
  return {
    made: names(made), response: names(made.response),
    exists: await told(navigator.credentials.create({ publicKey: creation({ excludeCredentials }) })),
    empty: await told(navigator.credentials.get({ publicKey: {} })),
    aborted: await told(navigator.credentials.get({ publicKey: { challenge: bytes(8) }, signal: AbortSignal.abort() })),
    borrowed: attempt(() => PublicKeyCredential.prototype.toJSON.call({})),
    constructed: attempt(() => new navigator.credentials.get()),
    loaded: ["resource", "mark", "measure"].flatMap((type) => performance.getEntriesByType(type).map(({ name }) => name)).filter((name) => !name.endsWith("/favicon.ico")),
  };
})()`;

test("errors and credentials have the browser's own members in the browser's own order, and nothing else was loaded", async () => {
  on.daemon.behave = (call) => {
    call.take();
    if ((call.params.options as { excludeCredentials?: object[] }).excludeCredentials) call.fail("registration_exists");
    else call.approve();
  };
  expect(await same(MEMBERS)).toMatchObject({ exists: [expect.any(Array), "[object DOMException]"] });
});
