import codes from "../../../daemon/api/codes.json";
import { de } from "./de";
import type { Words } from "./en";
import { en } from "./en";

export type { Words } from "./en";

/** A row of the code table in one language. */
export interface OutcomeText {
  /** Which of the eight states of the look it is shown as. */
  state: string;
  title: string;
  what: string;
  remedy: string;
}

/** The first of the person's languages that there are texts in. */
export function pick(languages: readonly string[]): Words {
  const found = languages.find((l) => /^(de|en)\b/i.test(l));
  return found?.toLowerCase().startsWith("de") ? de : en;
}

/** The texts of this phone's language. */
export const words: Words = pick(globalThis.navigator?.languages ?? []);

/** The row of a code. A code without one came from a newer desktop, and its row says so. */
export function outcomeText(code: string, w: Words = words): OutcomeText {
  const row = codes.find((r) => r.code === code);
  if (!row) return { state: "problem", ...w.unknown };
  return { state: row.state, ...(w.language === "de" ? row.de : row.en) };
}

/** A time of today as hours and minutes. */
export function clock(at: number): string {
  return new Intl.DateTimeFormat(words.language, { hour: "2-digit", minute: "2-digit", hour12: false }).format(at);
}

/** A time as short as it can be told: 14:02, yesterday, 3 Nov. */
export function when(at: number, now = Date.now()): string {
  if (sameDay(at, now)) return clock(at);
  if (sameDay(at, now - 86_400_000)) return words.home.yesterday;
  return new Intl.DateTimeFormat(words.language === "en" ? "en-GB" : "de", { day: "numeric", month: "short" }).format(
    at,
  );
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
