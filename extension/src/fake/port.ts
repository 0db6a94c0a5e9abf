/** Ports as the browser makes them: what one end sends, the other hears, and an end hears only the other's disconnect. */
import type { Port } from "../platform.ts";

type Listener<T> = (value: T) => void;

export class FakePort implements Port {
  readonly name: string;
  sender: chrome.runtime.MessageSender | undefined;
  /** What was sent from this end. */
  readonly sent: unknown[] = [];
  closed = false;
  #other: FakePort | undefined;
  readonly #message: Listener<unknown>[] = [];
  readonly #disconnect: Listener<Port>[] = [];

  constructor(name = "") {
    this.name = name;
  }

  /** Two ends of one connection. */
  static pair(name = "", sender?: chrome.runtime.MessageSender): [FakePort, FakePort] {
    const [near, far] = [new FakePort(name), new FakePort(name)];
    far.sender = sender;
    near.#other = far;
    far.#other = near;
    return [near, far];
  }

  readonly onMessage = { addListener: (listener: Listener<unknown>) => void this.#message.push(listener) };
  readonly onDisconnect = { addListener: (listener: Listener<Port>) => void this.#disconnect.push(listener) };

  postMessage(message: unknown): void {
    if (this.closed) throw new Error("Attempting to use a disconnected port object");
    this.sent.push(message);
    this.#other?.hear(structuredClone(message));
  }

  disconnect(): void {
    if (this.closed) return;
    this.closed = true;
    this.#other?.end();
  }

  /** Delivers a message to this end. */
  hear(message: unknown): void {
    for (const listener of this.#message) listener(message);
  }

  /** Ends the connection from the other side. */
  end(): void {
    if (this.closed) return;
    this.closed = true;
    for (const listener of this.#disconnect) listener(this);
  }
}
