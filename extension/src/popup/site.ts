/** What the popup shows of the website in front. No DOM here. */
import type { Activity, Pause, Registration, Site } from "../protocol.ts";
import { type Note, outcome } from "./note.ts";
import { clock, date, dayOf, short, timeOf, type Words } from "./words.ts";

/** A name with a quiet line below. */
export interface Row {
  name: string;
  line: string;
}

/** A switch that is on while nothing is paused. */
export interface Switch {
  on: boolean;
  /** When a pause ends by itself. */
  line?: string;
}

export interface SiteView {
  origin: string;
  /** The host: a quiet part, then the one that counts. */
  host: [string, string];
  rows: Row[];
  use: Switch;
  /** How its newest request ended, where it did not end well. */
  last?: Note;
}

/** The view of a website at the time now. */
export function siteView(origin: string, site: Site, words: Words, now: Date): SiteView {
  const registrations = site.registrations ?? [];
  const rows = registrations.map((registration) => rowOf(registration, words, now));
  const last = site.last && ended(site.last, words, now);
  const view = { origin, host: hostOf(origin, registrations), rows, use: useOf(site.pause, words) };
  return last ? { ...view, last } : view;
}

/** The switch of a pause that is there, or not. */
export function useOf(pause: Pause | undefined, words: Words): Switch {
  if (!pause) return { on: true };
  const until = timeOf(pause.until);
  // Go's zero time is one that nobody pauses to.
  if (!until || until.getTime() <= 0) return { on: false };
  return { on: false, line: words.say("pausedUntil", clock(until, words)) };
}

/**
 * The RP ID of its registrations carries the weight: a browser tells extensions nothing of public suffixes. The longest
 * is the one that says most; without any, the whole host does.
 */
function hostOf(origin: string, registrations: readonly Registration[]): [string, string] {
  const { host, hostname } = new URL(origin);
  const ids = registrations.map(({ rpId }) => rpId).filter((id) => hostname.endsWith(`.${id}`));
  const id = ids.toSorted((a, b) => b.length - a.length)[0];
  if (!id) return ["", host];
  const quiet = hostname.length - id.length;
  return [host.slice(0, quiet), host.slice(quiet)];
}

function rowOf({ account, lastUsed, created, hidden }: Registration, words: Words, now: Date): Row {
  if (hidden) return { name: account, line: words.say("notAccepted") };
  const used = timeOf(lastUsed);
  if (used && used.getTime() > 0) return { name: account, line: usedAt(used, words, now) };
  const made = timeOf(created);
  return { name: account, line: made ? words.say("registeredOn", date(made, words)) : "" };
}

function usedAt(used: Date, words: Words, now: Date): string {
  const day = dayOf(used, now);
  if (day === "today") return words.say("signedInToday", clock(used, words));
  return day === "yesterday" ? words.say("signedInYesterday") : words.say("signedInOn", date(used, words));
}

function ended({ code, time }: Activity, words: Words, now: Date): Note | undefined {
  const note = outcome(code, words);
  if (!note || note.good) return undefined;
  const when = timeOf(time);
  return when ? { ...note, when: short(when, now, words) } : note;
}
