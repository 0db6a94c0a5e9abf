import { expect, test, vi } from "vitest";
import { assertion, fakeScope } from "../fake/page.ts";
import type { Operation, Verdict } from "../messages.ts";
import { type Gate, installHook } from "./hook.ts";

/** A hooked window with a gate that keeps what it is asked. */
function hooked() {
  const page = fakeScope();
  const asked: { op: Operation; options: object; settle: (verdict: Verdict) => void; cancelled: boolean }[] = [];
  const offered: { options: object; pick: (credential: string) => void; withdrawn: boolean }[] = [];
  const ask: Gate["ask"] = (op, options, settle) => {
    const request = { op, options, settle, cancelled: false };
    asked.push(request);
    return () => {
      request.cancelled = true;
    };
  };
  const offer: Gate["offer"] = (options, pick) => {
    const made = { options, pick, withdrawn: false };
    offered.push(made);
    return () => {
      made.withdrawn = true;
    };
  };
  installHook(page.scope, { ask, offer });
  const next = () => vi.waitFor(() => asked[asked.length - 1] ?? Promise.reject(new Error("not asked yet")));
  return { ...page, asked, offered, next };
}

const argument = (more: object = {}) => ({ publicKey: { challenge: Uint8Array.of(1) }, ...more });

test("the gate's credential reaches the page", async () => {
  const { credentials, next, calls } = hooked();
  const promise = credentials.get(argument());
  const request = await next();
  expect(request).toMatchObject({ op: "get", options: { challenge: "AQ" } });
  request.settle({ kind: "credential", credential: assertion });
  expect(await promise).toMatchObject({ id: "AQID" });
  expect(calls).toEqual([]);
});

test.each(["assigned to", "put in the place of"])(
  "what another extension %s the container is asked next",
  async (how) => {
    const page = fakeScope();
    const theirs = vi.fn(async (_: unknown) => "theirs");
    if (how === "assigned to") Object.assign(page.credentials, { get: theirs });
    else Object.defineProperty(page.scope.navigator, "credentials", { value: { get: theirs } });
    let verdict: Verdict = { kind: "credential", credential: assertion };
    const ask: Gate["ask"] = (_op, _options, settle) => {
      queueMicrotask(() => settle(verdict));
      return () => {};
    };
    installHook(page.scope, { ask, offer: () => () => {} });
    const found = page.scope.navigator.credentials as typeof page.credentials;
    expect(await found.get(argument())).toMatchObject({ id: "AQID" });
    expect(theirs).not.toHaveBeenCalled(); // not even to judge the arguments
    verdict = { kind: "native" };
    const own = argument();
    expect(await found.get(own)).toBe("theirs");
    expect(theirs.mock.calls).toEqual([[own]]);
  },
);

test("the options are those of the time of the call", async () => {
  const { credentials, next } = hooked();
  const challenge = Uint8Array.of(1);
  void credentials.get({ publicKey: { challenge } });
  challenge[0] = 9;
  expect((await next()).options).toEqual({ challenge: "AQ" });
});

test("a verdict for the browser runs its own function with the page's own arguments", async () => {
  const { credentials, next, calls } = hooked();
  const own = argument();
  const promise = credentials.get(own, "more");
  (await next()).settle({ kind: "native" });
  expect(await promise).toBe("native credential");
  expect(calls).toHaveLength(1);
  expect(calls[0]?.args[0]).toBe(own);
  expect(calls[0]?.args[1]).toBe("more");
});

test.each([
  ["nothing", []],
  ["null", [null]],
  ["no publicKey", [{}]],
  ["conditional", [argument({ mediation: "conditional" })]],
  ["silent", [argument({ mediation: "silent" })]],
  ["immediate", [argument({ mediation: "immediate" })]],
  ["a mode of the dialog", [argument({ uiMode: "immediate" })]],
  ["passwords too", [argument({ password: true })]],
  ["a digital credential too", [argument({ digital: {} })]],
  ["no options", [{ publicKey: null }]],
  ["malformed options", [{ publicKey: { challenge: "text" } }]],
  ["a signal that is none", [argument({ signal: {} })]],
  ["a getter that throws", [Object.defineProperty({}, "publicKey", { get: () => expect.fail() })]],
])("goes straight to the browser: %s", (_, args) => {
  const { credentials, asked, calls } = hooked();
  credentials.get(...args).catch(() => {});
  expect(calls).toHaveLength(1);
  expect(asked).toEqual([]);
});

test("arguments that only the browser can refuse get its own error and no prompt", async () => {
  const { credentials, asked, calls } = hooked();
  const wrong = { publicKey: { challenge: Uint8Array.of(1), wrong: true } };
  await expect(credentials.get(wrong)).rejects.toThrow("the browser's own word");
  expect(asked).toEqual([]);
  expect(calls.map(({ args }) => args[0])).toEqual([wrong]);
});

