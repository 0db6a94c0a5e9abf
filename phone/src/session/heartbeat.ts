import type { Channel } from "../link/connection";

/** Milliseconds between pings: while nothing is asked, after one that had no answer, and while a request waits. */
export const idleBeat = 5000;
const doubtBeat = 1000;
export const busyBeat = 500;
const mostMissed = 3;

/**
 * Finds out whether the desktop is there. The browser does not tell: against a desktop that was restarted an old
 * connection stays "connected" for ever, and against one at another address for a quarter of a minute.
 */
export class Heartbeat {
  private n = 0;
  private missed = 0;
  private interval = idleBeat;
  private urgent = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly channel: Channel,
    /** Called once when three pings had no answer. */
    private readonly dead: () => void,
  ) {
    this.schedule();
  }

  /** Beats faster while a request waits. */
  set busy(busy: boolean) {
    const interval = busy ? busyBeat : idleBeat;
    if (interval === this.interval) return;
    this.interval = interval;
    this.schedule();
  }

  /** Asks now, and keeps asking fast until the desktop was heard: something says that it may be gone. */
  probe(): void {
    if (this.urgent) return;
    this.urgent = true;
    this.missed = 0;
    clearTimeout(this.timer);
    this.beat();
  }

  /** The desktop was heard. */
  heard(): void {
    if (this.missed === 0 && !this.urgent) return;
    this.missed = 0;
    this.urgent = false;
    this.schedule();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.beat(), this.pause);
  }

  private get pause(): number {
    if (this.urgent) return busyBeat;
    return this.missed > 0 ? Math.min(doubtBeat, this.interval) : this.interval;
  }

  private beat(): void {
    if (this.missed === mostMissed) return this.dead();
    this.missed++;
    this.channel.send({ type: "ping", n: ++this.n });
    this.schedule();
  }
}
