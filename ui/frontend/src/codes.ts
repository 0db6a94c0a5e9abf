import table from "../../../daemon/api/codes.json";
import type { Language } from "./types";

/** Shown is one of the eight states of the look. */
export type Shown =
  | "waiting"
  | "delivered"
  | "answering"
  | "approved"
  | "declined"
  | "wrong_number"
  | "timed_out"
  | "problem";

/** Outcome is a row of the daemon's code table in one language. */
export interface Outcome {
  code: string;
  state: Shown;
  title: string;
  what: string;
  remedy: string;
}

/** outcomeOf is the row of code. A code that this build does not know comes from a newer daemon, and says so. */
export function outcomeOf(code: string, language: Language): Outcome {
  const row = table.find((r) => r.code === code);
  if (row) return { code, state: row.state as Shown, ...row[language] };
  return language === "de"
    ? {
        code,
        state: "problem",
        title: "Unbekanntes Ergebnis",
        what: "Dieses Programm ist älter als der Dienst.",
        remedy: "tallykey aktualisieren.",
      }
    : {
        code,
        state: "problem",
        title: "Unknown outcome",
        what: "This program is older than the daemon.",
        remedy: "Update tallykey.",
      };
}
