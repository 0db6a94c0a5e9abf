import type { Request } from "./types";

/**
 * Queue is what the prompt knows of the daemon's requests: which one is on the screen, and how many wait behind it.
 * A pairing is here for its number alone, and behind every sign-in: its code and its end are where the person began it.
 */
export class Queue {
  private requests = new Map<string, Request>();
  private ended: Request | undefined;

  /** put takes a request in its newest state. */
  put(r: Request): void {
    if (r.action === "pair" && !this.numbered(r)) return;
    if (r.state !== "ended") {
      this.requests.set(r.id, r);
      return;
    }
    // A queued request that ends was never on this screen; its end would replace the one that is.
    const shown = this.current()?.id === r.id || !this.current();
    this.requests.delete(r.id);
    if (shown) this.ended = r;
  }

  /** numbered says whether the pairing has a number, or had one on this screen. */
  private numbered(r: Request): boolean {
    return r.state === "delivered" || r.state === "answering" || this.requests.has(r.id);
  }

  /** current is the request on the screen: the one that asks, or else the last one that ended. */
  current(): Request | undefined {
    const asking = [...this.requests.values()].filter((r) => r.state !== "queued");
    return asking.find((r) => r.action !== "pair") ?? asking[0] ?? this.ended;
  }

  /** waiting is how many requests stand behind the current one. */
  waiting(): number {
    return [...this.requests.values()].filter((r) => r.state === "queued").length;
  }
}
