import { afterEach, describe, expect, it, vi } from "vitest";
import { isTrial, lack } from "./device";

afterEach(() => vi.unstubAllGlobals());

describe("a trial", () => {
  it.each([
    ["192.0.2.7", true],
    ["[2001:db8::7]", true],
    ["tk-abcdefghij234567.local", true],
    ["phone.contoso.example", false],
    ["tk-abcdefghij234567.local.contoso.example", false],
    ["printer.local", false],
    ["localhost", false],
    ["1.2.3.4.contoso.example", false],
  ])("at %s: %s", (host, trial) => {
    expect(isTrial(host)).toBe(trial);
  });
});

describe("what the browser lacks", () => {
  function browser(host: string, more: Record<string, unknown> = {}): void {
    const all = { isSecureContext: true, indexedDB: {}, RTCPeerConnection: {}, PublicKeyCredential: {} };
    const page = { top: globalThis, self: globalThis, location: { hostname: host }, navigator: { credentials: {} } };
    for (const [name, value] of Object.entries({ ...all, ...page, ...more })) vi.stubGlobal(name, value);
  }

  it("is nothing, a private address, passkeys, or a page of its own", () => {
    browser("phone.contoso.example");
    expect(lack()).toBe("");
    browser("phone.contoso.example", { isSecureContext: false });
    expect(lack()).toBe("insecure");
    browser("phone.contoso.example", { PublicKeyCredential: undefined });
    expect(lack()).toBe("browser");
    browser("phone.contoso.example", { top: {} });
    expect(lack()).toBe("framed");
  });

  it("is no passkey in a trial", () => {
    browser("192.0.2.7", { PublicKeyCredential: undefined, navigator: {} });
    expect(lack()).toBe("");
    browser("192.0.2.7", { RTCPeerConnection: undefined });
    expect(lack()).toBe("browser");
  });
});
