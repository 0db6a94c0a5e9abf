import { KeyGoneError } from "../keys/registration";
import type { DeclineCode, Ended, FromPhone, NumberRight, Paired, Request } from "../link/message";
import { harmless } from "../link/text";
import { StorageError } from "../store/database";
import type { Ceremony } from "./ceremony";
import { Prompt } from "./prompt";
import { AlgorithmError } from "./registering";
import type { Website } from "./website";
import { WebsiteError, website } from "./website";

/** A desktop as requests need it. */
export interface Source {
  id: string;
  name: string;
  send(m: FromPhone): void;
  /** Makes what the request is about. Throws KeyGoneError, AlgorithmError or StorageError. */
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
  /** The desktop's id. */
  source: string;
  account: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** The end of something that came to no request: a pairing, or what happened on this phone alone. */
export function unasked(source: string, desktop: string): Omit<Outcome, "code"> {
  const request: Request = {
    ...{ type: "request", id: "", action: "pair", origin: "", domain: "", rpId: "", accounts: [], browser: "" },
    ...{ mode: "choose", numbers: [], secondsLeft: 0, clientDataJSON: new Uint8Array() },
  };
  return { request, website: undefined, source, desktop, account: "", at: Date.now() };
}

const remembered = 32; // ended requests
/** A desktop asks one thing at a time, and has three more waiting; one that asks for more is not a good one. */
const mostWaiting = 4;

/** The request wants an approval without a number, and the website would not learn of that. */
class ModeError extends Error {}

/** What a desktop is told of a request that could not be shown. */
const refusals = [
  [ModeError, "options_unsupported"],
  [KeyGoneError, "key_gone"],
  [StorageError, "phone_storage_failed"],
  [AlgorithmError, "options_unsupported"],
] as const;

/** The requests of all desktops: the oldest is on the screen, the others wait behind it. */
export class Inbox {
  /** The end that was not seen yet. */
  outcome: Outcome | undefined;
  /** Called after every change. */
  onchange: () => void = () => {};
  private items: Item[] = [];
  /** Requests that are over for this phone, with what the desktop was told: it may ask again when it did not hear. */
  private readonly over = new Map<string, DeclineCode | "">();
  /** Requests that are made ready for the screen, with the desktops that sent them. */
  private readonly preparing = new Map<string, string>();

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
    if (this.count(source.id) >= mostWaiting) return this.turnAway(source, r.id);
    this.preparing.set(r.id, source.id);
    await this.prepare(source, r).catch((e) => this.refuse(source, r, e));
    this.preparing.delete(r.id);
  }

  /** How many requests of a desktop are on the screen, behind it, or on the way to it. */
  private count(source: string): number {
    const coming = Array.from(this.preparing.values());
    return this.items.filter((i) => i.source.id === source).length + coming.filter((s) => s === source).length;
  }

  /** Declines without a word on the screen: a flood must not hide what the person is looking at. */
  private turnAway(source: Source, id: string): void {
    source.send({ type: "decline", id, code: "declined" });
    this.remember(id, "declined");
  }

  /** A desktop says how a request goes on. */
  hear(source: string, m: NumberRight | Ended | Paired): void {
    this.items.find((i) => i.source.id === source && i.prompt.request.id === m.id)?.prompt.hear(m);
  }

  /** A desktop is connected anew: how its requests ended may have been lost. */
  remind(source: string): void {
    for (const i of this.items) if (i.source.id === source) i.prompt.remind();
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
    if (r.mode === "approve" && !r.numberMatch) throw new ModeError("no number, and nobody would be told");
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
    const names = { desktop: harmless(s.name), account: harmless(account) };
    return { code, request, website: site, source: s.id, ...names, at: Date.now() };
  }

  /** The phone can't show a request as it is. It never said "received", so the desktop never showed a number for it. */
  private refuse(source: Source, r: Request, e: unknown): void {
    const code = refusals.find(([error]) => e instanceof error)?.[1] ?? "declined";
    source.send({ type: "decline", id: r.id, code });
    this.remember(r.id, code);
    const shown = e instanceof WebsiteError ? "origin_mismatch" : code === "declined" ? "key_gone" : code;
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
