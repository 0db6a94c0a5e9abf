// The bridge between what happens and what is shown: screens read its state and call its methods, and nothing else.
import { buzz, isTrial, mustInstall, phoneName, storageKept } from "./device";
import type { PinQuestion, PinVerifier } from "./keys/pinverifier";
import type { Verifier } from "./keys/platform";
import { platformVerifier } from "./keys/platform";
import type { Dial } from "./link/connection";
import { maxName } from "./link/limits";
import type { DeclineCode } from "./link/message";
import type { Offer } from "./link/offer";
import { OfferError, parseOffer } from "./link/offer";
import { printable } from "./link/text";
import { PinChange } from "./pinchange.svelte";
import type { Subscription } from "./push/push";
import type { Outcome } from "./request/inbox";
import { Inbox, unasked } from "./request/inbox";
import type { Cause } from "./session/cause";
import type { Silent } from "./session/causes";
import { Causes } from "./session/causes";
import { Desktops } from "./session/desktops";
import { Pairing } from "./session/pairing";
import type { Self } from "./session/peer";
import type { Reach } from "./session/session";
import { Database } from "./store/database";
import type { Activity, Registration } from "./store/records";
import { place, Records } from "./store/records";
import { Turn } from "./turn";
import type { DesktopView, RequestView, View } from "./view";
import { requestView } from "./view";

/** Among causes, the desktop of a pairing. */
const attempted = "pairing";

export class App {
  /** What keeps the app from working: "insecure", "framed", "browser", "storage", "elsewhere", or nothing. */
  problem = $state("");
  /** iOS outside the home screen: no keys are made here. */
  install = $state(false);
  ready = $state(false);
  view = $state.raw<View>({ name: "home" });
  request = $state.raw<RequestView | undefined>();
  outcome = $state.raw<Outcome | undefined>();
  pairing = $state.raw<{ name: string; reach: Reach; cause: Cause } | undefined>();
  desktops = $state.raw<DesktopView[]>([]);
  registrations = $state.raw<Registration[]>([]);
  /** How the last hundred requests ended, the newest first. */
  activity = $state.raw<Activity[]>([]);
  /** What desktops call this phone. */
  name = $state("");
  /** Whether the browser promised to keep what is stored here; undefined where it can't tell. */
  kept = $state<boolean | undefined>();
  /** The app PIN stands for the screen lock: the page came from an address. */
  trial = $state(false);
  /** What the app PIN is asked for with; undefined while it is not. */
  question = $state.raw<PinQuestion | undefined>();
  /** What desktops may wake this phone with; undefined while that is off. */
  push = $state.raw<Subscription | undefined>();
  /** The person gave this phone a name of their own. */
  named = $state(false);
  /** The pairing link that the page was opened with on a phone that must install first. */
  link = $state("");

  private readonly records = new Records(new Database());
  private readonly inbox = new Inbox();
  private readonly causes = new Causes();
  /** Where another window takes it, the desktop asks there for what waits for an answer here. */
  private readonly turn = new Turn(() => {
    this.close();
    this.problem = "elsewhere";
  });
  private sessions: Desktops | undefined;
  private attempt: Pairing | undefined;
  private self: Self | undefined;
  private pin: PinVerifier | undefined;
  private hidden = false;
  /** The browser put the page aside, and every connection was closed. */
  private closed = false;

  constructor(
    private readonly dial: Dial,
    private readonly version: string,
  ) {}

  /** Begins. The link is the pairing link that the page was opened with, or empty. */
  async open(link: string): Promise<void> {
    this.link = link;
    this.install = mustInstall();
    if (this.install) return;
    const own = await this.records.phoneName().catch(() => "");
    this.named = own !== "";
    this.name = own || (await phoneName());
    const verifier = await this.verifier();
    this.self = { name: this.name, app: `web/${this.version}`, origin: location.origin, verifier };
    this.sessions = new Desktops(this.records, this.inbox, this.dial, this.self);
    this.sessions.onchange = () => this.show();
    this.sessions.onremoved = () => void this.reload();
    this.inbox.onchange = () => this.show();
    this.causes.onchange = () => this.show();
    try {
      await this.reload();
      this.push = this.sessions.subscription = await this.records.own<Subscription>("push");
    } catch {
      this.problem = "storage";
      return;
    }
    this.ready = true;
    this.kept = await storageKept();
    this.turn.take();
    this.sessions.start();
    if (link) await this.pair(link);
    await this.checkPush();
  }

  /** What verifies the person here. */
  private async verifier(): Promise<Verifier> {
    this.trial = isTrial();
    if (!this.trial) return platformVerifier;
    const { PinVerifier } = await import("./keys/pinverifier");
    const pin = new PinVerifier(this.records, location.origin);
    pin.onchange = () => {
      this.question = pin.question;
    };
    pin.onerased = () => this.erased();
    this.pin = pin;
    return pin;
  }