test("an error has the name and words of the verdict", async () => {
  const { credentials, next } = hooked();
  const promise = credentials.create({ publicKey: {} });
  (await next()).settle({ kind: "error", name: "InvalidStateError", message: "Already there" });
  await expect(promise).rejects.toMatchObject({ name: "InvalidStateError", message: "Already there" });
  await expect(promise).rejects.toBeInstanceOf(DOMException);
});

test("a TypeError is one", async () => {
  const { credentials, next } = hooked();
  const promise = credentials.create({ publicKey: {} });
  (await next()).settle({ kind: "error", name: "TypeError", message: "wrong" });
  await expect(promise).rejects.toBeInstanceOf(TypeError);
});

test("an answer that is no credential leaves the request to the browser", async () => {
  const { credentials, next } = hooked();
  const promise = credentials.get(argument());
  (await next()).settle({ kind: "credential", credential: { ...assertion, rawId: "!" } });
  expect(await promise).toBe("native credential");
});

test("a gate that fails leaves the request to the browser", async () => {
  const page = fakeScope();
  const ask = () => {
    throw new Error("gone");
  };
  installHook(page.scope, { ask, offer: ask });
  expect(await page.credentials.get(argument())).toBe("native credential");
});

test("an abort rejects with its reason, cancels, and clears the way in the same tick", async () => {
  const { credentials, next, asked } = hooked();
  const controller = new AbortController();
  const first = credentials.get(argument({ signal: controller.signal }));
  const request = await next();
  controller.abort("my reason");
  const second = credentials.get(argument());
  await expect(first).rejects.toBe("my reason");
  expect(request.cancelled).toBe(true);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  asked[1]?.settle({ kind: "credential", credential: assertion });
  expect(await second).toMatchObject({ id: "AQID" });
});

test("an abort before the gate was asked never asks it", async () => {
  const { credentials, asked } = hooked();
  const controller = new AbortController();
  const promise = credentials.get(argument({ signal: controller.signal }));
  controller.abort("early");
  await expect(promise).rejects.toBe("early");
  expect(asked).toEqual([]);
});

test("an aborted signal is the browser's to refuse", async () => {
  const { credentials, asked } = hooked();
  await expect(credentials.get(argument({ signal: AbortSignal.abort("before") }))).rejects.toBe("before");
  expect(asked).toEqual([]);
});

test("a second request meanwhile is refused", async () => {
  const { credentials, next } = hooked();
  const first = credentials.get(argument());
  await expect(credentials.create({ publicKey: {} })).rejects.toMatchObject({ name: "OperationError" });
  (await next()).settle({ kind: "credential", credential: assertion });
  expect(await first).toMatchObject({ id: "AQID" });
});

test("while the browser has a request, the next one is the browser's too", async () => {
  const { credentials, next, asked, answer, calls } = hooked();
  const finish: ((value: string) => void)[] = [];
  answer.with = () => new Promise((resolve) => finish.push(resolve));
  const first = credentials.get(argument());
  (await next()).settle({ kind: "native" });
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  const second = credentials.get(argument());
  expect(calls).toHaveLength(2);
  expect(asked).toHaveLength(1);
  for (const one of finish) one("done");
  expect(await Promise.all([first, second])).toEqual(["done", "done"]);
});

test("an aborted request of the browser's does not keep the next one from us", async () => {
  const { credentials, next, asked, answer } = hooked();
  answer.with = () => new Promise(() => {});
  const controller = new AbortController();
  void credentials.get(argument({ signal: controller.signal })).catch(() => {});
  (await next()).settle({ kind: "native" });
  await vi.waitFor(() => expect(controller.signal.aborted).toBe(false));
  await new Promise((resolve) => setTimeout(resolve));
  controller.abort();
  void credentials.get(argument());
  await vi.waitFor(() => expect(asked).toHaveLength(2));
});

