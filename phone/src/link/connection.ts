import { random } from "./bytes";
import { decode, encode } from "./codec";
import type { FromDesktop, FromPhone, Message } from "./message";
import type { Place } from "./sdp";
import { answer, fingerprint } from "./sdp";
import type { Secret } from "./ufrag";
import { password, ufrag } from "./ufrag";

/** An open connection to a desktop. */
export interface Channel {
  /** The connection's user name fragment, which the phone signs in its hello. */
  readonly ufrag: string;
  /** Sends a message; nothing happens where the connection has ended. */
  send(m: FromPhone): void;
  /** Hears every message of the desktop. Set it before the first await: messages do not wait. */
  onmessage: (m: FromDesktop) => void;
  /** Hears once that the connection ended, by either side or because a message was malformed. */
  onclose: () => void;
  /** Hears that the browser has not heard the other side for some seconds; the connection may come back. */
  onshaky: () => void;
  close(): void;
}

/**
 * Opens connections; dial in production, a fake desktop in tests. onreached hears once that the desktop answered, so
 * that the handshake, which takes several round trips, can have its time.
 */
export type Dial = (place: Place, secret: Secret, signal: AbortSignal, onreached: () => void) => Promise<Channel>;

/**
 * Opens a connection to a desktop. The browser makes a fresh DTLS certificate for each one, which the desktop learns
 * from the user name fragment: nothing to keep, to rotate or to follow a phone by. Rejects when the connection fails or
 * the signal aborts; a desktop that does not know the secret stays silent, so the caller bounds the time.
 */
export const dial: Dial = async (place, secret, signal, onreached) => {
  const pc = new RTCPeerConnection();
  const channel = pc.createDataChannel("tallykey", { negotiated: true, id: 0 });
  channel.binaryType = "arraybuffer";
  const link = new DataChannel(pc, channel, onreached);
  const opened = link.opened(signal);
  try {
    await pc.setLocalDescription();
    const certificate = fingerprint(pc.localDescription?.sdp ?? "");
    link.ufrag = await ufrag(secret, Math.floor(Date.now() / 1000), random(8), certificate);
    const sdp = answer(place, link.ufrag, await password(secret, link.ufrag));
    await pc.setRemoteDescription({ type: "answer", sdp });
    await opened;
    return link;
  } catch (e) {
    opened.catch(() => {}); // the first failure is the one to tell
    link.close();
    throw e;
  }
};

class DataChannel implements Channel {
  ufrag = "";
  onmessage: (m: FromDesktop) => void = () => {};
  onclose: () => void = () => {};
  onshaky: () => void = () => {};
  private over = false;

  constructor(
    private readonly pc: RTCPeerConnection,
    private readonly channel: RTCDataChannel,
    onreached: () => void,
  ) {
    channel.onmessage = (e) => this.received(e.data);
    channel.onclose = () => this.close();
    pc.oniceconnectionstatechange = () => {
      if (pc.iceConnectionState === "connected") onreached();
      if (pc.iceConnectionState === "disconnected") this.onshaky();
    };
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === "failed" || pc.connectionState === "closed") this.close();
    };
  }

  opened(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error("the connection did not open"));
      if (signal.aborted) fail();
      signal.addEventListener("abort", fail, { once: true });
      this.channel.onopen = () => {
        signal.removeEventListener("abort", fail);
        this.onclose = () => {};
        resolve();
      };
      this.onclose = fail;
    });
  }

  send(m: FromPhone): void {
    if (this.channel.readyState === "open") this.channel.send(encode(m));
  }

  /** A message that breaks the protocol ends the connection: there is no telling what it was meant to be. */
  private received(data: unknown): void {
    if (this.over) return;
    try {
      this.onmessage(decode(asText(data)) as Exclude<Message, FromPhone> as FromDesktop);
    } catch {
      this.close();
    }
  }

  close(): void {
    if (this.over) return;
    this.over = true;
    this.channel.close();
    this.pc.close();
    this.onclose();
  }
}

function asText(data: unknown): string {
  return typeof data === "string" ? data : new TextDecoder("utf-8", { fatal: true }).decode(data as ArrayBuffer);
}
