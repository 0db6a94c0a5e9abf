/** What the popup shows for how far the way to the daemon reaches. No DOM here. */
import codes from "../../../daemon/api/codes.json" with { type: "json" };
import type { Reach } from "../messages.ts";
import type { Part, Phone, Status } from "../protocol.ts";

/** A state chip of the look. */
export interface Chip {
  tone: "ok" | "wait" | "warn";
  text: string;
}

/** What happened and what to do. */
export interface Note {
  title: string;
  what: string;
  remedy: string;
  /** Of the table of outcome codes. */
  code?: string;
}

export interface PhoneRow {
  name: string;
  line: string;
  chip: Chip;
}

/** The popup: phones, or a note in their place. */
export interface View {
  chip: Chip;
  phones: PhoneRow[];
  hint?: string;
  note?: Note;
}

/** The words of the person's language. */
export interface Words {
  language: string;
  say(key: string, ...values: string[]): string;
}

/** The view at the time now. */
export function viewOf(reach: Reach, words: Words, now: Date): View {
  if (reach.kind !== "running") return problem(unreached(reach.kind, words), words);
  const broken = brokenPart(reach.status);
  if (broken) return problem(outcome(broken, words), words);
  const phones = reach.status.phones ?? [];
  if (phones.length === 0) return problem(outcome("no_phone", words), words);
  return phoneView(phones, words, now);
}

function phoneView(phones: Phone[], words: Words, now: Date): View {
  const rows = phones.map((phone) => phoneRow(phone, words, now));
  const reachable = phones.some((phone) => phone.connected);
  if (reachable) return { chip: { tone: "ok", text: words.say("ready") }, phones: rows };
  return { chip: { tone: "wait", text: words.say("notConnected") }, phones: rows, hint: words.say("openOnPhone") };
}

function phoneRow(phone: Phone, words: Words, now: Date): PhoneRow {
  if (phone.connected) {
    const chip: Chip = { tone: "ok", text: words.say("connected") };
    return { name: phone.name, line: words.say("onThisNetwork"), chip };
  }
  const chip: Chip = { tone: "wait", text: words.say("notConnected") };
  return { name: phone.name, line: lastSeen(phone, words, now), chip };
}

function lastSeen(phone: Phone, words: Words, now: Date): string {
  const seen = new Date(phone.lastSeen ?? Number.NaN);
  return Number.isNaN(seen.getTime()) ? words.say("neverSeen") : words.say("lastSeen", short(seen, now, words));
}

/** Times are short: 14:02, yesterday, 3 Nov. */
function short(time: Date, now: Date, { language, say }: Words): string {
  const days = Math.round((midnight(now) - midnight(time)) / 86_400_000);
  if (days === 0) return time.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return days === 1 ? say("yesterday") : time.toLocaleDateString(language, { day: "numeric", month: "short" });
}

const midnight = (time: Date): number => new Date(time).setHours(0, 0, 0, 0);

function problem(note: Note, words: Words): View {
  return { chip: { tone: "warn", text: words.say("problem") }, phones: [], note };
}

function brokenPart({ keyring, link }: Status): string | undefined {
  return [keyring, link].find((part: Part) => part.state === "problem" && part.code)?.code;
}

function unreached(kind: string, { say }: Words): Note {
  return { title: say(`${kind}Title`), what: say(`${kind}What`), remedy: say(`${kind}Remedy`) };
}

function outcome(code: string, { language, say }: Words): Note {
  const row = codes.find((candidate) => candidate.code === code);
  if (!row) return { ...unreached("silent", { language, say }), code };
  return { ...(language.startsWith("de") ? row.de : row.en), code };
}
