/** What happened and what to do, in the words of the table of outcome codes. */
import codes from "../../../daemon/api/codes.json" with { type: "json" };
import type { Words } from "./words.ts";

/** What happened and what to do. */
export interface Note {
  title: string;
  what: string;
  remedy: string;
  /** Of the table of outcome codes. */
  code?: string;
  /** When it happened. */
  when?: string;
  /** It is no failure. */
  good?: boolean;
}

/** The row of a code; undefined for a code that only a newer daemon knows. */
export function outcome(code: string, { language }: Words): Note | undefined {
  const row = codes.find((candidate) => candidate.code === code);
  if (!row) return undefined;
  const note: Note = { ...(language.startsWith("de") ? row.de : row.en), code };
  return row.state === "approved" ? { ...note, good: true } : note;
}

/** Why the daemon can't be asked: the words are the extension's own, because nobody else is there to say them. */
export function unreached(kind: string, { say }: Words): Note {
  return { title: say(`${kind}Title`), what: say(`${kind}What`), remedy: say(`${kind}Remedy`) };
}
