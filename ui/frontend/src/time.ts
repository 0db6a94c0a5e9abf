import type { Language } from "./types";

/** secondsLeft counts up to the moment: a started second is shown, and never less than none. */
export function secondsLeft(expires: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(expires) - now) / 1000));
}

/** cuts is how many of the twelve cuts of five seconds still stand. */
export function cuts(seconds: number): number {
  return Math.min(12, Math.ceil(seconds / 5));
}

/** clock is 1:48. */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** moment is a time in a list, short: 14:02 today, Yesterday, 3 Nov. */
export function moment(time: string, now: number, language: Language): string {
  const then = new Date(time);
  const days = Math.round((midnight(now) - midnight(then.getTime())) / 864e5);
  const locale = language === "de" ? "de-DE" : "en-GB";
  if (days === 0) return then.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  if (days === 1) return language === "de" ? "Gestern" : "Yesterday";
  return then.toLocaleDateString(locale, { day: "numeric", month: "short" });
}

function midnight(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** full is a time with everything that a report needs: date, seconds and zone. */
export function full(time: string, language: Language): string {
  return new Date(time).toLocaleString(language === "de" ? "de-DE" : "en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
}
