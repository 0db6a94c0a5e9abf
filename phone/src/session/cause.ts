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
  private readonly found = new Map<string, Cause>();
  /** Grows when all is asked anew, so that an answer to an older question is not taken. */
  private round = 0;

  constructor(private readonly find: (place: Place) => Promise<Cause> = findCause) {}

  /** Why a desktop is silent; empty where that is not known, or not yet. */
  of(id: string): Cause {
    return this.found.get(id) ?? "";
  }

  /** Asks once for each desktop that has gone away, and forgets what was found of the others. */
  follow(desktops: Silent[]): void {
    const silent = desktops.filter(({ away }) => away);
    for (const id of this.found.keys()) if (!silent.some((d) => d.id === id)) this.found.delete(id);
    for (const { id, place } of silent) if (!this.found.has(id)) void this.ask(id, place);
  }

  /** Asks anew: the person says that something may have changed. */
  again(desktops: Silent[]): void {
    this.round++;
    for (const { id, away, place } of desktops) if (away) void this.ask(id, place);
  }

  private async ask(id: string, place: Place): Promise<void> {
    const { round } = this;
    this.found.set(id, this.of(id));
    const cause = await this.find(place);
    if (round !== this.round || !this.found.has(id)) return;
    this.found.set(id, cause);
    this.onchange();
  }
}
