import { sign } from "../keys/device";
import type { Verified } from "../keys/platform";
import { challenge } from "../link/approval";
import type { Bytes } from "../link/bytes";
import type { Account, Answer, DeclineCode, Ended, FromPhone, NumberRight, Paired, Request } from "../link/message";
import { StorageError } from "../store/database";
import type { Ceremony } from "./ceremony";

/**
 * How far a request is on the phone:
 * asking: the person chooses a number; verifying: the platform asks for screen lock, fingerprint or face; again: that
 * did not work, and there is time for another try; sent: the answer is on its way; ended: see the code.
 */
export type PromptState = "asking" | "verifying" | "again" | "sent" | "ended";

/** How long the desktop's last word may take after the time is over, once the answer was sent, in milliseconds. */
const lastWord = 5000;

/** One request and the person's answer to it. */
export class Prompt {
  state: PromptState = "asking";
  /** Of state ended: a row of the code table. */
  code = "";
  /** The number that was tapped; the first one counts. */
  chosen = "";
  /** What the desktop was told in a decline; empty where it ended otherwise. */
  declined: DeclineCode | "" = "";
  /** Which of the ceremony's accounts. */
  account = 0;
  /** When the time is over, as Date.now() counts. */
  readonly deadline: number;
  /** Called after every change of state. */
  onchange: () => void = () => {};

  private shown = false;
  private numberRight = false;
  private verified: Verified | undefined;
  private answer: Answer | undefined;
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout>;

  private constructor(
    readonly request: Request,
    readonly ceremony: Ceremony,
    private readonly challenges: Map<string, Bytes>,
    /** Replaced when the desktop is connected anew. */
    public send: (m: FromPhone) => void,
  ) {
    this.deadline = Date.now() + request.secondsLeft * 1000;
    this.timer = setTimeout(() => this.expire(), request.secondsLeft * 1000);
  }

  /**
   * Makes a prompt. All challenges are computed now, for every account and number: in a tap there is no time to wait,
   * because Safari lets the platform be asked only before the first await.
   */
  static async prepare(r: Request, desktop: string, c: Ceremony, send: (m: FromPhone) => void): Promise<Prompt> {
    const challenges = new Map<string, Bytes>();
    for (const [i, account] of c.accounts.entries()) {
      const covered = await c.covers(account);
      const { id: request, action, origin, rpId } = r;
      for (const number of numbers(r)) {
        const approval = { request, action, desktop, origin, rpId, number, ...covered };
        challenges.set(`${i} ${number}`, await challenge(approval));
      }
    }
    return new Prompt(r, c, challenges, send);
  }

  /** Tells the desktop, which shows the number only then. Call it when the request can be seen. */
  show(): void {
    this.shown = true;
    if (this.state !== "ended") this.send({ type: "received", id: this.request.id });
  }

  /** The person's choice. Call it in the handler of the tap. */
  choose(number: string): void {
    if (this.state !== "asking" || number === "" || !this.challenges.has(`${this.account} ${number}`)) return;
    this.chosen = number;
    this.verify();
    this.sendNumber();
  }

  /** The person approves where no number is asked for. Call it in the handler of the tap. */
  approve(): void {
    if (this.state === "asking" && this.request.mode === "approve") this.verify();
  }

  /** Asks the platform once more. Call it in the handler of the tap. */
  again(): void {
    if (this.state === "again") this.verify();
  }

  /** Ends the request from the phone. */
  decline(code: DeclineCode): void {
    if (this.state === "ended") return;
    this.declined = code;
    this.send({ type: "decline", id: this.request.id, code });
    this.end({ type: "ended", id: this.request.id, code }, true);
  }

  /** Hears the desktop. */
  hear(m: NumberRight | Ended | Paired): void {
    if (this.state === "ended") return;
    // A desktop that was killed can't tell how it ended: the website may have the answer.
    if (m.type !== "numberRight") return this.end(m, m.type === "paired" || m.code !== "request_unknown");
    this.numberRight = true;
    this.finish();
  }