  /** Keeps the app PIN, and goes on with what it was needed for. */
  async setPin(pin: string, offer: Offer | undefined): Promise<void> {
    await this.pin?.set(pin);
    if (offer) await this.pairWith(offer);
    else this.view = { name: "pair" };
  }

  /** Whether the app has a PIN. */
  async hasPin(): Promise<boolean> {
    return this.pin !== undefined && (await this.pin.ready());
  }

  /** Goes to where the app PIN is changed. */
  changePin(): void {
    if (this.pin) this.go({ name: "pinChange", change: new PinChange(this.pin) });
  }

  /** The person's entry while the PIN is asked for. */
  async enterPin(pin: string): Promise<void> {
    await this.pin?.enter(pin);
  }

  /** The tenth wrong PIN: what stood under it can't be had any more, and desktops are told. */
  private async erased(): Promise<void> {
    const item = this.inbox.current;
    await this.records.erasePinned();
    await this.sessions?.removePinned();
    this.endPairing();
    item?.prompt.decline("key_gone");
    this.inbox.show({ ...(this.inbox.outcome ?? unasked("", "")), code: "keys_erased" });
    await this.reload();
  }

  /** The person lets desktops wake this phone, or not any more. */
  async wake(subscription: Subscription | undefined): Promise<void> {
    if (subscription) await this.records.putOwn("push", subscription);
    else await this.records.removeOwn("push");
    this.push = subscription;
    if (!this.sessions) return;
    this.sessions.subscription = subscription;
    this.sessions.sharePush();
  }

  /** Subscriptions vanish. One that did is made anew, with a new key pair; where that fails, the switch is off. */
  private async checkPush(renew = false): Promise<void> {
    if (!this.push) return;
    const { holds, subscribe } = await import("./push/push");
    try {
      if (renew || !(await holds(this.push))) await this.wake(await subscribe());
    } catch {
      await this.wake(undefined);
    }
  }

  /** Pairs by a link, or says in the view why not. */
  async pair(link: string): Promise<void> {
    try {
      const offer = parseOffer(link.trim());
      const paired = this.desktops.some((d) => d.desktop.id === offer.desktop && !d.desktop.removed);
      if (paired) this.go({ name: "pair", offer });
      else await this.pairWith(offer);
    } catch (e) {
      if (!(e instanceof OfferError)) throw e;
      this.go({ name: "pair", bad: true });
    }
  }

  /** Pairs, also with a desktop that is paired already. */
  async pairWith(offer: Offer): Promise<void> {
    if (!this.self) return;
    this.endPairing();
    if (this.pin && !(await this.pin.ready())) return this.go({ name: "pin", offer });
    const attempt = new Pairing(offer, this.records, this.inbox, this.dial, this.self);
    this.attempt = attempt;
    attempt.onchange = () => this.show();
    this.show();
    try {
      await attempt.start();
    } catch {
      this.endPairing();
      this.problem = "storage";
    }
  }

  /** Ends a pairing that has not come to a request. */
  endPairing(): void {
    this.attempt?.stop();
    this.attempt = undefined;
    this.show();
  }

  /** The request can be seen. */
  shown(id: string): void {
    if (this.inbox.current?.prompt.request.id === id) this.inbox.current.prompt.show();
  }

  selectAccount(i: number): void {
    const prompt = this.inbox.current?.prompt;
    if (prompt?.state !== "asking") return;
    prompt.account = i;
    this.show();
  }

  /** The number was tapped or typed. Call it in the handler: the platform is asked at once. */
  choose(number: string): void {
    this.inbox.current?.prompt.choose(number);
  }

  /** Approves where there is no number. Call it in the handler: the platform is asked at once. */
  approve(): void {
    this.inbox.current?.prompt.approve();
  }

  /** Asks the platform once more. Call it in the handler. */
  again(): void {
    this.inbox.current?.prompt.again();
  }

  decline(code: DeclineCode): void {
    this.inbox.current?.prompt.decline(code);
  }

  /** The outcome was read. */
  dismiss(): void {
    this.endPairing();
    this.view = { name: "home" };
    this.inbox.dismiss();
  }

  async removeRegistration(credential: string): Promise<void> {
    await this.records.noteRemoval(credential);
    await this.records.removeRegistration(credential);
    this.sessions?.forget(credential);
    await this.reload();
  }

  async removeDesktop(id: string): Promise<void> {
    await this.sessions?.remove(id);
    await this.reload();
    await this.checkPush(true); // a desktop that is gone must not wake this phone
  }

