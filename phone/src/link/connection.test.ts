import { describe, expect, it } from "vitest";
import { answer, fingerprint } from "./sdp";
import { hostname } from "./text";

const place = {
  desktop: "abcdefghij234567",
  port: 47113,
  addresses: ["192.0.2.7", "2001:db8::7"],
  certificate: Uint8Array.from({ length: 32 }, (_, i) => i),
};

describe("the desktop's description", () => {
  const lines = answer(place, "tk1/u", "pw").split("\r\n");

  it("names addresses first and the mDNS name last", () => {
    const candidates = lines.filter((l) => l.startsWith("a=candidate:")).map((l) => l.split(" ")[4]);
    expect(candidates).toEqual(["192.0.2.7", "2001:db8::7", hostname(place.desktop)]);
  });

  it("names the next three ports too where the desktop stayed silent, the known one first", () => {
    const ports = (port: number, silent: boolean) =>
      Array.from(answer({ ...place, port, silent }, "u", "p").matchAll(/ 2001:db8::7 (\d+) typ host/g), (m) =>
        Number(m[1]),
      );
    expect(ports(47113, false)).toEqual([47113]);
    expect(ports(47113, true)).toEqual([47113, 47114, 47115, 47116]);
    expect(ports(65534, true)).toEqual([65534, 65535]);
    const priorities = answer({ ...place, silent: true }, "u", "p").match(/udp \d+/g);
    expect(new Set(priorities).size).toBe(12);
  });

  it("pins the certificate and carries the credentials", () => {
    expect(lines).toContain("a=ice-ufrag:tk1/u");
    expect(lines).toContain("a=ice-pwd:pw");
    expect(fingerprint(lines.join("\r\n"))).toEqual(place.certificate);
  });

  it("does not call the desktop lite: Chromium would be 50 ms slower", () => {
    expect(lines).not.toContain("a=ice-lite");
  });
});

describe("the phone's fingerprint", () => {
  it("is read from the browser's offer, however the case", () => {
    const hex = Array.from(place.certificate, (b) => b.toString(16).padStart(2, "0")).join(":");
    expect(fingerprint(`v=0\r\na=fingerprint:sha-256 ${hex}\r\n`)).toEqual(place.certificate);
  });

  it("must be there", () => {
    expect(() => fingerprint("v=0\r\na=fingerprint:sha-1 AA:BB\r\n")).toThrow();
  });
});
