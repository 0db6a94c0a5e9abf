import type { Dial } from "../link/connection";
import type { FromDesktop, FromPhone, Request, Welcome } from "../link/message";
import type { Ceremony } from "../request/ceremony";
import type { Inbox, Source } from "../request/inbox";
import { RegisteringCeremony } from "../request/registering";
import { SigningCeremony } from "../request/signing";
import type { Desktop, Records } from "../store/records";
import type { Self } from "./peer";
import { pairedPeer } from "./peer";
import type { Reach } from "./session";
import { Session } from "./session";

/** A paired desktop and the session with it. */
interface Entry {
  desktop: Desktop;
  session: Session;
  reach: Reach;
  /** Why it does not take this phone: a row of the code table, or empty. */
  code: string;
}

/** The sessions with all paired desktops. */
export class Desktops {
  /** Called after every change of a desktop or its reach. */
  onchange: () => void = () => {};
  private entries: Entry[] = [];
  private running = false;

  constructor(
    private readonly records: Records,
    private readonly inbox: Inbox,
    private readonly dial: Dial,
    private readonly self: Self,
  ) {}

  /** The desktops with how they are reached, the newest first. */
  get list(): readonly Readonly<Entry>[] {
    return this.entries;
  }

  /** Reads the desktops anew; new ones get a session, forgotten ones lose theirs. */
  async load(): Promise<void> {
    const desktops = await this.records.desktops();
    const before = this.entries;
    this.entries = desktops.map(
      (d) => before.find((e) => e.desktop.id === d.id && e.desktop.phone === d.phone) ?? this.entry(d),
    );
    for (const e of before) if (!this.entries.includes(e)) e.session.stop();
    for (const e of this.entries) if (!before.includes(e)) this.begin(e);
    this.onchange();
  }

  /** Connects to every desktop. */
  start(): void {
    this.running = true;
    for (const e of this.entries) this.begin(e);
  }

  /** Closes every connection. */
  stop(): void {
    this.running = false;
    for (const e of this.entries) e.session.stop();
  }

  /** Tries at once where a pause is on. */
  hurry(): void {
    for (const e of this.entries) e.session.hurry();
  }

  /** Beats faster for desktops that wait for an answer. */
  update(): void {
    for (const e of this.entries) e.session.busy = this.inbox.waits(e.desktop.id);
  }

  async remove(id: string): Promise<void> {
    await this.records.removeDesktop(id);
    await this.load();
  }

  private begin(e: Entry): void {
    if (this.running && !e.desktop.removed) e.session.start();
  }

  private entry(desktop: Desktop): Entry {
    const e: Entry = {
      desktop,
      reach: desktop.removed ? "refused" : "connecting",
      code: desktop.removed ? "phone_removed" : "",
      session: new Session(pairedPeer(desktop, this.self), this.dial, {
        reach: (reach) => {
          e.reach = reach;
          this.onchange();
        },
        message: (m) => this.message(e, m),
      }),
    };
    return e;
  }

  private message(e: Entry, m: FromDesktop): void {
    switch (m.type) {
      case "welcome":
        return this.change(e, moved(e.desktop, m));
      case "refused":
        e.code = m.code;
        return this.change(e, { ...e.desktop, removed: m.code === "phone_removed" });
      case "request":
        if (m.action !== "pair") void this.inbox.arrive(this.source(e), m);
        return;
      case "numberRight":
      case "ended":
        return this.inbox.hear(e.desktop.id, m);
    }
  }

  /** Losing the new address is no loss worth a screen: the next welcome brings it again. */
  private change(e: Entry, desktop: Desktop): void {
    e.desktop = desktop;
    e.session.peer = pairedPeer(desktop, this.self);
    this.records.updateDesktop(desktop).catch(() => {});
    this.onchange();
  }

  private source(e: Entry): Source {
    return {
      id: e.desktop.id,
      name: e.desktop.name,
      send: (m: FromPhone) => e.session.send(m),
      ceremony: (r: Request): Promise<Ceremony> =>
        r.action === "create"
          ? RegisteringCeremony.prepare(r, e.desktop, this.records)
          : SigningCeremony.prepare(r, e.desktop, this.records),
    };
  }
}

function moved(d: Desktop, { name, port, addresses }: Welcome): Desktop {
  return { ...d, name, port, addresses, seen: Date.now(), removed: false };
}
