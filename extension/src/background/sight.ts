/** What the extension's own pages show and do. */
import type { OwnMessage, Sight } from "../messages.ts";
import { METHOD_PAIR, METHOD_PAUSE, METHOD_RESUME, METHOD_SITE, type Site } from "../protocol.ts";
import { ask } from "./ask.ts";
import { webOrigin } from "./caller.ts";
import type { Host } from "./host.ts";
import { reach } from "./reach.ts";
import type { Tabs } from "./tabs.ts";

/** The tab in front. */
export interface Front {
  id: number;
  url?: string | undefined;
}

export class Sights {
  readonly #host: Host;
  readonly #tabs: Tabs;
  readonly #front: () => Promise<Front | undefined>;

  /** front finds the tab in front of the window that was used last. */
  constructor(host: Host, tabs: Tabs, front: () => Promise<Front | undefined>) {
    this.#host = host;
    this.#tabs = tabs;
    this.#front = front;
  }

  /** Does what a page of the extension asks for, and answers once that is done. */
  async hear(message: OwnMessage): Promise<Sight | undefined> {
    switch (message.kind) {
      case "look":
        return this.#look(message.site);
      case "pause":
        await ask(this.#host, METHOD_PAUSE, { origin: message.origin });
        return undefined;
      case "resume":
        await ask(this.#host, METHOD_RESUME, { origin: message.origin ?? "" });
        return undefined;
      case "pair":
        // The answer holds the link's secret; it is for the window, and forgotten here.
        await ask(this.#host, METHOD_PAIR);
        return undefined;
      case "pick":
        this.#tabs.pick(message.tab, message.credential);
        return undefined;
      case "dismiss":
        this.#tabs.dismiss(message.tab);
        return undefined;
    }
  }

  async #look(site: boolean): Promise<Sight> {
    const [reached, front] = await Promise.all([reach(this.#host), site ? this.#front() : undefined]);
    if (!front) return { reach: reached, pending: false, offers: [] };
    const { id } = front;
    const sight = { reach: reached, tab: id, pending: this.#tabs.pending(id), offers: this.#tabs.registrations(id) };
    const origin = webOrigin(front.url);
    if (!origin) return sight;
    const answer = reached.kind === "running" ? await ask(this.#host, METHOD_SITE, { origin }) : undefined;
    return answer?.kind === "result" ? { ...sight, origin, site: answer.result as Site } : { ...sight, origin };
  }
}
