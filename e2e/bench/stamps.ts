import type { Page } from "puppeteer-core";

/** Something the phone's page did with its link, and when by the system's clock, in milliseconds. */
export interface Stamp {
  what: "open" | "sent" | "got";
  /** Of a message. */
  type?: string;
  at: number;
  /** Of "open": since the connection was begun. */
  ms?: number;
}

/** Notes from the next navigation on what the page's link does. The app does not know of it. */
export async function watchLink(page: Page): Promise<void> {
  await page.evaluateOnNewDocument(() => {
    const stamps: object[] = [];
    Object.assign(globalThis, { stamps });
    const now = () => performance.timeOrigin + performance.now();
    const typeOf = (data: unknown) => {
      const text = typeof data === "string" ? data : new TextDecoder().decode(data as ArrayBuffer);
      return (JSON.parse(text) as { type: string }).type;
    };
    const { send } = RTCDataChannel.prototype;
    RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: string) {
      stamps.push({ what: "sent", type: typeOf(data), at: now() });
      return send.call(this, data as never);
    } as typeof send;
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      readonly #began = now();
      override createDataChannel(...args: Parameters<RTCPeerConnection["createDataChannel"]>) {
        const channel = super.createDataChannel(...args);
        channel.addEventListener("open", () => stamps.push({ what: "open", at: now(), ms: now() - this.#began }));
        channel.addEventListener("message", ({ data }) => stamps.push({ what: "got", type: typeOf(data), at: now() }));
        return channel;
      }
    };
  });
}

/** What was noted since the page was opened. */
export function stamps(page: Page): Promise<Stamp[]> {
  return page.evaluate(() => (globalThis as unknown as { stamps: Stamp[] }).stamps);
}
