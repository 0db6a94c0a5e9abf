import { encode } from "./codec";
import type { Channel, Dial } from "./connection";
import type { FromDesktop, FromPhone } from "./message";
import type { Place } from "./sdp";

/** The desktop's end of a connection, for tests. */
export class FakeChannel implements Channel {
  readonly ufrag = "tk1/fake";
  onmessage: (m: FromDesktop) => void = () => {};
  onclose: () => void = () => {};
  onshaky: () => void = () => {};
  /** What the phone said, oldest first. */
  readonly heard: FromPhone[] = [];
  open = true;

  send(m: FromPhone): void {
    encode(m); // fails where the protocol does not allow it
    if (this.open) this.heard.push(m);
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.onclose();
  }

  /** The types of what the phone said. */
  get types(): string[] {
    return this.heard.map((m) => m.type);
  }
}

/** A network with one desktop on it, for tests. */
export class FakeNetwork {
  /** Every connection that was opened, oldest first. */
  readonly channels: FakeChannel[] = [];
  tries = 0;
  /** Whether the desktop answers. */
  up = true;
  /** Milliseconds from its first answer to the open connection. */
  handshake = 0;
  /** Where it was looked for, oldest first. */
  readonly places: Place[] = [];

  readonly dial: Dial = (place, _secret, signal, onreached) => {
    this.tries++;
    this.places.push(place);
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
      if (!this.up) return;
      const open = () => {
        const channel = new FakeChannel();
        this.channels.push(channel);
        resolve(channel);
      };
      onreached();
      if (this.handshake > 0) setTimeout(open, this.handshake);
      else open();
    });
  };

  /** The newest connection. */
  get last(): FakeChannel {
    const channel = this.channels.at(-1);
    if (!channel) throw new Error("nobody connected");
    return channel;
  }
}
