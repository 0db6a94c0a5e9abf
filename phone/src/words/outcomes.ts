import type { Words } from "./en";
import type { Language } from "./words";
import { words } from "./words";

/** A row of the code table in one language. */
export interface OutcomeText {
  /** Which of the eight states of the look it is shown as. */
  state: string;
  title: string;
  what: string;
  remedy: string;
}

/** The code table in one language: code to state, title, what happened, what to do. */
export type Table = Record<string, [state: string, title: string, what: string, remedy: string]>;

const load = {
  en: async () => (await import("virtual:outcomes/en")).default,
  de: async () => (await import("virtual:outcomes/de")).default,
};

/** The code table in one language; a phone loads no other. */
export function table(language: Language): Promise<Table> {
  return load[language]();
}

const own = await table(words.language as Language);

/** The row of a code. A code without one came from a newer desktop, and its row says so. */
export function outcomeText(code: string, rows: Table = own, w: Words = words): OutcomeText {
  const row = Object.hasOwn(rows, code) ? rows[code] : undefined;
  if (!row) return { state: "problem", ...w.unknown };
  const [state, title, what, remedy] = row;
  return { state, title, what, remedy };
}
