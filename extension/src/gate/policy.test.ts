import { afterEach, expect, test, vi } from "vitest";
import { policyAllows, policyForbids } from "./policy.ts";

afterEach(() => vi.unstubAllGlobals());

/** A document whose prototype has a policy under the given name. */
function withPolicy(name: string, allowed: string[]): void {
  class FakeDocument {}
  const get = () => ({ allowsFeature: (feature: string) => allowed.includes(feature) });
  Object.defineProperty(FakeDocument.prototype, name, { get });
  vi.stubGlobal("Document", FakeDocument);
  vi.stubGlobal("document", new FakeDocument());
}

type Asked = { signal?: AbortSignal; publicKey: { rp?: { id: string } } };

/** A browser without a policy object, whose WebAuthn ends as told. */
function withBrowser(end: (asked: Asked) => Promise<unknown>) {
  class FakeDocument {}
  vi.stubGlobal("Document", FakeDocument);
  vi.stubGlobal("document", new FakeDocument());
  const call = vi.fn((asked: Asked) => end(asked));
  vi.stubGlobal("navigator", { credentials: { create: call, get: call } });
  return call;
}

const refusal = (name: string) => () => Promise.reject(new DOMException("", name));

test.each(["permissionsPolicy", "featurePolicy"])("asks document.%s", async (name) => {
  withPolicy(name, ["publickey-credentials-get"]);
  expect(await policyAllows("get")).toBe(true);
  expect(await policyAllows("create")).toBe(false);
});

test("a property of the document itself does not count", async () => {
  withPolicy("featurePolicy", []);
  Object.defineProperty(document, "featurePolicy", { value: { allowsFeature: () => true } });
  expect(await policyAllows("get")).toBe(false);
});

test("asks the browser where there is no policy object: a sign-in that is aborted as it begins", async () => {
  const call = withBrowser(
    ({ signal }) => new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  );
  expect(await policyAllows("get")).toBe(true);
  expect(call).toHaveBeenCalledOnce();
});

test("asks the browser where there is no policy object: a registration that can never begin", async () => {
  const call = withBrowser(refusal("SecurityError"));
  expect(await policyAllows("create")).toBe(true);
  expect(call).toHaveBeenCalledOnce();
  const id = call.mock.calls[0]?.[0].publicKey.rp?.id;
  expect(() => new URL(`https://${id}/`)).toThrow();
});

test.each(["NotAllowedError", "InvalidStateError"])("any other refusal is one: %s", async (name) => {
  withBrowser(refusal(name));
  expect(await policyAllows("get")).toBe(false);
  expect(await policyAllows("create")).toBe(false);
});

test("an answer is none", async () => {
  withBrowser(() => Promise.resolve({}));
  expect(await policyAllows("get")).toBe(false);
});

test("beside a conditional request the browser is not asked: that would end it", () => {
  const call = withBrowser(refusal("NotAllowedError"));
  expect(policyForbids("get")).toBe(false);
  expect(call).not.toHaveBeenCalled();
});

test("a policy object tells without a question", () => {
  withPolicy("permissionsPolicy", ["publickey-credentials-create"]);
  expect(policyForbids("get")).toBe(true);
  expect(policyForbids("create")).toBe(false);
});
