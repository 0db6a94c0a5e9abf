import type { Page } from "puppeteer-core";

/** A message of the link. */
export type Message = Record<string, unknown>;

/**
 * A desktop that is paired and not good any more. The connection is the real daemon's; what the test says comes to the
 * page on its data channel as if the daemon had said it, and what the page answers meanwhile goes to the test alone.
 */
export class HostileDesktop {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Holds the page's channels from its next navigation on. */
  static async hold(page: Page): Promise<HostileDesktop> {
    await page.evaluateOnNewDocument(() => {
      const held = { channels: [] as RTCDataChannel[], heard: [] as unknown[], turned: false };
      Object.assign(globalThis, { held });
      const { send } = RTCDataChannel.prototype;
      RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: string) {
        const message = JSON.parse(data) as { type: string };
        if (!held.turned || message.type === "ping" || message.type === "pong") return send.call(this, data as never);
        held.heard.push(message);
      } as typeof send;
      globalThis.RTCPeerConnection = class extends RTCPeerConnection {
        override createDataChannel(...args: Parameters<RTCPeerConnection["createDataChannel"]>) {
          const channel = super.createDataChannel(...args);
          held.channels.push(channel);
          return channel;
        }
      };
    });
    return new HostileDesktop(page);
  }

  /** From now on it is hostile, or good again. */
  async turn(hostile: boolean): Promise<void> {
    await this.#page.evaluate((turned) => Object.assign(held, { turned, heard: [] }), hostile);
  }

  /** Says messages, one after the other at once; each is JSON, or a text that is none. */
  async say(...messages: (Message | string)[]): Promise<void> {
    const texts = messages.map((message) => (typeof message === "string" ? message : JSON.stringify(message)));
    await this.#page.evaluate((all) => {
      const channel = held.channels.at(-1);
      for (const data of all) channel?.dispatchEvent(new MessageEvent("message", { data }));
    }, texts);
  }

  /** What the page answered since it turned. */
  heard(): Promise<Message[]> {
    return this.#page.evaluate(() => held.heard as Message[]);
  }

  /** How many connections the page has made, and whether the newest is open. */
  connections(): Promise<{ made: number; open: boolean }> {
    return this.#page.evaluate(() => ({
      made: held.channels.length,
      open: held.channels.at(-1)?.readyState === "open",
    }));
  }
}

declare global {
  var held: { channels: RTCDataChannel[]; heard: unknown[]; turned: boolean };
}
