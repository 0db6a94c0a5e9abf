import { mkdirSync } from "node:fs";
import type { Page } from "puppeteer-core";
import { Authenticator, Browser } from "./browser.ts";
import { titled } from "./codes.ts";
import { Ends } from "./ends.ts";
import { Firefox } from "./firefox.ts";
import type { Host } from "./network.ts";
import { program } from "./places.ts";
import { basics, Program } from "./program.ts";
import { button, buttons, press, seen, tap } from "./see.ts";

/** Where the phone finds its app: its own loopback, the only plain-text origin that browsers treat as secure. */
export const PHONE_APP = "http://localhost:8471/";

/** A phone: a browser of phone size on a host of its own, with a screen lock, and the phone app in it. */
export class Phone implements AsyncDisposable {
  page!: Page;
  authenticator!: Authenticator;
  readonly #ends = new Ends();
  readonly #host: Host;
  readonly #folder: string;
  readonly #logs: string;
  readonly #options: PhoneOptions;
  #browser!: Browser | Firefox;
  #served!: Program;

  private constructor(host: Host, folder: string, logs: string, options: PhoneOptions) {
    this.#host = host;
    this.#folder = folder;
    this.#logs = logs;
    this.#options = options;
  }

  static async start(host: Host, folder: string, logs: string, options: PhoneOptions = {}): Promise<Phone> {
    const phone = new Phone(host, folder, logs, options);
    try {
      await phone.#start();
      return phone;
    } catch (failure) {
      await phone[Symbol.asyncDispose]();
      throw failure;
    }
  }

  /** Opens the app, with a pairing link or without. */
  async open(link = PHONE_APP): Promise<void> {
    await this.page.bringToFront();
    await this.page.goto("about:blank");
    await this.page.goto(link);
  }

  /** Closes the app: its page goes, what it stored stays. */
  async close(): Promise<void> {
    await this.page.goto("about:blank");
  }

  /** Takes the host of the app off the network, or puts another command in its place, which serves another version. */
  async rehost(command?: string[]): Promise<void> {
    await this.#served.stop();
    if (command) await this.#serve(command);
  }

  /** Puts another app in front of it, and takes that away again: the phone's page is hidden and comes back. */
  async lookAway(): Promise<void> {
    const other = await this.#browser.page();
    await other.bringToFront();
    await this.page.waitForFunction(() => document.visibilityState === "hidden", { polling: 50 });
    await other.close();
    await this.page.bringToFront();
  }

  /** Turns the phone off and on: another browser with the same storage. The platform credential comes along. */
  async reboot(): Promise<void> {
    const restore = await this.authenticator.export();
    await this.#browser[Symbol.asyncDispose]();
    await this.#launch();
    this.authenticator = await restore(this.page);
  }

  /** Makes the screen lock recognise the person again after it failed to. It must be one without PRF. */
  async cleanSensor(): Promise<void> {
    const restore = await this.authenticator.export();
    await this.authenticator.remove();
    this.authenticator = await restore(this.page);
  }

  /** The numbers on the screen, once there are three. */
  async numbers(ms = 15_000): Promise<string[]> {
    await button(this.page, /^\d\d$/, ms);
    return (await buttons(this.page)).filter((name) => /^\d\d$/.test(name));
  }

  /** Taps a number; the finger is on the sensor. */
  async tap(number: string): Promise<void> {
    await press(this.page, new RegExp(`^${number}$`));
  }

  /** Taps one of the numbers that are not the desktop's. */
  async tapWrong(right: string): Promise<void> {
    const wrong = (await this.numbers()).find((number) => number !== right);
    if (!wrong) throw new Error("the phone shows no wrong number");
    await this.tap(wrong);
  }

  async decline(): Promise<void> {
    await tap(this.page, "#decline");
  }

  async report(): Promise<void> {
    await tap(this.page, "#not-me");
  }

  /** Waits until the screen says how a request ended. */
  async ended(code: string, ms = 15_000): Promise<void> {
    await seen(this.page, titled(code), ms);
    await this.page.waitForSelector(`#outcome[data-code=${code}]`, { timeout: 1000 });
  }

  /** Asks the sensor once more, after it did not recognise the person. */
  async tryAgain(): Promise<void> {
    await tap(this.page, "#again");
  }

  /** Agrees to pair anew, where the app knows the desktop already. */
  async pairAnew(): Promise<void> {
    await tap(this.page, "#pair-anew");
  }

  /** Waits for a text on the screen. */
  async sees(text: RegExp, ms?: number): Promise<string> {
    return seen(this.page, text, ms);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ends[Symbol.asyncDispose]();
  }

  async #start(): Promise<void> {
    mkdirSync(`${this.#folder}/home`, { recursive: true });
    await this.#serve([program("tallykey-phone"), "serve", "--listen", "127.0.0.1:8471"]);
    await this.#launch();
    this.#ends.add(() => this.#browser[Symbol.asyncDispose]());
    if (!this.#options.firefox) this.authenticator = await Authenticator.add(this.page, this.#options.prf ?? true);
  }

  async #serve(command: string[]): Promise<void> {
    this.#served = this.#ends.use(
      new Program({
        name: "phone-app",
        command: this.#host.command(command),
        env: this.#env,
        log: `${this.#logs}/phone-app.log`,
      }),
    );
    await this.#listens();
  }

  async #listens(): Promise<void> {
    const ask =
      "for i in $(seq 250); do (exec 3<>/dev/tcp/127.0.0.1/8471) 2>/dev/null && exit 0; sleep 0.02; done; exit 1";
    await this.#host.run(["bash", "-c", ask]);
  }

  get #env(): Record<string, string> {
    return { ...basics(), HOME: `${this.#folder}/home`, ...this.#options.display };
  }

  async #launch(): Promise<void> {
    const profile = `${this.#folder}/browser`;
    const { display, firefox } = this.#options;
    this.#browser = firefox ? await Firefox.on(this.#host, this.#env, profile) : await this.#chromium(profile);
    this.page = await this.#browser.first();
    if (display) return; // the window has the size
    const touch = !firefox && { isMobile: true, hasTouch: true }; // WebDriver BiDi knows neither
    await this.page.setViewport({ width: 412, height: 800, deviceScaleFactor: 2, ...touch });
  }

  #chromium(profile: string): Promise<Browser> {
    const { display, flags = [] } = this.#options;
    return Browser.launch({
      name: "browser-phone",
      host: this.#host,
      env: this.#env,
      profile,
      logs: this.#logs,
      flags,
      ...(display && { window: { width: 412, height: 860, x: 980, y: 20, app: PHONE_APP } }),
    });
  }
}

/** What kind of phone it is. */
export interface PhoneOptions {
  /** Whether its screen lock can encrypt (WebAuthn PRF); it does unless told otherwise. */
  prf?: boolean;
  /** Shows the phone as a window on this display. */
  display?: Record<string, string>;
  /** Its browser is Firefox. It has no platform authenticator then: only the app PIN verifies the person. */
  firefox?: boolean;
  /** More flags for Chromium. */
  flags?: string[];
}
