import type { Frame, Page } from "puppeteer-core";
import type { Attempt, Wish } from "../rp/page.ts";
import type { Desktop } from "./desktop.ts";
import { built } from "./places.ts";
import type { Program } from "./program.ts";

export type { Attempt, Wish } from "../rp/page.ts";

/** The website that nobody of this project wrote the verifying part of. */
export class Shop {
  readonly #desktop: Desktop;
  readonly url: string;

  private constructor(desktop: Desktop, url: string) {
    this.#desktop = desktop;
    this.url = url;
  }

  /** Starts the website on the desktop's loopback. It ends with the desktop's session. */
  static async start(desktop: Desktop, port = 8480): Promise<Shop> {
    const server: Program = desktop.session.program("shop", [
      process.execPath,
      built("e2e/dist/rp/server.js"),
      String(port),
    ]);
    await server.line(/^shop at/);
    return new Shop(desktop, `http://localhost:${port}/`);
  }

  /** Opens the website in a tab of the desktop's browser. */
  async open(path = ""): Promise<Page> {
    return this.#desktop.open(this.url + path);
  }
}

/** Presses "Register" on the page. */
export function register(page: Page | Frame, account: string, wish: Wish = {}): Promise<Attempt> {
  return pressed(page.evaluate((name, more) => shop.register(name, more), account, wish));
}

/** Presses "Sign in" on the page. */
export function signIn(page: Page | Frame, wish: Wish = {}): Promise<Attempt> {
  return pressed(page.evaluate((more) => shop.signIn(more), wish));
}

/** Starts a ceremony only to see how it is refused. */
export function probe(page: Page | Frame, ceremony: "create" | "get", wish: Wish = {}): Promise<Attempt> {
  return pressed(page.evaluate((kind, more) => shop.probe(kind, more), ceremony, wish));
}

/** A page can close before its answer is asked for: that fails whoever asks, and nobody else. */
function pressed(attempt: Promise<Attempt>): Promise<Attempt> {
  attempt.catch(() => {});
  return attempt;
}
