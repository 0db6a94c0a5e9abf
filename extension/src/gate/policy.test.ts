import { afterEach, expect, test, vi } from "vitest";
import { policyAllows } from "./policy.ts";

afterEach(() => vi.unstubAllGlobals());

/** A document whose prototype has a policy under the given name. */
function withPolicy(name: string, allowed: string[]): void {
  class FakeDocument {}
  const get = () => ({ allowsFeature: (feature: string) => allowed.includes(feature) });
  Object.defineProperty(FakeDocument.prototype, name, { get });
  vi.stubGlobal("Document", FakeDocument);
  vi.stubGlobal("document", new FakeDocument());
}

/** A browser without a policy object, whose WebAuthn ends as told. */
function withBrowser(end: () => Promise<unknown>) {
  class FakeDocument {}
  vi.stubGlobal("Document", FakeDocument);
  vi.stubGlobal("document", new FakeDocument());
  const call = vi.fn((_: { publicKey: { rpId?: string; rp?: { id: string } } }) => end());
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

test.each(["create", "get"] as const)("asks the browser where there is no policy object: %s", async (op) => {
  const call = withBrowser(refusal("SecurityError"));
  expect(await policyAllows(op)).toBe(true);
  expect(call).toHaveBeenCalledOnce();
});

test.each(["create", "get"] as const)("what it asks can never begin: %s", async (op) => {
  const call = withBrowser(refusal("SecurityError"));
  await policyAllows(op);
  const asked = call.mock.calls[0]?.[0].publicKey;
  const id = asked?.rpId ?? asked?.rp?.id ?? "";
  expect(() => new URL(`https://${id}/`)).toThrow();
});

test.each(["NotAllowedError", "AbortError", "InvalidStateError"])("any other refusal is one: %s", async (name) => {
  withBrowser(refusal(name));
  expect(await policyAllows("get")).toBe(false);
});

test("an answer is none", async () => {
  withBrowser(() => Promise.resolve({}));
  expect(await policyAllows("get")).toBe(false);
});
