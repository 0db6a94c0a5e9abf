import type { Channel, Dial } from "../link/connection";
import type { FromDesktop, FromPhone } from "../link/message";
import { Heartbeat } from "./heartbeat";
import type { Peer } from "./peer";

/** How a desktop is reached now. Away says that it did not answer within three seconds; tries go on. */
export type Reach = "connecting" | "connected" | "away" | "refused";

/** What a session tells. */
export interface Listener {
  reach(reach: Reach): void;
  /** Every message but those that keep the connection. After "refused" the session has stopped. */
  message(m: FromDesktop): void;
}

const awayAfter = 3000; // without opening
const giveUpAfter = 6000; // of one try that nobody answers: the mDNS name may take long
/** What opening may take once the desktop has answered: five round trips, each more than a second on a bad link. */
const handshakeWithin = 15_000;
const pauses = [1000, 2000, 5000, 10_000];
const lossPause = 200; // after a connection that lived: it is the same desktop at another address, mostly
const lived = 5000;
const busyPause = 200; // a desktop waits less than a second for a phone that shows a request

/** The connection to one desktop, made anew whenever it ends, until stop. */
export class Session {
  /** The open connection, once the desktop was greeted: it takes no other message first. */
  private channel: Channel | undefined;
  private heartbeat: Heartbeat | undefined;
  private running = new AbortController();
  private wake: () => void = () => {};
  private welcomed: () => void = () => {};
  private tries = 0;
  /** The last try had no answer. */
  private silent = false;
  private isBusy = false;
  private welcomedAt = 0;
  private awayTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    /** Replaced when the desktop says that it moved. */
    public peer: Peer,
    private readonly dial: Dial,
    private readonly listener: Listener,
  ) {}

  /** Connects and stays connected. */
  start(): void {
    this.stop();
    this.running = new AbortController();
    void this.run(this.running.signal);
  }

  /** Closes the connection; start begins again. */
  stop(): void {
    this.running.abort();
    clearTimeout(this.awayTimer);
    this.awayTimer = undefined;
    this.wake();
  }

  /** Tries now instead of after the pause; an open connection must show within two seconds that it is one. */
  hurry(): void {
    this.tries = 0;
    this.wake();
    this.heartbeat?.probe();
  }

  /** Connects anew at once: the network is another one. */
  renew(): void {
    this.channel?.close();
    this.hurry();
  }

  /** While a request waits, a loss must be known fast. */
  set busy(busy: boolean) {
    this.isBusy = busy;
    if (this.heartbeat) this.heartbeat.busy = busy;
  }

  send(m: FromPhone): void {
    this.channel?.send(m);
  }

  private async run(signal: AbortSignal): Promise<void> {
    this.tries = 0;
    this.silent = false;
    while (!signal.aborted) {
      this.connecting();
      await this.once(signal).catch(() => {});
      if (signal.aborted) return;
      await this.sleep(this.pause());
    }
  }

  private pause(): number {
    const lost = this.welcomedAt > 0 && Date.now() - this.welcomedAt > lived;
    this.welcomedAt = 0;
    if (this.isBusy) return busyPause;
    if (lost) return lossPause;
    return pauses[Math.min(this.tries++, pauses.length - 1)] as number;
  }

  /** Says "connecting" until it takes too long; later tries leave "away" as it is. */
  private connecting(): void {
    if (this.awayTimer !== undefined) return;
    this.listener.reach("connecting");
    this.awayTimer = setTimeout(() => this.listener.reach("away"), awayAfter);
  }

  /** The desktop is there; what takes long is the way to it. */
  private waitLonger(): void {
    if (this.awayTimer === undefined) return;
    clearTimeout(this.awayTimer);
    this.awayTimer = setTimeout(() => this.listener.reach("away"), handshakeWithin);
  }

  /** One connection from its opening to its end. */
  private async once(signal: AbortSignal): Promise<void> {
    const channel = await this.open(signal);
    const closed = new Promise<void>((resolve) => {
      channel.onclose = resolve;
    });
    channel.onmessage = (m) => this.received(m);
    channel.onshaky = () => this.heartbeat?.probe();
    const close = () => channel.close();
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    await this.talk(channel, closed).finally(() => signal.removeEventListener("abort", close));
  }

  /** Greets, and keeps the connection until it ends. */
  private async talk(channel: Channel, closed: Promise<void>): Promise<void> {
    channel.send(await this.peer.greeting(channel.ufrag));
    this.channel = channel;
    const heartbeat = new Heartbeat(channel, () => channel.close());
    this.heartbeat = heartbeat;
    this.welcomed = () => {
      this.welcomed = () => {};
      heartbeat.answered();
    };
    heartbeat.busy = this.isBusy;
    await closed;
    heartbeat.stop();
    this.channel = undefined;
  }

  private async open(signal: AbortSignal): Promise<Channel> {
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    let timer = setTimeout(abort, giveUpAfter);
    const reached = () => {
      clearTimeout(timer);
      timer = setTimeout(abort, handshakeWithin);
      this.silent = false;
      this.waitLonger();
    };
    signal.addEventListener("abort", abort, { once: true });
    const place = { ...this.peer.place, silent: this.silent };
    this.silent = true;
    try {
      return await this.dial(place, this.peer.secret, attempt.signal, reached);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  private received(m: FromDesktop): void {
    this.heartbeat?.heard(m);
    if (m.type === "ping") return this.send({ type: "pong", n: m.n });
    if (m.type === "pong") return;
    if (m.type === "refused") {
      this.stop();
      this.listener.reach("refused");
    } else {
      this.connected();
    }
    this.listener.message(m);
  }

  /** The desktop's first message says that it took the phone. */
  private connected(): void {
    this.welcomed();
    this.welcomedAt ||= Date.now();
    if (this.awayTimer === undefined) return;
    clearTimeout(this.awayTimer);
    this.awayTimer = undefined;
    this.tries = 0;
    this.listener.reach("connected");
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
