import { describe, expect, test } from "vitest";
import table from "../../../daemon/api/codes.json";
import { faceOf, gapOf, lingers, toneOf } from "./face";
import type { Request } from "./types";

const request: Request = {
  id: "r1",
  action: "get",
  state: "waiting",
  host: "mail.contoso.example",
  domain: "contoso.example",
  account: "alice@contoso.example",
  browser: "Firefox",
  phone: "Alice’s phone",
  mode: "choose",
  started: "",
  expires: "",
};

describe("before the end", () => {
  test("waiting shows no number, even if one is there", () => {
    const f = faceOf({ ...request, number: "26" }, "en");
    expect(f).toMatchObject({
      shown: "waiting",
      number: "",
      title: "Reaching \u2068Alice’s phone\u2069",
      text: "Unlock it and open tallykey.",
    });
  });

  test("delivered shows the number", () => {
    const f = faceOf({ ...request, state: "delivered", number: "07" }, "en");
    expect(f).toMatchObject({
      shown: "delivered",
      number: "07",
      caption: "Tap this number on your phone",
      title: "\u2068Alice’s phone\u2069 has it",
    });
  });

  test("answering keeps it", () => {
    const f = faceOf({ ...request, state: "answering", number: "26", mode: "type" }, "de");
    expect(f).toMatchObject({
      number: "26",
      caption: "Geben Sie diese Zahl auf dem Telefon ein",
      title: "Zahl stimmt",
    });
  });

  test("a phone without a name is yours", () => {
    const nameless: Request = { ...request, phone: "" };
    expect(faceOf(nameless, "en").title).toBe("Reaching your phone");
    expect(faceOf(nameless, "de").title).toBe("Ihr Telefon wird gesucht");
    expect(faceOf({ ...nameless, state: "delivered", number: "26" }, "de").title).toBe("Auf Ihrem Telefon angekommen");
  });
});

describe("every code of the table", () => {
  test.each(table.map((row) => [row.code, row] as const))("%s", (code, row) => {
    for (const language of ["en", "de"] as const) {
      const f = faceOf({ ...request, state: "ended", code, number: "26" }, language);
      expect(f).toMatchObject({ shown: row.state, title: row[language].title, code, number: "" });
      if (row.state !== "approved") expect(f.text).toContain(row[language].remedy);
      expect(f.text.length).toBeGreaterThan(10);
      expect(f.word).not.toBe("");
    }
  });

  test("a report is a flag, in red", () => {
    const f = faceOf({ ...request, state: "ended", code: "reported" }, "de");
    expect(f).toMatchObject({ shown: "declined", icon: "flag", tone: "bad", caption: "Gemeldet", word: "Gemeldet" });
  });

  test("one that is newer than this build says so", () => {
    const f = faceOf({ ...request, state: "ended", code: "moon_phase" }, "en");
    expect(f).toMatchObject({
      shown: "problem",
      code: "moon_phase",
      text: "This program is older than the daemon. Update tallykey.",
    });
  });
});

test("only an approval closes the halves and leaves quickly", () => {
  const ends = [...new Set(table.map((r) => r.state))] as Parameters<typeof gapOf>[0][];
  for (const s of ends) {
    expect(gapOf(s) === "closed").toBe(s === "approved");
    expect(lingers(s, "")).toBe(s === "approved" ? 1500 : 20_000);
    expect(toneOf(s) === "ok").toBe(s === "approved");
  }
  expect(lingers("declined", "cancelled_on_desktop")).toBe(1500);
  expect(lingers("declined", "another_way")).toBe(0);
  expect(toneOf("declined")).toBe("wait");
  expect(toneOf("wrong_number")).toBe("bad");
});
