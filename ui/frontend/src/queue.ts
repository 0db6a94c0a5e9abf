import type { Request } from "./types";

/**
 * Queue is what the prompt knows of the daemon's requests: which one is on the screen, and how many wait behind it.
 * Requests of action "pair" belong to the pairing window.
 */
export class Queue {
  private requests = new Map<string, Request>();
  private ended: Request | undefined;

  /** put takes a request in its newest state. */
  put(r: Request): void {
    if (r.action === "pair") return;
    if (r.state !== "ended") {
      this.requests.set(r.id, r);
      return;
    }
    // A queued request that ends was never on this screen; its end would replace the one that is.
    const shown = this.current()?.id === r.id || !this.current();
    this.requests.delete(r.id);
    if (shown) this.ended = r;
  }

  /** current is the request on the screen: the one that asks, or else the last one that ended. */
  current(): Request | undefined {
    for (const r of this.requests.values()) if (r.state !== "queued") return r;
    return this.ended;
  }

  /** waiting is how many requests stand behind the current one. */
  waiting(): number {
    return [...this.requests.values()].filter((r) => r.state === "queued").length;
  }
}
