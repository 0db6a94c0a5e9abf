import { expect, test, vi } from "vitest";
import { useStage } from "../stage/fixture.ts";
import { NativePasskey } from "../stage/passkey.ts";

const on = useStage();

/** Everything that a page can find out about a credential without reading its bytes. */
const EXAMINE = `
const attempt = (run) => { try { return run(); } catch (error) { return error.name; } };
const describe = (value) => value instanceof ArrayBuffer ? "ArrayBuffer" : Array.isArray(value) ? "Array" : value === null ? "null" : typeof value;
const examine = (object, type) => {
  const facts = {
    is: object instanceof type,
    constructor: object.constructor === type,
    tag: Object.prototype.toString.call(object),
    own: Reflect.ownKeys(object).length,
    spread: Object.keys({ ...object }).length,
    clone: attempt(() => structuredClone(object)),
    post: attempt(() => new MessageChannel().port1.postMessage(object)),
    extensible: Object.isExtensible(object),
    names: [],
    members: {},
  };
  for (const name in object) {
    facts.names.push(name);
    const value = object[name];
    facts.members[name] = describe(value);
    if (typeof value !== "function") facts.members[name] += object[name] === value ? " same" : " new";
    else facts.members[name] += " -> " + describe(value.call(object)) + ", on another: " + attempt(() => value.call({}));
  }
  for (let proto = type.prototype; proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
    for (const [name, own] of Object.entries(Object.getOwnPropertyDescriptors(proto))) {
      if (!own.get) continue;
      facts.members["borrowed " + name] = describe(own.get.call(object)) + ", on another: " + attempt(() => own.get.call({}));
      facts.members["shape of " + name] = [own.get.name, own.get.length, own.set === undefined, own.enumerable, own.configurable].join();
    }
  }
  return facts;
};
const examineAll = async (run, response) => {
  const credential = await run();
  const json = JSON.parse(JSON.stringify(credential));
  const shape = (value) => value && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort().map(([name, member]) => [name, shape(member)])) : describe(value);
  return { credential: examine(credential, PublicKeyCredential), response: examine(credential.response, response), json: shape(json) };
};
`;

test("a page can't tell our credentials from the browser's", async () => {
  const runs = [
    "examineAll(() => navigator.credentials.create({ publicKey: creation() }), AuthenticatorAttestationResponse)",
    `(async () => {
      const { rawId } = await navigator.credentials.create({ publicKey: creation({ authenticatorSelection: { residentKey: "required" } }) });
      const publicKey = { challenge: bytes(32), allowCredentials: [{ type: "public-key", id: rawId }] };
      return examineAll(() => navigator.credentials.get({ publicKey }), AuthenticatorAssertionResponse);
    })()`,
  ];
  const plain = await on.stage.plain();
  await NativePasskey.add(plain);
  for (const where of [on.page, plain]) await where.evaluate(`${EXAMINE} self.examineAll = examineAll;`);
  for (const run of runs) {
    const [ours, native] = [await on.page.evaluate(run), await plain.evaluate(run)];
    expect(ours).toEqual(native);
  }
  await plain.close();
  expect(on.daemon.calls).toHaveLength(3);
});

test("toJSON and the getters say what the daemon said", async () => {
  const read = await on.page.evaluate(`navigator.credentials.create({ publicKey: creation() }).then((credential) => {
    const text = (buffer) => new Uint8Array(buffer).toBase64({ alphabet: "base64url", omitPadding: true });
    const { response } = credential;
    return {
      json: credential.toJSON(),
      read: {
        id: credential.id,
        rawId: text(credential.rawId),
        type: credential.type,
        authenticatorAttachment: credential.authenticatorAttachment,
        clientExtensionResults: credential.getClientExtensionResults(),
        response: {
          clientDataJSON: text(response.clientDataJSON),
          attestationObject: text(response.attestationObject),
          authenticatorData: text(response.getAuthenticatorData()),
          publicKey: text(response.getPublicKey()),
          publicKeyAlgorithm: response.getPublicKeyAlgorithm(),
          transports: response.getTransports(),
        },
      },
    };
  })`);
  const [said] = on.daemon.answers;
  expect(read).toEqual({ json: said, read: said });
});

