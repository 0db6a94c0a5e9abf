import type { Words } from "./en";

export type { Words } from "./en";

export type Language = "en" | "de";

/** The first of the person's languages that there are texts in. */
export function pick(languages: readonly string[]): Language {
  const found = languages.find((l) => /^(de|en)\b/i.test(l));
  return found?.toLowerCase().startsWith("de") ? "de" : "en";
}

const load = {
  en: async () => (await import("./en")).en,
  de: async () => (await import("./de")).de,
};

/** The texts in one language; a phone loads no other. */
export function texts(language: Language): Promise<Words> {
  return load[language]();
}

/** The texts of this phone's language. */
export const words: Words = await texts(pick(globalThis.navigator?.languages ?? []));

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

/** A day in full: 3 November 2026. */
export function day(at: number): string {
  return new Intl.DateTimeFormat(words.language === "en" ? "en-GB" : "de", { dateStyle: "long" }).format(at);
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
