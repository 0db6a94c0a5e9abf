/** Pages that do their worst: no answer ever speaks for another origin, and the extension serves the next page as ever. */
import { afterEach, beforeAll, expect, test } from "vitest";
import { agree } from "../stage/daemon.ts";
import { useStage } from "../stage/fixture.ts";

const on = useStage("shop.localhost");

beforeAll(async () => {
  const page = await on.stage.page("shop.localhost");
  await page.evaluate("create()"); // a key to sign with
  await page.close();
});
afterEach(() => expectWell());

/** Another page signs in as if nothing had happened. */
async function expectWell(): Promise<void> {
  on.daemon.behave = agree;
  const next = await on.stage.page("next.localhost");
  expect(await next.evaluate("get()")).toHaveProperty("credential.response.signature");
  expect(on.daemon.calls.at(-1)?.params.origin).toBe(on.stage.site.origin("next.localhost"));
  await next.close();
}

const origins = () => [...new Set(on.daemon.calls.map(({ params }) => params.origin))];

/** Replaces what scripts work with, and lets every object claim to come from a bank. */
const REDEFINE = `
  const lie = () => { throw new Error("not for you"); };
  const targets = [
    [Map.prototype, ["get", "set", "has", "delete"]], [WeakMap.prototype, ["get", "set", "has"]],
    [Array.prototype, ["push", "map", "forEach", "includes", Symbol.iterator]], [String.prototype, ["charCodeAt", "at", "slice"]],
    [EventTarget.prototype, ["addEventListener", "removeEventListener"]], [MessagePort.prototype, ["postMessage", "start"]],
    [Promise.prototype, ["catch", "finally"]], [Reflect, ["apply", "construct", "get", "defineProperty"]],
    [Object, ["keys", "entries", "defineProperty", "getOwnPropertyDescriptor"]], [JSON, ["stringify"]],
    [window, ["Proxy", "structuredClone", "WeakMap", "Map", "MessageChannel", "DOMException", "setTimeout", "btoa"]],
  ];
  // Without an iterator: it is among them.
  for (let i = 0; i < targets.length; i++)
    for (let j = 0; j < targets[i][1].length; j++) targets[i][0][targets[i][1][j]] = lie;
  Object.prototype.origin = Object.prototype.topOrigin = Object.prototype.rpId = "https://bank.example";
  Object.prototype.crossOrigin = false;
`;

/** Asks without any help of the page's functions, and says what came out in plain values. */
const ASK = `navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32) } }).then(
  (credential) => "signed " + new TextDecoder().decode(credential.response.clientDataJSON),
  (error) => "refused " + error.name,
)`;

test("a page that redefines every global asks for itself at most", async () => {
  await on.page.goto(on.stage.site.url("shop.localhost", { script: REDEFINE }));
  const outcome = (await on.page.evaluate(ASK)) as string;
  expect(outcome).toMatch(/^(signed|refused)/);
  expect(outcome).not.toContain("bank.example");
  for (const { params } of on.daemon.calls) {
    expect(params).toMatchObject({ origin: on.stage.site.origin("shop.localhost"), crossOrigin: false });
    expect(Object.hasOwn(params, "topOrigin")).toBe(false);
  }
});

test("a page that redefines its globals later is signed in all the same", async () => {
  const outcome = await on.page.evaluate(`(() => { ${REDEFINE} return ${ASK}; })()`);
  expect(outcome).toMatch(/^signed/);
  expect(origins()).toEqual([on.stage.site.origin("shop.localhost")]);
});

test("forged messages reach nobody", async () => {
  await on.page.evaluate(`(async () => {
    const forged = [
      { kind: "ask", n: 1, op: "get", options: {}, origin: "https://bank.example" },
      { kind: "credential", credential: {} }, { n: 1, verdict: { kind: "native" } }, { kind: "paired", n: 1 },
    ];
    for (const message of forged) {
      postMessage(message, "*");
      dispatchEvent(new MessageEvent("message", { data: message, origin: "https://bank.example" }));
      const { port1, port2 } = new MessageChannel();
      for (const target of [window, document]) {
        target.dispatchEvent(new MessageEvent("tallykey", { data: message, ports: [port2], cancelable: true, bubbles: true }));
      }
      port1.postMessage(message);
    }
  })()`);
  expect(await on.page.evaluate("get()")).toHaveProperty("credential.response.signature"); // behind them on every way
  expect(on.daemon.calls.map(({ params }) => params.origin)).toEqual([on.stage.site.origin("shop.localhost")]);
});

test("50 frames of two sites ask at once, and each is answered for itself or refused", async () => {
  const own = on.stage.site.origin("shop.localhost");
  const other = on.stage.site.origin("pay.localhost");
  const said = (await on.page.evaluate(`(async () => {
    const ask = \`(async () => {
      const challenge = bytes(32);
      const text = new TextDecoder();
      try {
        const { response } = await navigator.credentials.get({ publicKey: { challenge } });
        const { challenge: signed, origin } = JSON.parse(text.decode(response.clientDataJSON));
        return { self: location.origin, origin, same: signed === challenge.toBase64({ alphabet: "base64url", omitPadding: true }) };
      } catch (error) { return { self: location.origin, refused: error.name }; }
    })()\`;
    const addresses = ["${on.stage.site.url("shop.localhost")}", "${on.stage.site.url("pay.localhost")}"];
    const frames = await Promise.all(Array.from({ length: 50 }, (_, i) =>
      addFrame({ src: addresses[i % 2], allow: "publickey-credentials-get *" })));
    const said = await Promise.all(frames.map((frame) => inFrame(frame, ask)));
    // Whoever was too late for the browser's patience asks again, alone.
    for (const frame of frames.slice(0, 10)) said.push(await inFrame(frame, ask));
    return said;
  })()`)) as { self: string; origin?: string; same?: boolean; refused?: string }[];
  expect(said).toHaveLength(60);
  expect(said.filter(({ refused }) => !refused).length).toBeGreaterThan(0);
  for (const { self, origin, same, refused } of said) if (!refused) expect({ origin, same }).toEqual({ origin: self, same: true });
  expect(origins().sort()).toEqual([other, own].sort());
});

