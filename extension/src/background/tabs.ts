/** What waits in which tab: requests that a person is asked for, and registrations that could be used. */
import type { Registration } from "../protocol.ts";

/** A registration offered to one conditional request. */
export interface Offered {
  tab: number;
  /** Of the frame that asks. */
  origin: string;
  registrations: Registration[];
  /** The person picked the registration with this credential ID. */
  pick(credential: string): void;
}

export class Tabs {
  readonly #changed: () => void;
  /** Tabs of the pending requests, by a token of each. */
  readonly #pending = new Map<string, number>();
  readonly #dismissed = new Set<string>();
  readonly #offered = new Set<Offered>();

  /** changed runs after every change. */
  constructor(changed: () => void = () => {}) {
    this.#changed = changed;
  }

  /** A person is asked, until the returned function is called. */
  ask(token: string, tab: number): () => void {
    this.#pending.set(token, tab);
    this.#changed();
    return () => {
      this.#dismissed.delete(token);
      if (this.#pending.delete(token)) this.#changed();
    };
  }

  /** Registrations are offered, until the returned function is called. */
  offer(offered: Offered): () => void {
    this.#offered.add(offered);
    this.#changed();
    return () => {
      if (this.#offered.delete(offered)) this.#changed();
    };
  }

  /** Takes the hints about the requests that are pending in the tab away. */
  dismiss(tab: number): void {
    for (const [token, where] of this.#pending) if (where === tab) this.#dismissed.add(token);
    this.#changed();
  }

  /** Whether a person is asked for the tab, and the hint about it was not taken away. */
  pending(tab: number): boolean {
    return [...this.#pending].some(([token, where]) => where === tab && !this.#dismissed.has(token));
  }

  /** What is offered, everywhere or to one tab. */
  offers(tab?: number): Offered[] {
    return [...this.#offered].filter((offered) => tab === undefined || offered.tab === tab);
  }

  /** The registrations offered to a tab, each once. */
  registrations(tab: number): Registration[] {
    const all = this.offers(tab).flatMap(({ registrations }) => registrations);
    return [...new Map(all.map((registration) => [registration.id, registration])).values()];
  }

  /** The person picked one that is offered to the tab. Nothing happens where it is not. */
  pick(tab: number, credential: string): void {
    const has = ({ registrations }: Offered) => registrations.some(({ id }) => id === credential);
    this.offers(tab).find(has)?.pick(credential);
  }

  /** Tabs in which something waits. */
  busy(): number[] {
    return [...new Set([...this.#pending.values(), ...this.offers().map(({ tab }) => tab)])];
  }
}
