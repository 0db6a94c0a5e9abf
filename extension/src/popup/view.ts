/** What the popup and the options page show. No DOM here. */
import type { Sight } from "../messages.ts";
import type { Pause, Phone, Status } from "../protocol.ts";
import { type Note, outcome, unreached } from "./note.ts";
import { type Row, type SiteView, type Switch, siteView, useOf } from "./site.ts";
import { short, timeOf, type Words } from "./words.ts";

/** A state chip of the look. */
export interface Chip {
  tone: "ok" | "wait" | "warn";
  text: string;
}

export interface PhoneRow extends Row {
  chip: Chip;
}

/** A registration to sign in with, and what its button says. */
export interface OfferRow {
  credential: string;
  text: string;
}

/** A pause of one website. */
export interface PauseRow extends Row {
  origin: string;
}

/** All that is there to see; a note stands in the place of what can't be known. */
export interface View {
  chip: Chip;
  /** A person is asked for the tab in front. */
  pending: boolean;
  offers: OfferRow[];
  site?: SiteView;
  phones: PhoneRow[];
  /** What to do while no phone is there. */
  advice?: string;
  /** The switch for every website, where the daemon knows pauses. */
  everywhere?: Switch;
  pauses: PauseRow[];
  note?: Note;
  /** Whether a phone can be paired now. */
  pair: boolean;
}

/** The view at the time now. */
export function viewOf(sight: Sight, words: Words, now: Date): View {
  const { reach, pending } = sight;
  const offers = sight.offers.map(({ id, account }) => ({ credential: id, text: words.say("offer", account) }));
  const base = { pending, offers, phones: [], pauses: [], pair: false };
  if (reach.kind !== "running") return { ...base, ...problem(unreached(reach.kind, words), words) };
  const { status } = reach;
  const broken = brokenPart(status);
  if (broken)
    return { ...base, ...problem(outcome(broken, words) ?? { ...unreached("silent", words), code: broken }, words) };
  const view = { ...base, pair: true, ...phonesView(status.phones ?? [], words, now), ...pausesView(status, words) };
  if (!sight.origin || !sight.site) return view;
  return { ...view, site: siteView(sight.origin, sight.site, words, now) };
}

function phonesView(
  phones: readonly Phone[],
  words: Words,
  now: Date,
): Pick<View, "phones" | "chip" | "advice" | "note"> {
  const none = outcome("no_phone", words);
  if (phones.length === 0 && none) return { phones: [], ...problem(none, words) };
  const rows = phones.map((phone) => phoneRow(phone, words, now));
  if (phones.some((phone) => phone.connected)) return { chip: { tone: "ok", text: words.say("ready") }, phones: rows };
  return { chip: { tone: "wait", text: words.say("notConnected") }, phones: rows, advice: words.say("openOnPhone") };
}

function phoneRow(phone: Phone, words: Words, now: Date): PhoneRow {
  if (phone.connected) {
    const chip: Chip = { tone: "ok", text: words.say("connected") };
    return { name: phone.name, line: words.say("onThisNetwork"), chip };
  }
  const chip: Chip = { tone: "wait", text: words.say("notConnected") };
  const seen = timeOf(phone.lastSeen);
  const line = seen ? words.say("lastSeen", short(seen, now, words)) : words.say("neverSeen");
  return { name: phone.name, line, chip };
}

/** A pause for every website is what the person should see first: nothing else matters meanwhile. */
function pausesView({ pauses }: Status, words: Words): Partial<View> {
  if (!pauses) return {};
  const everywhere = useOf(
    pauses.find((pause) => !pause.origin),
    words,
  );
  const rows = pauses.filter((pause) => pause.origin).map((pause) => pauseRow(pause, words));
  if (everywhere.on) return { everywhere, pauses: rows };
  return { everywhere, pauses: rows, chip: { tone: "wait", text: words.say("paused") } };
}

function pauseRow(pause: Pause, words: Words): PauseRow {
  const origin = pause.origin ?? "";
  const name = URL.canParse(origin) ? new URL(origin).host : origin;
  return { origin, name, line: useOf(pause, words).line ?? words.say("pausedOpen") };
}

function problem(note: Note, words: Words): { chip: Chip; note: Note } {
  return { chip: { tone: "warn", text: words.say("problem") }, note };
}

function brokenPart({ keyring, link }: Status): string | undefined {
  return [keyring, link].find((part) => part.state === "problem" && part.code)?.code;
}