/** A browser that waits with its list until the request is aborted. */
function listing(page: ReturnType<typeof hooked>): void {
  page.answer.with = () => {
    const [argument] = page.calls.at(-1)?.args ?? [];
    const { signal } = argument as { signal: AbortSignal };
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
}

test("a conditional request is the browser's, with ours offered beside it", async () => {
  const page = hooked();
  const own = argument({ mediation: "conditional" });
  expect(await page.credentials.get(own)).toBe("native credential");
  const seen = page.calls[0]?.args[0] as typeof own & { mediation: string };
  expect([seen.publicKey, seen.mediation]).toEqual([own.publicKey, "conditional"]);
  expect(page.offered).toMatchObject([{ options: { challenge: "AQ" }, withdrawn: true }]);
  expect(page.asked).toEqual([]);
});

test("one of ours that is picked takes the place of the browser's list", async () => {
  const page = hooked();
  listing(page);
  const promise = page.credentials.get(argument({ mediation: "conditional" }));
  page.offered[0]?.pick("AQID");
  const request = await page.next();
  expect(request.options).toEqual({ challenge: "AQ", allowCredentials: [{ type: "public-key", id: "AQID" }] });
  request.settle({ kind: "credential", credential: assertion });
  expect(await promise).toMatchObject({ id: "AQID" });
  expect(page.calls).toHaveLength(1);
});

test("a pick that comes to nothing brings the browser's list back", async () => {
  const page = hooked();
  listing(page);
  const promise = page.credentials.get(argument({ mediation: "conditional" }));
  page.offered[0]?.pick("AQID");
  (await page.next()).settle({ kind: "error", name: "NotAllowedError", message: "declined" });
  await vi.waitFor(() => expect(page.offered).toHaveLength(2));
  page.offered[1]?.pick("AQID");
  await vi.waitFor(() => expect(page.asked).toHaveLength(2));
  page.asked[1]?.settle({ kind: "credential", credential: assertion });
  expect(await promise).toMatchObject({ id: "AQID" });
  expect(page.calls).toHaveLength(2);
});

test.each([
  ["while the browser lists", async () => {}],
  [
    "while the phone is asked",
    async (page: ReturnType<typeof hooked>) => {
      page.offered[0]?.pick("AQID");
      await page.next();
    },
  ],
])("an abort ends a conditional request with its reason: %s", async (_, meanwhile) => {
  const page = hooked();
  listing(page);
  const controller = new AbortController();
  const promise = page.credentials.get(argument({ mediation: "conditional", signal: controller.signal }));
  const settled = expect(promise).rejects.toBe("enough");
  await meanwhile(page);
  controller.abort("enough");
  await settled;
  expect(page.offered).toHaveLength(1);
});

test("a conditional request does not keep the page's button from working", async () => {
  const page = hooked();
  listing(page);
  const controller = new AbortController();
  const waiting = page.credentials.get(argument({ mediation: "conditional", signal: controller.signal }));
  controller.abort("the button");
  const pressed = page.credentials.get(argument());
  await expect(waiting).rejects.toBe("the button");
  (await page.next()).settle({ kind: "credential", credential: assertion });
  expect(await pressed).toMatchObject({ id: "AQID" });
});

test.each([
  ["a payment", { payment: { isPayment: true } }],
  ["storage", { largeBlob: { support: "required" } }],
  ["protection", { credentialProtectionPolicy: "userVerificationRequired", enforceCredentialProtectionPolicy: true }],
  ["a remote desktop", { remoteDesktopClientOverride: { origin: "https://bank.example" } }],
])("what needs more than a phone has is the browser's: %s", async (_, extensions) => {
  const { credentials, asked } = hooked();
  expect(await credentials.get({ publicKey: { challenge: Uint8Array.of(1), extensions } })).toBe("native credential");
  expect(asked).toEqual([]);
});

test.each([
  { largeBlob: { support: "preferred" } },
  { largeBlob: { read: true } },
  { credentialProtectionPolicy: "userVerificationRequired" },
  { credentialProtectionPolicy: "userVerificationOptional", enforceCredentialProtectionPolicy: true },
  { minPinLength: true, hmacCreateSecret: true, uvm: true, perhaps: 1 },
])("what a phone may leave out is no reason to leave it to the browser: %j", async (extensions) => {
  const { credentials, next } = hooked();
  void credentials.get({ publicKey: { challenge: Uint8Array.of(1), extensions } });
  expect((await next()).options).toMatchObject({ extensions });
});

test("a receiver that is not this window's container goes to the browser", () => {
  const { scope, asked, calls } = hooked();
  const { get } = scope.CredentialsContainer.prototype as { get(argument: object): Promise<unknown> };
  void get.call({}, argument());
  expect(asked).toEqual([]);
  expect(calls).toHaveLength(1);
});

test("the functions keep their shape", () => {
  const plain = fakeScope();
  const ours = hooked();
  for (const op of ["create", "get"] as const) {
    const shape = (scope: typeof plain.scope) => {
      const { value, ...rest } = Object.getOwnPropertyDescriptor(scope.CredentialsContainer.prototype, op) ?? {};
      return { ...rest, name: value.name, length: value.length };
    };
    expect(shape(ours.scope)).toEqual(shape(plain.scope));
  }
});
