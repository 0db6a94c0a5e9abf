import { KeyGoneError } from "../keys/registration";
import type { DeclineCode, Ended, FromPhone, NumberRight, Paired, Request } from "../link/message";
import type { Ceremony } from "./ceremony";
import { Prompt } from "./prompt";
import type { Website } from "./website";
import { WebsiteError, website } from "./website";

/** A desktop as requests need it. */
export interface Source {
  id: string;
  name: string;
  send(m: FromPhone): void;
  /** Makes what the request is about. Throws KeyGoneError. */
  ceremony(r: Request): Promise<Ceremony>;
}

/** A request on the screen, or waiting for it. */
export interface Item {
  source: Source;
  prompt: Prompt;
  /** Undefined for pairing. */
  website: Website | undefined;
}

/** How a request ended, for the screen. */
export interface Outcome {
  code: string;
  request: Request;
  website: Website | undefined;
  desktop: string;
  account: string;
  /** Milliseconds since 1970. */
  at: number;
}

const remembered = 32; // ended requests

/** The requests of all desktops: the oldest is on the screen, the others wait behind it. */
export class Inbox {
  /** The end that was not seen yet. */
  outcome: Outcome | undefined;
  /** Called after every change. */
  onchange: () => void = () => {};
  private items: Item[] = [];
  /** Requests that are over for this phone, with what the desktop was told: it may ask again when it did not hear. */
  private readonly over = new Map<string, DeclineCode | "">();
  private readonly preparing = new Set<string>();

  /** The request for the screen. */
  get current(): Item | undefined {
    return this.items[0];
  }

  /** Whether a desktop waits for an answer. */
  waits(source: string): boolean {
    return this.items.some((i) => i.source.id === source);
  }

  /** A desktop asks, or asks again on a new connection. */
  async arrive(source: Source, r: Request): Promise<void> {
    const known = this.items.find((i) => i.prompt.request.id === r.id);
    if (known) {
      known.source = source;
      return known.prompt.resume(source.send);
    }
    if (this.over.has(r.id)) return this.repeat(source, r.id);
    if (this.preparing.has(r.id)) return;
    this.preparing.add(r.id);
    await this.prepare(source, r).catch((e) => this.refuse(source, r, e));
    this.preparing.delete(r.id);
  }

  /** A desktop says how a request goes on. */
  hear(source: string, m: NumberRight | Ended | Paired): void {
    this.items.find((i) => i.source.id === source && i.prompt.request.id === m.id)?.prompt.hear(m);
  }

  /** The outcome was seen. */
  dismiss(): void {
    this.outcome = undefined;
    this.onchange();
  }

  /** Shows an end that no prompt came to. */
  show(outcome: Outcome): void {
    this.outcome = outcome;
    this.onchange();
  }

  private async prepare(source: Source, r: Request): Promise<void> {
    const site = r.action === "pair" ? undefined : website(r);
    const ceremony = await source.ceremony(r);
    const prompt = await Prompt.prepare(r, source.id, ceremony, source.send);
    const item = { source, prompt, website: site };
    prompt.onchange = () => this.changed(item);
    this.items.push(item);
    this.onchange();
  }

  private changed(item: Item): void {
    const { prompt, source } = item;
    if (prompt.state === "ended") {
      this.items = this.items.filter((i) => i !== item);
      this.remember(prompt.request.id, prompt.declined);
      this.outcome = this.ended(source, prompt.request, prompt.code, item.website, prompt.accountName);
    }
    this.onchange();
  }

  private ended(s: Source, request: Request, code: string, site: Website | undefined, account: string): Outcome {
    return { code, request, website: site, desktop: s.name, account, at: Date.now() };
  }

  /** The phone can't show a request as it is. It never said "received", so the desktop never showed a number for it. */
  private refuse(source: Source, r: Request, e: unknown): void {
    const code = e instanceof KeyGoneError ? "key_gone" : "declined";
    source.send({ type: "decline", id: r.id, code });
    this.remember(r.id, code);
    const shown = e instanceof WebsiteError ? "origin_mismatch" : "key_gone";
    const account = r.accounts[0]?.name ?? "";
    this.show(this.ended(source, r, shown, undefined, account));
  }

  private repeat(source: Source, id: string): void {
    const code = this.over.get(id);
    if (code) source.send({ type: "decline", id, code });
  }

  private remember(id: string, code: DeclineCode | ""): void {
    this.over.set(id, code);
    const oldest = this.over.keys().next().value;
    if (this.over.size > remembered && oldest !== undefined) this.over.delete(oldest);
  }
}
