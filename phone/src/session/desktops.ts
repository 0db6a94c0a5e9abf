import type { Dial } from "../link/connection";
import type { FromDesktop, FromPhone, PushSubscription, Request, Welcome } from "../link/message";
import { harmless } from "../link/text";
import type { Ceremony } from "../request/ceremony";
import type { Inbox, Source } from "../request/inbox";
import { RegisteringCeremony } from "../request/registering";
import { SigningCeremony } from "../request/signing";
import type { Desktop, Records } from "../store/records";
import { opens } from "../store/records";
import type { Self } from "./peer";
import { pairedPeer } from "./peer";
import { roster } from "./roster";
import type { Reach } from "./session";
import { Session } from "./session";

const patience = 90 * 86_400_000; // milliseconds to try to tell a desktop that it was removed

/** A paired desktop and the session with it. */
interface Entry {
  desktop: Desktop;
  session: Session;
  reach: Reach;
  /** It takes what the phone tells of its registrations. */
  syncs: boolean;
  /** Why it does not take this phone: a row of the code table, or empty. */
  code: string;
}

/** The sessions with all paired desktops. */
export class Desktops {
  /** Called after every change of a desktop or its reach. */
  onchange: () => void = () => {};
  /** Called when a desktop had registrations removed or was forgotten itself. */
  onremoved: () => void = () => {};
  /** What desktops may wake this phone with; undefined while that is off. */
  subscription: Omit<PushSubscription, "type"> | undefined;
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
    return this.entries.filter((e) => !e.desktop.leaving);
  }

  /** Reads the desktops anew; new ones get a session, forgotten ones lose theirs. */
  async load(): Promise<void> {
    const desktops = (await this.records.desktops()).filter((d) => !d.leaving || Date.now() - d.leaving < patience);
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

  /** Tries at once where a pause is on, and finds out fast whether the others are still there. */
  hurry(): void {
    for (const e of this.entries) e.session.hurry();
  }

  /** The phone's network is another one: whatever was open is not any more. */
  renew(): void {
    for (const e of this.entries) e.session.renew();
  }

  /** Beats faster for desktops that wait for an answer. */
  update(): void {
    for (const e of this.entries) e.session.busy = this.inbox.waits(e.desktop.id);
  }

  /** Removes a desktop. It is told now or when it is met again; one that would not understand is just forgotten. */
  async remove(id: string): Promise<void> {
    const e = this.entries.find((e) => e.desktop.id === id);
    // Keys that only this desktop could ask for go with it, as the person was told.
    const gone = e ? (await this.records.onlyOf(e.desktop)).map((r) => r.credential) : [];
    for (const credential of gone) await this.records.noteRemoval(credential);
    if (!e || e.desktop.removed || (e.reach === "connected" && !e.syncs)) await this.records.removeDesktop(id);
    else await this.records.leaveDesktop(id);
    if (e) e.desktop = { ...e.desktop, leaving: Date.now() };
    if (e?.syncs) {
      for (const credential of gone) e.session.send({ type: "forget", credential });
      e.session.send({ type: "goodbye" });
    }
    await this.load();
  }

  /** Removes every desktop whose keys stood under the app PIN: the PIN is gone. */
  async removePinned(): Promise<void> {
    for (const { desktop } of this.list) if (desktop.keyProtection === "pin") await this.remove(desktop.id);
  }

  /** Connects anew, so that desktops hear this phone's new name. Requests are not cut off: they are offered again. */
  greetAnew(): void {
    for (const e of this.entries) e.session.peer = pairedPeer(e.desktop, this.self);
    if (this.running) this.start();
  }

  /** The person removed a registration: desktops that are there hear it now, the others when they are met again. */
  forget(credential: string): void {
    for (const e of this.entries) if (e.syncs) e.session.send({ type: "forget", credential });
  }

  /** Tells every desktop that is there what the phone holds now. */
  share(): void {
    for (const e of this.entries) void this.tell(e);
  }

  /** Tells every desktop that is there how to wake this phone, or that it must not any more. */
  sharePush(): void {
    for (const e of this.entries) if (e.reach === "connected") this.tellPush(e);
  }

  private tellPush(e: Entry): void {
    const { desktop } = e;
    if (!desktop.wakes || desktop.leaving || !(this.subscription || desktop.pushed)) return;
    const none = { endpoint: "", p256dh: new Uint8Array(), auth: new Uint8Array(), vapid: new Uint8Array() };
    e.session.send({ type: "pushSubscription", ...(this.subscription ?? none) });
    this.change(e, { ...desktop, pushed: this.subscription !== undefined });
  }

  private async tell(e: Entry): Promise<void> {
    const all = await this.records.everything().catch(() => undefined);
    // Without a sound list nothing is told: the desktop would drop what is missing from it.
    if (!all || !e.syncs || e.desktop.leaving) return;
    for (const page of roster(e.desktop, all)) e.session.send(page);
  }

  private begin(e: Entry): void {
    if (this.running && !e.desktop.removed) e.session.start();
  }

  private entry(desktop: Desktop): Entry {
    const e: Entry = {
      desktop,
      syncs: false,
      reach: desktop.removed ? "refused" : "connecting",
      code: desktop.removed ? "phone_removed" : "",
      session: new Session(pairedPeer(desktop, this.self), this.dial, {
        reach: (reach) => {
          e.reach = reach;
          if (reach !== "connected") e.syncs = false;
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
        return this.welcomed(e, m);
      case "forget":
        return void this.forgotten(e, m.credential);
      case "refused":
        if (e.desktop.leaving) return void this.left(e);
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

  private welcomed(e: Entry, m: Welcome): void {
    e.syncs = m.sync === true;
    if (e.desktop.leaving) {
      if (e.syncs) void this.repeat(e).then(() => e.session.send({ type: "goodbye" }));
      else void this.left(e);
      return;
    }
    this.change(e, moved(e.desktop, m));
    this.inbox.remind(e.desktop.id);
    this.tellPush(e);
    void this.repeat(e).then(() => this.tell(e));
  }

  /**
   * Tells a desktop that has come what was removed meanwhile, before the list in which that is missing: then it still
   * has the token by which the website is told. There is no answer, so it is said at each contact.
   */
  private async repeat(e: Entry): Promise<void> {
    if (!e.syncs) return;
    const removed = await this.records.removals().catch(() => []);
    for (const credential of removed) e.session.send({ type: "forget", credential });
  }

  /** The desktop had a registration removed. It asks again until it hears the same word back. */
  private async forgotten(e: Entry, credential: string): Promise<void> {
    const r = await this.records.registration(credential).catch(() => undefined);
    if (e.desktop.leaving || (r && !opens(r, e.desktop))) return; // none of its own
    if (r) await this.records.noteRemoval(credential);
    await this.records.removeRegistration(credential);
    this.forget(credential);
    this.onremoved();
  }

  /** A desktop that the person removed has heard it. */
  private async left(e: Entry): Promise<void> {
    e.session.stop();
    await this.records.removeDesktop(e.desktop.id);
    this.onremoved();
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
          ? RegisteringCeremony.prepare(r, e.desktop, this.records, this.self.verifier)
          : SigningCeremony.prepare(r, e.desktop, this.records, this.self.verifier),
    };
  }
}

function moved(d: Desktop, { name, port, addresses, push, ends = 0 }: Welcome): Desktop {
  const wakes = push === true;
  return { ...d, name: harmless(name) || d.name, port, addresses, wakes, ends, seen: Date.now(), removed: false };
}