  /** How many registrations would go with a desktop, because only it can use them. */
  async onlyOf(id: string): Promise<number> {
    const desktop = this.desktops.find((d) => d.desktop.id === id)?.desktop;
    return desktop ? (await this.records.onlyOf(desktop)).length : 0;
  }

  /** Gives this phone another name; desktops hear it at once or when they are met again. Whether it is a name. */
  async rename(name: string): Promise<boolean> {
    const trimmed = name.trim();
    if (!this.self || trimmed === "" || !printable(trimmed, maxName)) return false;
    await this.records.putPhoneName(trimmed);
    this.name = this.self.name = trimmed;
    this.named = true;
    this.sessions?.greetAnew();
    return true;
  }

  /** Asks the browser not to clear what is stored here. */
  async keepStorage(): Promise<void> {
    await navigator.storage?.persist?.().catch(() => false);
    this.kept = await storageKept();
  }

  /** Goes to another view; the phone's back key leads home again. */
  go(view: View): void {
    if (this.view.name === "home" && view.name !== "home") history.pushState(null, "");
    this.view = view;
  }

  /** Asks every desktop now. */
  check(): void {
    this.sessions?.hurry();
    this.attempt?.hurry();
    this.causes.again(this.silent());
  }

  /** The phone is in another network: what was open is not any more. */
  moved(): void {
    this.sessions?.renew();
    this.check();
  }

  /** The page can be seen again: what it held is old, so everything is opened anew. */
  visible(): void {
    if (!this.hidden) return;
    if (this.problem === "elsewhere") return location.reload(); // what is stored may be another's work by now
    this.hidden = false;
    this.records.reopen();
    if (this.closed) this.turn.take();
    if (this.closed || !this.inbox.current) this.sessions?.start();
    if (this.closed) this.attempt?.resume();
    this.closed = false;
    this.sessions?.hurry();
    this.attempt?.hurry();
  }

  /** The page can't be seen: it may be frozen at any time. A request that is being answered is ended first. */
  hide(): void {
    this.hidden = true;
    if (!this.inbox.current) this.sessions?.stop();
  }

  /** The page goes away. */
  close(): void {
    this.hidden = this.closed = true;
    this.sessions?.stop();
    this.attempt?.stop();
    this.turn.end();
  }

  private async reload(): Promise<void> {
    this.registrations = await this.records.registrations();
    this.activity = await this.records.activity();
    await this.sessions?.load();
  }

  /** Brings the state up to date with what happened. */
  private show(): void {
    const ended = this.inbox.outcome !== this.outcome && this.inbox.outcome;
    this.request = requestView(this.inbox.current);
    this.outcome = this.inbox.outcome;
    this.causes.follow(this.silent());
    this.desktops = (this.sessions?.list ?? []).map(({ desktop, reach, code }) => {
      return { desktop, reach, code, cause: this.causes.of(desktop.id) };
    });
    this.pairing = this.attempt && {
      ...{ name: this.attempt.offer.name, reach: this.attempt.reach, cause: this.causes.of(attempted) },
    };
    this.sessions?.update();
    if (ended) void this.afterEnd(ended);
    this.noticeUsedLink();
  }

  /** A desktop that is there, but stays silent for its own link, does not know the link any more. */
  private noticeUsedLink(): void {
    const { attempt } = this;
    if (attempt?.reach !== "away" || this.outcome) return;
    const there = this.desktops.some((d) => d.desktop.id === attempt.offer.desktop && d.reach === "connected");
    if (there) attempt.expired();
  }

  private async afterEnd(end: Outcome): Promise<void> {
    const { code } = end;
    if (code === "approved" || code === "registered" || code === "paired") buzz();
    await this.note(end);
    if (code === "paired") {
      this.endPairing();
      void this.keepStorage(); // Firefox asks the person, who may leave that unanswered
    }
    if (code === "paired" || code === "registered" || code === "approved") await this.reload();
    if (code === "registered") this.sessions?.share();
    if (this.hidden && !this.inbox.current) this.sessions?.stop();
  }

  /** The log is a help; that it can't be kept is no reason to show anything else than the end. */
  private async note({ code, at, request, website, desktop, account }: Outcome): Promise<void> {
    const { action, browser } = request;
    const end = { at, action, code, site: website?.host ?? "", account, desktop, browser };
    await this.records.note(end).catch(() => {});
    this.activity = await this.records.activity().catch(() => this.activity);
  }

  /** The desktops that may be silent, the one of a pairing among them. */
  private silent(): Silent[] {
    const all = (this.sessions?.list ?? []).map(({ desktop, reach }) => {
      return { id: desktop.id, away: reach === "away", place: place(desktop) };
    });
    const { attempt } = this;
    return attempt?.reach === "away" ? [...all, { id: attempted, away: true, place: attempt.offer }] : all;
  }
}
