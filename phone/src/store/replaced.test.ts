import { expect, it } from "vitest";
import type { Registration } from "./records";
import { newestFirst, replaced } from "./replaced";

const bob = Uint8Array.of(2);
function made(credential: string, created: number, userId?: Uint8Array<ArrayBuffer>, rpId = "contoso.example") {
  return { credential, created, rpId, ...(userId && { userId }) } as Registration;
}

it("calls replaced what a newer key of the same account at the same website followed", () => {
  const alice = Uint8Array.of(1);
  const list = [
    made("first", 1, alice),
    made("third", 3, alice),
    made("second", 2, Uint8Array.of(1)),
    made("bob", 1, bob),
    made("elsewhere", 1, alice, "fabrikam.example"),
    made("early", 0),
    made("earlier", 0),
  ];
  expect([...replaced(list)].sort()).toEqual(["first", "second"]);
  expect(newestFirst(list).map((r) => r.credential)[0]).toBe("third");
  expect(replaced([])).toEqual(new Set());
});
