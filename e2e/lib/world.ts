import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Desktop, type DesktopOptions } from "./desktop.ts";
import { Ends } from "./ends.ts";
import { Network } from "./network.ts";
import { PHONE_APP, Phone, type PhoneOptions } from "./phone.ts";
import { root } from "./places.ts";
import { within } from "./wait.ts";

/** What a world is made of beyond the usual. */
export interface WorldOptions {
  desktop?: Partial<DesktopOptions>;
  phone?: PhoneOptions;
  /** Where the folder for its files is made; it has to have a short path. The folder for temporary files by default. */
  in?: string;
}

/**
 * A desktop and a phone on one network, with everything a person would have on them and nothing of the machine that it
 * runs on. Logs and screenshots stay below out/ when it ends; everything else goes.
 */
export class World implements AsyncDisposable {
  /** Where logs and screenshots stay. */
  readonly out: string;
  /** Where everything else is, until the end. */
  readonly folder: string;
  readonly network: Network;
  readonly desktop: Desktop;
  readonly phone: Phone;
  readonly #ends: Ends;

  private constructor(out: string, folder: string, network: Network, desktop: Desktop, phone: Phone, ends: Ends) {
    this.out = out;
    this.folder = folder;
    this.network = network;
    this.desktop = desktop;
    this.phone = phone;
    this.#ends = ends;
  }

  /** Starts a world. The name is that of its folder in out/. */
  static async start(name: string, options: WorldOptions = {}): Promise<World> {
    const out = join(root, "out", name);
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    const ends = new Ends();
    try {
      const folder = mkdtempSync(join(options.in ?? tmpdir(), "tk-"));
      ends.add(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
      const network = ends.use(await Network.start(out));
      const [desktop, phone] = await bothStarted(
        Desktop.start(network.desktop, join(folder, "d"), out, { phoneApp: PHONE_APP, ...options.desktop }),
        Phone.start(network.phone, join(folder, "p"), out, options.phone),
        ends,
      );
      return new World(out, folder, network, desktop, phone, ends);
    } catch (failure) {
      await ends[Symbol.asyncDispose]();
      throw failure;
    }
  }

  /** Pairs phone and desktop the way a person does, and returns when both say so. */
  async pair(): Promise<void> {
    const pairing = await this.desktop.pair();
    await this.phone.open(pairing.link);
    await this.phone.tap(await this.desktop.number());
    await pairing.cli.ended;
    await this.desktop.phoneConnected();
  }

  /** Answers the request that is on both screens as the person who started it. */
  async approve(ms?: number): Promise<void> {
    await this.phone.tap(await this.desktop.number(ms));
  }

  /** Keeps what the screens show. A page that can't be pictured any more keeps nobody waiting. */
  async screenshots(name: string): Promise<void> {
    const pages = [this.phone.page, ...(await this.desktop.browser.pages())];
    for (const [i, page] of pages.entries()) {
      const path = join(this.out, `${name}-${i === 0 ? "phone" : `page-${i}`}.png`);
      await within(3000, "a screenshot", page.screenshot({ path })).catch(() => {});
    }
    const { env } = this.desktop.session;
    const file = join(this.out, `${name}-desktop.png`);
    if (env["DISPLAY"]) await this.network.desktop.run(["import", "-window", "root", file], env).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ends[Symbol.asyncDispose]();
  }
}

/** Both, or neither: when one does not start, the other ends. */
async function bothStarted<A extends AsyncDisposable, B extends AsyncDisposable>(
  a: Promise<A>,
  b: Promise<B>,
  ends: Ends,
): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled([a, b]);
  for (const one of [first, second]) if (one.status === "fulfilled") ends.use(one.value);
  if (first.status === "rejected") throw first.reason;
  if (second.status === "rejected") throw second.reason;
  return [first.value, second.value];
}
