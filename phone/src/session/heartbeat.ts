import type { Channel } from "../link/connection";
import type { FromDesktop } from "../link/message";

/** Milliseconds between pings: while nothing is asked, after one that had no answer, and while a request waits. */
export const idleBeat = 5000;
const doubtBeat = 1000;
/** See idleBeat: while a request waits. */
export const busyBeat = 500;
const mostMissed = 3;
/** Of a slow way each pause is this part, so that a slow desktop does not look like one that has gone. */
const roundTrips = 1.5;
const mostRoundTrip = 1000; // milliseconds

/**
 * Finds out whether the desktop is there. The browser does not tell: against a desktop that was restarted an old
 * connection stays "connected" for ever, and against one at another address for a quarter of a minute. Made when the
 * desktop was greeted.
 */
export class Heartbeat {
  private n = 0;
  private missed = 0;
  private interval = idleBeat;
  private urgent = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Of the newest ping, or of the greeting; as Date.now() counts. */
  private asked = Date.now();
  /** Milliseconds; the longest until it was measured. */
  private roundTrip = mostRoundTrip;

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

  /** The desktop answered the greeting or the newest ping: so long is the way. */
  answered(): void {
    this.roundTrip = Math.min(Math.max(Date.now() - this.asked, 0), mostRoundTrip);
  }

  /** The desktop was heard. */
  heard(m: FromDesktop): void {
    if (m.type === "pong" && m.n === this.n) this.answered();
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
    const doubt = this.missed > 0 ? Math.min(doubtBeat, this.interval) : this.interval;
    return Math.max(this.urgent ? busyBeat : doubt, roundTrips * this.roundTrip);
  }

  private beat(): void {
    if (this.missed === mostMissed) return this.dead();
    this.missed++;
    this.asked = Date.now();
    this.channel.send({ type: "ping", n: ++this.n });
    this.schedule();
  }
}
