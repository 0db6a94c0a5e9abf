import type { Language } from "../types";
import { de } from "./words.de";
import { en } from "./words.en";

/** wordsOf are the texts of the sections in a language; those of failures and ends come from the code table. */
export function wordsOf(language: Language): typeof en {
  return language === "de" ? de : en;
}
