/** The far side of the native messaging port, for tests: it starts on demand, keeps what it was told, and can die. */
import type { Connection } from "../background/host.ts";
import { FakePort } from "./port.ts";

export interface FakeMessage {
  id?: number;
  method: string;
  params?: { [name: string]: unknown };
}

export class FakeNative {
  /** How often the browser started it. */
  starts = 0;
  /** All that the extension said. */
  readonly heard: FakeMessage[] = [];
  /** Why it is not there; empty if it is. */
  missing = "";
  /** What else happens when it is told something. */
  hears: (message: FakeMessage) => void = () => {};
  #far: FakePort | undefined;
  #near: FakePort | undefined;
  #reason = "";

  /** What the background calls. */
  readonly connect = (): Connection => {
    this.starts++;
    const [near, far] = FakePort.pair();
    far.onMessage.addListener((message) => {
      this.heard.push(message as FakeMessage);
      this.hears(message as FakeMessage);
    });
    far.onDisconnect.addListener(() => {
      this.#far = undefined;
    });
    this.#far = far;
    this.#near = near;
    if (this.missing) queueMicrotask(() => this.die(this.missing));
    return { port: near, reason: () => this.#reason };
  };

  get running(): boolean {
    return this.#far !== undefined;
  }

  /** The last call. */
  get last(): FakeMessage {
    const last = this.heard.at(-1);
    if (!last) throw new Error("nothing was said");
    return last;
  }

  say(message: object): void {
    this.#far?.postMessage({ jsonrpc: "2.0", ...message });
  }

  /** Says that the last call became a prompt. */
  take(): void {
    this.say({ method: "webauthn.taken", params: { token: this.last.params?.["token"], request: "r1" } });
  }

  /** Ends, and the browser has not said so yet: what is sent to it throws. */
  sever(): void {
    if (this.#near) this.#near.closed = true;
  }

  /** Ends as a host does that finds no daemon. */
  leave(): void {
    this.say({ method: "host.not_running" });
    this.die();
  }

  /** Ends as a killed host does. */
  die(reason = "Native host has exited."): void {
    this.#reason = reason;
    const far = this.#far; // the extension may start another one at once
    this.#far = undefined;
    far?.disconnect();
  }
}
