import type { Bytes } from "../link/bytes";
import { encodeBase64url, random } from "../link/bytes";
import type { PinRecord } from "./pin";
import { counted, freeTries, mostTries, newPin, openPin, waiting } from "./pin";
import type { PinPlatform } from "./pinplatform";
import { assertionJSON, newPinKey, openPinKey, registrationJSON } from "./pinplatform";
import type { Verified, Verifier } from "./platform";
import { KeyGoneError } from "./registration";

/** Where the PIN and the platform credential that it stands for are kept. */
export interface PinStore {
  own<T>(id: string): Promise<T | undefined>;
  putOwn(id: string, value: object): Promise<void>;
  updateOwn<T extends object>(id: string, change: (old: T) => T | undefined): Promise<void>;
  removeOwn(id: string): Promise<void>;
}

/** What the person is asked for now. */
export interface PinQuestion {
  digits: boolean;
  /** The entry before was wrong. */
  wrong: boolean;
  /** Wrong entries that are left before the keys are erased. */
  left: number;
  /** Wrong entries that are left before there is a wait; 0 where each has one. */
  free: number;
  /** Seconds to wait before the next entry. */
  wait: number;
  /** An entry is being tried. */
  busy: boolean;
}

/** What waits for the right PIN. */
interface Waiting {
  resolve(secret: Bytes): void;
  reject(e: Error): void;
}

/** Has the person verified by the app PIN, and signs as the platform credential that the app made for it. */
export class PinVerifier implements Verifier {
  /** Undefined while nothing is asked. */
  question: PinQuestion | undefined;
  /** Called after every change of the question. */
  onchange: () => void = () => {};
  /** Called once when the last try was used up: everything under the PIN is to be erased. */
  onerased: () => Promise<void> = async () => {};
  private pending: Waiting | undefined;

  constructor(
    private readonly store: PinStore,
    private readonly origin: string,
    /** PBKDF2 rounds of a new PIN; a test has less time. */
    private readonly rounds?: number,
  ) {}

  async ready(): Promise<boolean> {
    return (await this.record()) !== undefined;
  }

  /** Keeps a new PIN, the first one. */
  async set(pin: string): Promise<void> {
    if (await this.ready()) throw new Error("there is a PIN already");
    await this.store.putOwn("pin", (await newPin(pin, this.rounds)).record);
  }

  /** Asks for the PIN, to change it; what it opens. */
  open(signal: AbortSignal): Promise<Bytes> {
    return this.ask(signal);
  }

  /** Keeps another PIN for the same secret, unless the keys were erased meanwhile. */
  async replace(secret: Bytes, pin: string): Promise<void> {
    const { record } = await newPin(pin, this.rounds, secret);
    await this.store.updateOwn<PinRecord>("pin", (old) => ({ ...old, ...record }));
  }

  async create(challenge: Bytes, _phone: string, _ms: number, signal: AbortSignal): Promise<Verified> {
    const secret = await this.ask(signal);
    const id = random(16);
    const made = await newPinKey(secret, id);
    await this.store.putOwn(keyName(id), made);
    const json = await registrationJSON(made, this.origin, challenge);
    return { id, json, protection: "pin", secret, publicKey: made.publicKey };
  }

  async get(challenge: Bytes, id: Bytes, _ms: number, signal: AbortSignal): Promise<Verified> {
    const secret = await this.ask(signal);
    const made = await this.store.own<PinPlatform>(keyName(id));
    if (!made) throw new KeyGoneError("there is no such platform credential");
    const json = await assertionJSON(made, await openPinKey(made, secret), this.origin, challenge);
    return { id, json, protection: "pin", secret, publicKey: undefined };
  }

  /** The person's entry. The try is counted on the disk before it is made. */
  async enter(pin: string): Promise<void> {
    if (!this.question || this.question.busy || !this.pending) return;
    this.change({ busy: true });
    const now = Date.now();
    let taken: PinRecord | undefined;
    await this.store.updateOwn<PinRecord>("pin", (r) => {
      taken = waiting(r, now) === 0 ? counted(r, now) : undefined;
      return taken;
    });
    if (!taken) return this.describe(this.question.wrong);
    const secret = await openPin(taken, pin);
    if (secret) return this.right(secret);
    if (taken.failures >= mostTries) return this.erase();
    await this.describe(true);
  }

  private async right(secret: Bytes): Promise<void> {
    await this.store.updateOwn<PinRecord>("pin", (r) => ({ ...r, failures: 0, until: 0 }));
    this.end()?.resolve(secret);
  }

  private async erase(): Promise<void> {
    await this.store.removeOwn("pin");
    const pending = this.end();
    await this.onerased();
    pending?.reject(new KeyGoneError("too many wrong entries"));
  }

  private ask(signal: AbortSignal): Promise<Bytes> {
    return new Promise((resolve, reject) => {
      this.end()?.reject(new Error("asked anew"));
      this.pending = { resolve, reject };
      void this.describe(false);
      signal.addEventListener("abort", () => this.end()?.reject(new Error("aborted")), { once: true });
    });
  }

  private async describe(wrong: boolean): Promise<void> {
    const r = await this.record();
    if (!this.pending) return;
    if (!r) return this.end()?.reject(new KeyGoneError("there is no PIN"));
    const left = mostTries - r.failures;
    const free = Math.max(freeTries - r.failures, 0);
    this.question = { digits: r.digits, wrong, left, free, wait: waiting(r, Date.now()), busy: false };
    this.onchange();
  }

  private change(to: Partial<PinQuestion>): void {
    if (this.question) this.question = { ...this.question, ...to };
    this.onchange();
  }

  private end(): Waiting | undefined {
    const { pending } = this;
    this.pending = undefined;
    this.question = undefined;
    this.onchange();
    return pending;
  }

  private record(): Promise<PinRecord | undefined> {
    return this.store.own("pin");
  }
}

function keyName(id: Bytes): string {
  return `pin ${encodeBase64url(id)}`;
}