  /** The desktop is connected anew. Where the request waits it asks again, and else it says how that ended. */
  remind(): void {
    if (this.shown) this.show();
  }

  /** The desktop is connected anew and has asked again: it hears all that it may have missed. */
  resume(send: (m: FromPhone) => void): void {
    this.send = send;
    this.remind();
    if (this.chosen !== "") this.sendNumber();
    if (this.answer) this.send(this.answer);
  }

  /** The name of the account that was chosen, or stands alone. */
  get accountName(): string {
    return this.chosenAccount().name;
  }

  private sendNumber(): void {
    const credential = this.request.action === "get" ? this.chosenAccount().credential : "";
    this.send({ type: "number", id: this.request.id, number: this.chosen, credential });
  }

  private chosenAccount(): Account {
    return this.ceremony.accounts[this.account] as Account;
  }

  private challenge(): Bytes {
    return this.challenges.get(`${this.account} ${this.chosen}`) as Bytes;
  }

  private verify(): void {
    this.abort = new AbortController();
    const { signal } = this.abort;
    const ms = Math.max(this.deadline - Date.now(), 1000);
    this.ceremony.verify(this.challenge(), ms, signal).then(
      (v) => this.succeeded(v, signal),
      () => !signal.aborted && this.become("again"),
    );
    this.become("verifying");
  }

  private succeeded(v: Verified, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.verified = v;
    this.finish();
  }

  /**
   * Answers when both are there: the desktop's word that the number is right, and the platform's verification. Where
   * there is no number, the desktop has no word to say.
   */
  private finish(): void {
    const right = this.numberRight || this.request.mode === "approve";
    if (this.state !== "verifying" || !right || !this.verified) return;
    this.become("sent");
    this.makeAnswer(this.verified).then(
      (answer) => this.reply(answer),
      // Whatever keeps a key from being used or kept, the website can't be answered with it.
      (e) => this.decline(e instanceof StorageError ? "phone_storage_failed" : "key_gone"),
    );
  }

  private reply(answer: Answer): void {
    if (this.state !== "sent") return;
    this.answer = answer;
    this.send(answer);
  }

  private async makeAnswer(v: Verified): Promise<Answer> {
    const none = new Uint8Array();
    return {
      ...{ type: "answer", id: this.request.id, credential: "", verification: v.json, authenticatorData: none },
      ...{ signature: none, deviceKey: none, platformKey: none, keyProtection: "" },
      deviceSignature: await sign(this.ceremony.deviceKey, this.challenge()),
      ...(await this.ceremony.answer(this.chosenAccount(), v)),
    };
  }

  /** The desktop has the same clock; the phone does not wait for its word, for it may be gone. */
  private expire(): void {
    const ended = (code: string): Ended => ({ type: "ended", id: this.request.id, code });
    if (this.state !== "sent") return this.end(ended("timed_out"), true);
    this.timer = setTimeout(() => this.end(ended("phone_unreachable"), false), lastWord);
  }

  /** What was made must be kept before the screen says so; every other end is on the screen at once. */
  private end(m: Ended | Paired, sure: boolean): void {
    clearTimeout(this.timer);
    this.state = "ended";
    this.abort.abort();
    const code = m.type === "paired" ? "paired" : m.code;
    const settled = this.ceremony.settle(m, sure);
    if (code === "paired" || code === "registered") {
      settled.then(
        () => this.ended(code),
        () => this.ended("phone_storage_failed"),
      );
      return;
    }
    this.ended(code);
    settled.catch(() => {}); // a key that nobody will ask for may stay
  }

  private ended(code: string): void {
    this.code = code;
    this.onchange();
  }

  private become(state: PromptState): void {
    if (this.state === "ended") return;
    this.state = state;
    this.onchange();
  }
}

/** The numbers that can be chosen; the empty one where there is none to choose. */
function numbers(r: Request): string[] {
  if (r.mode === "approve") return [""];
  return r.mode === "choose" ? r.numbers : Array.from({ length: 100 }, (_, i) => String(i).padStart(2, "0"));
}
