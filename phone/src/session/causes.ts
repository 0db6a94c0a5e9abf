import type { Place } from "../link/sdp";
import type { Cause } from "./cause";

/** Milliseconds after which it is asked once more: what the browser remembers of names, for ten seconds, is forgotten. */
const askAgainAfter = 11_000;

/** A desktop that may be silent. */
export interface Silent {
  id: string;
  away: boolean;
  place: Place;
}

/** What finds out comes when it is needed; where it can't, nothing is known. */
async function ask(place: Place): Promise<Cause> {
  const { findCause } = await import("./cause");
  return findCause(place);
}

/** The causes for each desktop that is away. */
export class Causes {
  /** Called after every change. */
  onchange: () => void = () => {};
  private readonly found = new Map<string, { cause: Cause; question: number }>();
  /** Numbers the questions, so that an answer to an older one is not taken. */
  private questions = 0;

  constructor(private readonly find: (place: Place) => Promise<Cause> = ask) {}

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
    const cause = await this.find(place).catch((): Cause => "");
    if (!open()) return;
    this.found.set(id, { cause, question });
    this.onchange();
  }
}