test("the daemon gets every member of the options", async () => {
  const called = on.daemon.next();
  await on.page.evaluate(`navigator.credentials.create({ publicKey: {
    rp: { name: "Contoso", id: "localhost" },
    user: { id: Uint8Array.of(1, 2, 3), name: "alice@contoso.example", displayName: "Alice" },
    challenge: new DataView(Uint8Array.of(9, 251, 255, 9).buffer, 1, 2),
    pubKeyCredParams: [{ type: "public-key", alg: "-7" }],
    timeout: 60000.5,
    excludeCredentials: [{ type: "public-key", id: Uint8Array.of(4).buffer, transports: ["internal", "hybrid"] }],
    authenticatorSelection: { residentKey: "preferred", requireResidentKey: 0, userVerification: "required" },
    hints: ["hybrid"],
    attestation: "none",
    extensions: { credProps: true, numberMatch: { mode: "type" }, prf: { eval: { first: Uint8Array.of(5) } }, odd: { call() {} } },
  } })`);
  expect((await called).params.options).toEqual({
    rp: { name: "Contoso", id: "localhost" },
    user: { id: "AQID", name: "alice@contoso.example", displayName: "Alice" },
    challenge: "-_8",
    pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    timeout: 60000,
    excludeCredentials: [{ type: "public-key", id: "BA", transports: ["internal", "hybrid"] }],
    authenticatorSelection: { residentKey: "preferred", requireResidentKey: false, userVerification: "required" },
    hints: ["hybrid"],
    attestation: "none",
    extensions: { credProps: true, numberMatch: { mode: "type" }, prf: { eval: { first: "BQ" } } },
  });
});

test("libraries that replace the platform's functions do not disturb", async () => {
  const script = `
    const refuse = () => { throw new Error("replaced"); };
    for (const proto of [Promise.prototype, EventTarget.prototype, MessagePort.prototype, WeakMap.prototype, AbortSignal.prototype])
      for (const name of Object.getOwnPropertyNames(proto)) if (name !== "constructor") try { Object.defineProperty(proto, name, { value: refuse }); } catch {}
    for (const name of ["charCodeAt", "replace", "at"]) String.prototype[name] = refuse;
    for (const name of ["map", "forEach", "push", "join"]) Array.prototype[name] = refuse;
    for (const name of ["Promise", "WeakMap", "Uint8Array", "DOMException", "structuredClone", "btoa", "atob", "MessageChannel"]) self["real" + name] = self[name], self[name] = refuse;
    Object.prototype.toJSON = refuse;
    self.run = async () => {
      const challenge = new realUint8Array(32);
      const user = { id: challenge, name: "a", displayName: "a" };
      const { rawId } = await navigator.credentials.create({ publicKey: { rp: { name: "x" }, user, challenge, pubKeyCredParams: [{ type: "public-key", alg: -7 }] } });
      const got = await navigator.credentials.get({ publicKey: { challenge, allowCredentials: [{ type: "public-key", id: rawId }] } });
      document.title = got.response.signature.byteLength > 60 ? "signed" : "not signed";
    };`;
  await on.page.goto(on.stage.site.url("localhost", { script }));
  await on.page.addScriptTag({ content: "self.run()" });
  await vi.waitFor(async () => expect(await on.page.title()).toBe("signed"), { timeout: 5000 });
  expect(on.daemon.calls.map(({ method }) => method)).toEqual(["webauthn.create", "webauthn.get"]);
});

test("what else the browser's container does, it still does", async () => {
  const facts = await on.page.evaluate(`(async () => ({
    is: navigator.credentials instanceof CredentialsContainer,
    own: Reflect.ownKeys(navigator.credentials),
    prevented: await navigator.credentials.preventSilentAccess().then(() => "done", (error) => error.name),
    stored: await navigator.credentials.store({}).then(() => "done", (error) => error.name),
    text: String(navigator.credentials.get).includes("[native code]"),
    nothing: await navigator.credentials.get({}).then((got) => got, (error) => error.name),
  }))()`);
  expect(facts).toMatchObject({ is: true, own: [], prevented: "done", text: true });
  expect(["TypeError", "NotSupportedError"]).toContain((facts as { stored: string }).stored);
});
