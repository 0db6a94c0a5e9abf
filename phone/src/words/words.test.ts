import { describe, expect, it } from "vitest";
import { outcomeText, table } from "./outcomes";
import { pick, texts, when } from "./words";

describe("words", () => {
  it("are picked by the first language that there is", () => {
    expect(pick(["fr", "de-AT", "en"])).toBe("de");
    expect(pick(["en-US", "de"])).toBe("en");
    expect(pick(["fr", "dev"])).toBe("en");
    expect(pick([])).toBe("en");
  });

  it("have a state for every outcome, in both languages", async () => {
    const [en, de] = [await table("en"), await table("de")];
    for (const [rows, w] of [
      [en, await texts("en")],
      [de, await texts("de")],
    ] as const) {
      for (const code of ["approved", "wrong_number", "timed_out", "no_such_code"]) {
        expect(w.states[outcomeText(code, rows, w).state]).toBeTruthy();
      }
    }
    expect(outcomeText("wrong_number", de).title).not.toBe(outcomeText("wrong_number", en).title);
  });

  it("tell times as short as they can be told", () => {
    const now = new Date(2026, 10, 23, 14, 2).getTime();
    expect(when(now, now)).toBe("14:02");
    expect(when(now - 86_400_000, now)).toBe("yesterday");
    expect(when(new Date(2026, 10, 3).getTime(), now)).toBe("3 Nov");
  });
});
