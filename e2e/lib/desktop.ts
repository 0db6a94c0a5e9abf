import type { Page } from "puppeteer-core";
import { Browser } from "./browser.ts";
import { Client, type Request, type Told } from "./client.ts";
import { Ends } from "./ends.ts";
import type { Host } from "./network.ts";
import { built, program } from "./places.ts";
import { type Program, run } from "./program.ts";
import { type Display, Session } from "./session.ts";
import { until } from "./wait.ts";

/** One line of the activity log, as far as tests read it. */
export interface Activity {
  request: string;
  time: string;
  action: string;
  code: string;
  millis: number;
}

/** What the daemon says of itself, as far as tests read it. */
export interface Status {
  pid: number;
  addresses: string[];
  registrations: number;
  phones: { id: string; name: string; connected: boolean }[];
  request?: { id: string; action: string; state: string; number?: string; host?: string; account?: string };
}

/** A pairing that was begun: its link, and how it ends. */
export interface Pairing {
  link: string;
  cli: Program;
}

/** The desktop: a session, the daemon in it, and a Chromium with the extension. */
export class Desktop implements AsyncDisposable {
  readonly session: Session;
  daemon!: Program;
  browser!: Browser;
  /** Watches the running daemon. */
  client!: Client;
  readonly #ends = new Ends();
  readonly #folder: string;
  readonly #logs: string;
  readonly #options: DesktopOptions;

  private constructor(session: Session, folder: string, logs: string, options: DesktopOptions) {
    this.session = session;
    this.#folder = folder;
    this.#logs = logs;
    this.#options = options;
    this.#ends.use(session);
  }

  /** Starts session, daemon and browser. */
  static async start(host: Host, folder: string, logs: string, options: DesktopOptions): Promise<Desktop> {
    const session = await Session.start(host, folder, logs, options.display);
    const desktop = new Desktop(session, folder, logs, options);
    try {
      await Promise.all([desktop.startDaemon(), options.browser !== false && desktop.#browserFirst()]);
      return desktop;
    } catch (failure) {
      await desktop[Symbol.asyncDispose]();
      throw failure;
    }
  }

  /** Starts the daemon and waits until it serves. */
  async startDaemon(): Promise<void> {
    await this.launchDaemon().line(/\bready\b/);
    this.client = await Client.watch(`${this.session.env["XDG_RUNTIME_DIR"]}/tallykey/daemon.sock`);
  }

  /** Starts the daemon without waiting for anything. */
  launchDaemon(): Program {
    const window = this.#options.window ? [] : ["--window", "/bin/true"];
    const tray = this.#options.display ? [] : ["--no-tray"];
    const flags = ["--phone-app", this.#options.phoneApp, "--name", "Office desktop", ...tray, ...window];
    const env = { PATH: `${built("bin")}:${this.session.env["PATH"]}`, ...this.#options.daemonEnv };
    this.daemon = this.session.program("daemon", [program("tallykey"), "daemon", ...flags], { env });
    return this.daemon;
  }

  /** Stops the daemon as the person does, and starts it again. */
  async restartDaemon(): Promise<void> {
    await this.cli("stop");
    await this.daemon.ended;
    await this.startDaemon();
  }

  /** Runs a command of the command line and returns what it prints. */
  cli(...args: string[]): Promise<string> {
    return run(this.session.host.command([program("tallykey"), ...args]), this.session.env);
  }

  async status(): Promise<Status> {
    return JSON.parse(await this.cli("status", "--json")) as Status;
  }

  /** The activity log, newest first. */
  async activity(): Promise<Activity[]> {
    return JSON.parse(await this.cli("activity", "--json")) as Activity[];
  }

  /** Begins a pairing from the command line. */
  async pair(): Promise<Pairing> {
    const cli = this.session.program("pair", [program("tallykey"), "pair", "--json"], { secret: true });
    const [line] = await cli.line(/^\{.*"link".*\}$/);
    return { link: (JSON.parse(line) as { link: string }).link, cli };
  }

  /** Begins a pairing as a person does who looks at the terminal: a code is on it. */
  async pairOnScreen(): Promise<Program> {
    const cli = this.session.program("pair", [program("tallykey"), "pair"], { secret: true });
    await cli.line(/^Scan this/);
    return cli;
  }

  /**
   * The number that is on the desktop's screen, once there is one: what the person reads. A page can have its answer
   * before the watcher hears of the end, so the daemon is asked whether a request is still the one on the screen. One to
   * approve or deny has no number.
   */
  async number(ms = 15_000): Promise<string> {
    const over = new Set<string>();
    const shown = (request: Request) => request.state === "delivered" && !!request.number && !over.has(request.id);
    for (;;) {
      const { request } = await this.client.request("a number on the desktop", shown, 0, ms);
      const now = (await this.client.call<Status>("status")).request;
      if (now?.id === request.id && request.number) return request.number;
      over.add(request.id);
    }
  }

  /** Waits until every request that was told has told its end, and returns how much was told. */
  async quiet(): Promise<number> {
    for (const { request } of [...this.client.told]) {
      const ended = (later: Request) => later.id === request.id && later.state === "ended";
      await this.client.request("the end of an earlier request", ended);
    }
    return this.client.told.length;
  }

  /** How the request ends that was told after the first `skip`. */
  async end(skip: number, ms = 15_000): Promise<Told> {
    return this.client.request("the end of the request", (request) => request.state === "ended", skip, ms);
  }

  /** Waits until a phone is connected to the daemon. */
  async phoneConnected(ms = 15_000): Promise<void> {
    await until(ms, "a connected phone", async () => (await this.status()).phones.some((phone) => phone.connected));
  }

  /** Waits until the window says that it has painted the request. */
  async painted(skip = 0): Promise<void> {
    await this.daemon.line(/paint=painted/, 15_000, skip);
  }

  /** How a person reaches this desktop's daemon from a terminal. */
  get commandLine(): string {
    return `XDG_RUNTIME_DIR=${this.session.env["XDG_RUNTIME_DIR"]} ${program("tallykey")} status`;
  }

  /** Opens a page in the desktop's browser. */
  async open(url: string): Promise<Page> {
    const page = await this.browser.page();
    await page.goto(url);
    return page;
  }

  /** Closes the browser and starts it again with the same profile. */
  async restartBrowser(): Promise<void> {
    await this.browser[Symbol.asyncDispose]();
    await this.#launch();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ends[Symbol.asyncDispose]();
  }

  async #browserFirst(): Promise<void> {
    const install = [program("tallykey"), "browsers", "install", "--dir", this.#profile];
    await this.session.host.run(install, this.session.env);
    await this.#launch();
    this.#ends.add(() => this.browser[Symbol.asyncDispose]());
  }

  get #profile(): string {
    return `${this.#folder}/browser`;
  }

  async #launch(): Promise<void> {
    this.browser = await Browser.launch({
      name: "browser-desktop",
      host: this.session.host,
      env: this.session.env,
      profile: this.#profile,
      logs: this.#logs,
      extension: built("extension/dist/chromium"),
      ...(this.#options.display && { window: { width: 900, height: 760, x: 20, y: 20 } }),
    });
  }
}

/** What kind of desktop it is. */
export interface DesktopOptions {
  /** Where the phone app is, as the phone sees it. */
  phoneApp: string;
  /** Has a display, and with it a notification service. Without one the browser is headless. */
  display?: Display;
  /** Shows the real window at each request; needs a display. */
  window?: boolean;
  /** Has a browser; it does unless told otherwise. */
  browser?: boolean;
  /** More variables for the daemon alone. */
  daemonEnv?: Record<string, string>;
}
