import { describe, expect, test } from "vitest";
import { spoken } from "./number";

describe("spoken", () => {
  test.each([
    ["26", "en", "2, 6. Twenty-six."],
    ["26", "de", "2, 6. Sechsundzwanzig."],
    ["07", "en", "0, 7. Seven."],
    ["07", "de", "0, 7. Sieben."],
    ["00", "en", "0, 0. Zero."],
    ["11", "de", "1, 1. Elf."],
    ["21", "de", "2, 1. Einundzwanzig."],
    ["40", "en", "4, 0. Forty."],
    ["90", "de", "9, 0. Neunzig."],
    ["99", "en", "9, 9. Ninety-nine."],
  ] as const)("%s in %s", (number, language, want) => {
    expect(spoken(number, language)).toBe(want);
  });

  test("all hundred differ in both languages", () => {
    for (const language of ["en", "de"] as const) {
      const all = Array.from({ length: 100 }, (_, n) => spoken(String(n).padStart(2, "0"), language));
      expect(new Set(all.map((s) => s.split(". ")[1])).size).toBe(100);
      expect(all.join()).not.toMatch(/undefined/);
    }
  });
});
