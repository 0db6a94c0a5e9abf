/** The words of the person's language, and times in them. */

/** Texts by key, with values in them. */
export interface Words {
  language: string;
  say(key: string, ...values: string[]): string;
}

/** How long ago, in the days of the calendar. */
type Day = "today" | "yesterday" | "earlier";

/** The day of a time. */
export function dayOf(time: Date, now: Date): Day {
  const days = Math.round((midnight(now) - midnight(time)) / 86_400_000);
  if (days === 0) return "today";
  return days === 1 ? "yesterday" : "earlier";
}

/** 14:02 */
export const clock = (time: Date, { language }: Words): string =>
  time.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** 3 Nov */
export const date = (time: Date, { language }: Words): string =>
  time.toLocaleDateString(language, { day: "numeric", month: "short" });

/** Times are short: 14:02, yesterday, 3 Nov. */
export function short(time: Date, now: Date, words: Words): string {
  const day = dayOf(time, now);
  if (day === "today") return clock(time, words);
  return day === "yesterday" ? words.say("yesterday") : date(time, words);
}

/** The time of an RFC 3339 text; undefined where there is none. */
export function timeOf(text: string | undefined): Date | undefined {
  const time = new Date(text ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

const midnight = (time: Date): number => new Date(time).setHours(0, 0, 0, 0);