test("an answer that comes after the page has gone reaches nobody", async () => {
  on.daemon.behave = (call) => call.take();
  const called = on.daemon.next();
  await on.page.evaluate("void get()");
  const call = await called;
  await on.page.goto(on.stage.site.url("evil.localhost"));
  call.approve();
  on.daemon.behave = (call) => call.fail("declined");
  expect(await on.page.evaluate("get()")).toMatchObject({ name: "NotAllowedError" });
});

test.each([
  ["data", '"data:text/html," + encodeURIComponent(html)', []],
  ["blob", 'URL.createObjectURL(new Blob([html], { type: "text/html" }))', ["shop.localhost"]],
])("a frame of %s speaks for its maker at most", async (_, address, makers) => {
  const run = `navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32) } })`;
  const html = `<script>onload = async () => { try { await ${run}; } catch {} parent.postMessage("done", "*"); }</script>`;
  await on.page.evaluate(`(async () => {
    const html = ${JSON.stringify(html)};
    const done = new Promise((resolve) => addEventListener("message", ({ data }) => data === "done" && resolve()));
    await addFrame({ src: ${address}, allow: "publickey-credentials-get *" });
    await done;
  })()`);
  expect(origins().map((origin) => new URL(origin).hostname)).toEqual(makers);
});

test.each([
  ["lone surrogates", `create({ user: { id: bytes(8), name: "a\\ud800b", displayName: "\\udfff" } })`],
  ["a prototype in the extensions", `create({ extensions: JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') })`],
  ["a prototype in the options", `get(JSON.parse('{"__proto__":{"rpId":"bank.example"}}'))`],
  ["options without a prototype", `create(Object.assign(Object.create(null), creation()))`],
  ["extensions without an end", `(() => { const a = {}; a.a = a; return create({ extensions: { largeBlob: a, a } }); })()`],
  ["a megabyte", `get({ extensions: { x: "x".repeat(2 << 20) } }, { signal: AbortSignal.timeout(1500) })`],
  ["getters that throw", `get({ get timeout() { throw new Error("mine"); } })`],
  ["getters that ask again", `get({ get timeout() { void get().catch(() => {}); return 1; } })`],
  ["a thousand allowed credentials", `get({ allowCredentials: Array.from({ length: 1000 }, () => ({ type: "public-key", id: bytes(64) })) }, { signal: AbortSignal.timeout(1500) })`],
])("strange arguments do no harm: %s", async (_, run) => {
  on.daemon.behave = (call) => call.fail("declined");
  await on.page.evaluate(`Promise.race([Promise.resolve().then(() => ${run}).catch(String), new Promise((r) => setTimeout(r, 4000))]).then(() => {})`);
  for (const origin of origins()) expect(origin).toBe(on.stage.site.origin("shop.localhost"));
  expect(await on.page.evaluate("({}).polluted === undefined")).toBe(true);
});

test("frames that come and go while they ask leave no prompt behind", async () => {
  on.daemon.behave = (call) => call.take();
  await on.page.evaluate(`(async () => {
    for (let i = 0; i < 20; i++) {
      const frame = await addFrame({ src: "${on.stage.site.url("shop.localhost")}" });
      frame.contentWindow.postMessage({ run: "get()" }, "*");
      await new Promise((resolve) => setTimeout(resolve, i * 2));
      if (i % 2) frame.remove();
      else frame.src = "${on.stage.site.url("pay.localhost")}";
    }
  })()`);
  for (const call of on.daemon.calls) await call.cancelled;
  expect(origins().filter((origin) => origin !== on.stage.site.origin("shop.localhost"))).toEqual([]);
});

test("a frame that goes elsewhere while it asks gets no answer for where it was", async () => {
  on.daemon.behave = (call) => call.take();
  const called = on.daemon.next();
  await on.page.evaluate(`(async () => {
    const frame = await addFrame({ src: "${on.stage.site.url("shop.localhost")}", name: "moving", allow: "publickey-credentials-get *" });
    frame.contentWindow.postMessage({ run: "get()" }, "*");
  })()`);
  const call = await called;
  await on.page.evaluate(`new Promise((resolve) => {
    const frame = document.querySelector("iframe");
    frame.onload = resolve;
    frame.src = "${on.stage.site.url("pay.localhost")}";
  })`);
  expect(await call.cancelled).toBe("cancelled");
  call.approve();
  on.daemon.behave = (next) => next.fail("declined");
  const heard = await on.page.evaluate(`inFrame(document.querySelector("iframe"), "get()")`);
  expect(heard).toMatchObject({ message: "Declined on the phone" });
});
