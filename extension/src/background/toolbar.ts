/** The toolbar button: a badge and a tooltip that say what waits in a tab, or why nothing can. */
import type { Tabs } from "./tabs.ts";

/** What a badge says. A row of the locales explains each. */
export type Sign = "ready" | "pending" | "offer" | "paused" | "stopped";

/** How the browser shows a sign: for one tab, or, without a tab, for all that have none of their own. */
export type Show = (tab: number | undefined, sign: Sign | undefined, count: number) => void;

/** Whether prompts can be raised at all. */
export type Health = "ready" | "paused" | "stopped";

export class Toolbar {
  readonly #tabs: Tabs;
  readonly #show: Show;
  /** Tabs that have a sign of their own. */
  #signed = new Set<number>();
  #health: Health = "ready";

  constructor(tabs: Tabs, show: Show) {
    this.#tabs = tabs;
    this.#show = show;
  }

  /** Says how tallykey is, for all tabs in which nothing waits. */
  set health(health: Health) {
    if (health !== this.#health) this.#show(undefined, health, 0);
    this.#health = health;
  }

  /** Shows the tabs as they are. */
  update(): void {
    const busy = new Set(this.#tabs.busy());
    for (const tab of this.#signed) if (!busy.has(tab)) this.#show(tab, undefined, 0);
    for (const tab of busy) {
      const count = this.#tabs.registrations(tab).length;
      if (this.#tabs.pending(tab)) this.#show(tab, "pending", 0);
      else this.#show(tab, count > 0 ? "offer" : undefined, count);
    }
    this.#signed = busy;
  }
}
