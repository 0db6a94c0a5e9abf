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
function withBrowser(end: (signal: AbortSignal) => Promise<unknown>) {
  class FakeDocument {}
  vi.stubGlobal("Document", FakeDocument);
  vi.stubGlobal("document", new FakeDocument());
  const call = vi.fn(({ signal }: { signal: AbortSignal }) => end(signal));
  vi.stubGlobal("navigator", { credentials: { create: call, get: call } });
  return call;
}

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

const aborted = (signal: AbortSignal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test.each(["create", "get"] as const)("asks the browser where there is no policy object: %s", async (op) => {
  const call = withBrowser(aborted);
  expect(await policyAllows(op)).toBe(true);
  expect(call).toHaveBeenCalledOnce();
  expect(call.mock.calls[0]?.[0].signal.aborted).toBe(true);
});

test("a refusal of the browser is one", async () => {
  withBrowser(() => Promise.reject(new DOMException("", "NotAllowedError")));
  expect(await policyAllows("get")).toBe(false);
});

test("an answer to the dummy call is none", async () => {
  withBrowser(() => Promise.resolve({}));
  expect(await policyAllows("get")).toBe(false);
});
