import { newDeviceKey } from "../keys/device";
import type { Dial } from "../link/connection";
import { offerSeconds } from "../link/limits";
import type { FromDesktop, Request } from "../link/message";
import type { Offer } from "../link/offer";
import { harmless } from "../link/text";
import type { Inbox, Source } from "../request/inbox";
import { unasked } from "../request/inbox";
import { PairingCeremony } from "../request/pairing";
import type { Records } from "../store/records";
import type { Self } from "./peer";
import { offerPeer } from "./peer";
import type { Reach } from "./session";
import { Session } from "./session";

const busyPause = 2000; // milliseconds

/** One use of a pairing link. */
export class Pairing {
  reach: Reach = "connecting";
  /** Called after every change of reach. */
  onchange: () => void = () => {};
  private session: Session | undefined;
  private expiry: ReturnType<typeof setTimeout> | undefined;
  private isAsked = false;
  /** When the link is no longer good, as Date.now() counts. */
  private until = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly offer: Offer,
    private readonly records: Records,
    private readonly inbox: Inbox,
    private readonly dial: Dial,
    private readonly self: Self,
  ) {}

  /** Connects; the desktop then asks. Throws StorageError where this browser can't keep a key. */
  async start(): Promise<void> {
    const device = await newDeviceKey();
    await this.records.probe(device.private);
    const session = new Session(await offerPeer(this.offer, this.self), this.dial, {
      reach: (reach) => {
        this.reach = reach;
        this.onchange();
      },
      message: (m) => this.message(source, m),
    });
    const source: Source = {
      id: this.offer.desktop,
      name: harmless(this.offer.name),
      send: (m) => session.send(m),
      ceremony: () => PairingCeremony.prepare(this.offer, device, this.records, this.self),
    };
    this.session = session;
    this.until = Date.now() + offerSeconds * 1000;
    this.resume();
  }

  /** Goes on after stop: the browser had put the page aside. */
  resume(): void {
    clearTimeout(this.expiry);
    if (!this.isAsked) this.expiry = setTimeout(() => this.expired(), this.until - Date.now());
    this.session?.start();
  }

  /** Ends the session. */
  stop(): void {
    clearTimeout(this.expiry);
    clearTimeout(this.retry);
    this.session?.stop();
  }

  hurry(): void {
    this.session?.hurry();
  }

  private message(source: Source, m: FromDesktop): void {
    switch (m.type) {
      case "request":
        if (m.action === "pair") void this.asked(source, m);
        return;
      case "numberRight":
      case "ended":
      case "paired":
        return this.inbox.hear(source.id, m);
      case "refused":
        return m.code === "busy" ? this.later() : this.end(m.code);
    }
  }

  /** A connection that broke counts at the desktop for some seconds as another phone that pairs. */
  private later(): void {
    this.retry = setTimeout(() => this.session?.start(), busyPause);
  }

  private async asked(source: Source, r: Request): Promise<void> {
    clearTimeout(this.expiry);
    this.isAsked = true;
    if (this.session) this.session.busy = true;
    if (await this.self.verifier.ready()) return this.inbox.arrive(source, r);
    source.send({ type: "decline", id: r.id, code: "no_screen_lock" });
    this.end("no_screen_lock");
  }

  /** The desktop stays silent for a link that is no longer good; after its lifetime the phone knows. */
  expired(): void {
    this.end("pairing_expired");
  }

  private end(code: string): void {
    clearTimeout(this.expiry);
    this.inbox.show({ ...unasked(this.offer.desktop, harmless(this.offer.name)), code });
  }
}
