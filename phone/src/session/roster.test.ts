import { describe, expect, it } from "vitest";
import { encodeBase64url, random } from "../link/bytes";
import { encode } from "../link/codec";
import type { Desktop, Registration } from "../store/records";
import { roster } from "./roster";

const verifier = random(16);
const desktop = { id: "abcdefghij234567", verifier } as Desktop;

function registration(more: Partial<Registration> = {}): Registration {
  const key = { protection: "prf" as const, wrapped: random(64), iv: random(12) };
  return {
    ...{
      credential: encodeBase64url(random(16)),
      rpId: "contoso.example",
      account: "alice",
      displayName: "",
      created: 1,
    },
    ...{ desktop: desktop.id, key, verifier, userId: random(8), publicKey: random(77), pending: false, algorithm: -7 },
    ...more,
  };
}

/** As an early version kept it. */
function early(): Registration {
  const { userId: _, publicKey: __, ...rest } = registration();
  return rest;
}

describe("what a desktop is told", () => {
  it("is one empty page where there is nothing", () => {
    expect(roster(desktop, [])).toEqual([{ type: "registrations", items: [], kept: [], more: false }]);
  });

  it("is all that it can ask for, with what the app knows of it", () => {
    const old = early();
    const mine = registration({ pending: true });
    const other = registration({ pending: true, desktop: "zyxwvutsrq765432" });
    const closed = registration({ verifier: random(16) });
    const full = registration();
    const [page] = roster(desktop, [old, mine, other, closed, full]);
    expect(page?.items.map((i) => i.credential)).toEqual([full.credential]);
    expect(page?.kept).toEqual([old.credential, mine.credential]);
  });

  it("comes in pages that each fit a message, the last one marked", () => {
    const full = Array.from({ length: 50 }, () => registration());
    const old = Array.from({ length: 300 }, () => early());
    const pages = roster(desktop, [...full, ...old]);
    expect(pages.map((p) => [p.items.length, p.kept.length, p.more])).toEqual([
      [24, 128, true],
      [24, 128, true],
      [2, 44, false],
    ]);
    for (const page of pages) expect(() => encode(page)).not.toThrow();
  });
});
