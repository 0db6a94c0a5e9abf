import { anyNetwork, clockOff, localNetworkDenied, mobileData } from "../device";
import { near } from "../link/near";
import type { Place } from "../link/sdp";
import { maxClockDifference } from "../link/ufrag";

/**
 * Why a desktop stays silent, as far as a page can tell: the browser keeps the site from the local network, the phone is
 * in no network or in that of its provider, its clock is wrong, or the desktop is near and nothing reaches it. Mostly it
 * can't tell, and the screen names all causes.
 */
export type Cause = "" | "denied" | "offline" | "mobile" | "clock" | "near";

const inexact = 5000; // milliseconds: a host tells whole seconds, and the way takes some

/** Milliseconds after which it is asked once more: what the browser remembers of names, for ten seconds, is forgotten. */
const askAgainAfter = 11_000;

/** Finds out. It takes some seconds where there is nothing to find. */
export async function findCause(place: Place): Promise<Cause> {
  if (await localNetworkDenied()) return "denied";
  if (!anyNetwork()) return "offline";
  if (mobileData()) return "mobile";
  const [off, here] = await Promise.all([clockOff(), near(place)]);
  if (off > maxClockDifference - inexact) return "clock";
  return here ? "near" : "";
}

/** A desktop that may be silent. */
export interface Silent {
  id: string;
  away: boolean;
  place: Place;
}

/** The causes for each desktop that is away. */
export class Causes {
  /** Called after every change. */
  onchange: () => void = () => {};
  private readonly found = new Map<string, { cause: Cause; question: number }>();
  /** Numbers the questions, so that an answer to an older one is not taken. */
  private questions = 0;

  constructor(private readonly find: (place: Place) => Promise<Cause> = findCause) {}

  /** Why a desktop is silent; empty where that is not known, or not yet. */
  of(id: string): Cause {
    return this.found.get(id)?.cause ?? "";
  }

  /** Asks once for each desktop that has gone away, and forgets what was found of the others. */
  follow(desktops: Silent[]): void {
    const silent = desktops.filter(({ away }) => away);
    for (const id of this.found.keys()) if (!silent.some((d) => d.id === id)) this.found.delete(id);
    for (const { id, place } of silent) if (!this.found.has(id)) void this.ask(id, place);
  }

  /** Asks anew: the person says that something may have changed. */
  again(desktops: Silent[]): void {
    for (const { id, away, place } of desktops) if (away) void this.ask(id, place);
  }

  private async ask(id: string, place: Place): Promise<void> {
    const question = ++this.questions;
    this.found.set(id, { cause: this.of(id), question });
    await this.answer(id, question, place);
    await new Promise((resolve) => setTimeout(resolve, askAgainAfter));
    await this.answer(id, question, place);
  }

  private async answer(id: string, question: number, place: Place): Promise<void> {
    const open = () => this.found.get(id)?.question === question;
    if (!open()) return;
    const cause = await this.find(place);
    if (!open()) return;
    this.found.set(id, { cause, question });
    this.onchange();
  }
}
