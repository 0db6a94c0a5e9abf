import { expect, test } from "vitest";
import { assertion, fakeScope, registration } from "../fake/page.ts";
import { Credentials } from "./credential.ts";

const bytes = (buffer: unknown) => [...new Uint8Array(buffer as ArrayBuffer)];
type Any = { [name: string]: unknown };

test("a registration has the members of its interfaces and none of its own", () => {
  const { scope } = fakeScope();
  const made = new Credentials(scope).make(registration) as Any;
  expect(made).toBeInstanceOf(scope.PublicKeyCredential);
  expect(Reflect.ownKeys(made)).toEqual([]);
  expect(made["id"]).toBe("AQID");
  expect(bytes(made["rawId"])).toEqual([1, 2, 3]);
  expect(made["rawId"]).toBe(made["rawId"]);
  const response = made["response"] as { [name: string]: () => unknown };
  expect(response).toBeInstanceOf(scope.AuthenticatorAttestationResponse);
  expect(bytes(response["getAuthenticatorData"]?.())).toEqual([4, 5, 6]);
  expect(bytes(response["getPublicKey"]?.())).toEqual([10, 11, 12]);
  expect(response["getPublicKeyAlgorithm"]?.()).toBe(-7);
  expect(response["getTransports"]?.()).toEqual(["internal"]);
});

test("an assertion has its user handle, or null", () => {
  const credentials = new Credentials(fakeScope().scope);
  const withHandle = credentials.make(assertion) as { response: Any };
  expect(bytes(withHandle.response["userHandle"])).toEqual([16, 17, 18]);
  const { userHandle, ...response } = assertion.response;
  const without = credentials.make({ ...assertion, response }) as { response: Any };
  expect(without.response["userHandle"]).toBe(null);
  expect(userHandle).toBeDefined();
});

test("toJSON gives what was said, fresh each time", () => {
  const made = new Credentials(fakeScope().scope).make(assertion) as { toJSON(): object };
  expect(made.toJSON()).toEqual(assertion);
  expect(made.toJSON()).not.toBe(made.toJSON());
  expect(JSON.parse(JSON.stringify(made))).toEqual(assertion);
});

test("a borrowed getter works on ours, on the browser's own, and on nothing else", () => {
  const { scope } = fakeScope();
  const made = new Credentials(scope).make(assertion);
  const getter = Object.getOwnPropertyDescriptor(scope.PublicKeyCredential.prototype, "rawId")?.get as () => unknown;
  expect(bytes(getter.call(made))).toEqual([1, 2, 3]);
  expect(getter.call(new scope.PublicKeyCredential())).toBe("native rawId");
  expect(() => getter.call({})).toThrow(TypeError);
  expect(() => getter.call(undefined)).toThrow(TypeError);
  expect(getter.name).toBe("rawId");
});

test("a member of another interface stays foreign", () => {
  const { scope } = fakeScope();
  const made = new Credentials(scope).make(registration) as { response: object };
  const getter = Object.getOwnPropertyDescriptor(scope.PublicKeyCredential.prototype, "rawId")?.get as () => unknown;
  expect(() => getter.call(made.response)).toThrow(TypeError);
});

test("nobody can clone one", () => {
  const made = new Credentials(fakeScope().scope).make(registration);
  expect(() => structuredClone(made)).toThrow(expect.objectContaining({ name: "DataCloneError" }));
});

test("a member that the browser does not have is not added", () => {
  const { scope } = fakeScope();
  delete (scope.PublicKeyCredential.prototype as { toJSON?: unknown }).toJSON;
  expect(new Credentials(scope).make(assertion)).not.toHaveProperty("toJSON");
});

test.each([
  { ...assertion, rawId: "!" },
  { ...assertion, id: 5 as never },
  { ...assertion, response: {} as never },
])("refuses what is not a credential: %o", (json) => {
  expect(() => new Credentials(fakeScope().scope).make(json)).toThrow();
});

test("outputs that are bytes are buffers to the page, and text in JSON", () => {
  const results = {
    prf: { enabled: true, results: { first: "AQID", second: "BA" } },
    largeBlob: { blob: "BQ" },
    credProps: { rk: true },
  };
  const { scope } = fakeScope();
  const made = new Credentials(scope).make({ ...assertion, clientExtensionResults: results }) as unknown as {
    getClientExtensionResults(): typeof results;
    toJSON(): { clientExtensionResults: object };
  };
  const { prf, largeBlob, credProps } = made.getClientExtensionResults();
  expect([prf.results.first, prf.results.second, largeBlob.blob].map(bytes)).toEqual([[1, 2, 3], [4], [5]]);
  expect([prf.enabled, credProps]).toEqual([true, { rk: true }]);
  expect(made.toJSON().clientExtensionResults).toEqual(results);
  expect(made.getClientExtensionResults()).not.toBe(made.getClientExtensionResults());
  expect(made.getClientExtensionResults().prf.results.first).toBe(prf.results.first);
});

test("outputs that are none are left as they are", () => {
  const odd = { prf: null, largeBlob: { blob: 5 }, appid: false };
  const made = new Credentials(fakeScope().scope).make({ ...assertion, clientExtensionResults: odd }) as unknown as {
    getClientExtensionResults(): object;
  };
  expect(made.getClientExtensionResults()).toEqual(odd);
});
