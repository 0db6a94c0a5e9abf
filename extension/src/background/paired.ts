/** Whether a phone is paired: what pages ask before they offer a passkey at all. */
import type { Reach } from "../messages.ts";

/** How long an answer holds, in milliseconds: pages ask several times as they load. */
export const HOLDS = 5000;

export class Paired {
  readonly #reach: () => Promise<Reach>;
  readonly #now: () => number;
  #asked = Number.NEGATIVE_INFINITY;
  #answer: Promise<boolean> = Promise.resolve(false);

  /** reach asks the daemon; now is a clock in milliseconds. */
  constructor(reach: () => Promise<Reach>, now: () => number = () => performance.now()) {
    this.#reach = reach;
    this.#now = now;
  }

  /** Asks the daemon, or says what it said a moment ago. A daemon that can't be reached has no phone. */
  ask(): Promise<boolean> {
    if (this.#now() - this.#asked < HOLDS) return this.#answer;
    this.#asked = this.#now();
    this.#answer = this.#reach().then((reach) => reach.kind === "running" && !!reach.status.phones?.length);
    return this.#answer;
  }
}
