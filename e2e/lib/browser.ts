import { createWriteStream, existsSync, mkdirSync } from "node:fs";
import puppeteer, {
  type CDPSession,
  type Page,
  type Browser as Puppet,
  type Target,
  type WebWorker,
} from "puppeteer-core";
import { launcher } from "./launcher.ts";
import type { Host } from "./network.ts";
import { within } from "./wait.ts";

/** How a browser is started. */
export interface BrowserStart {
  name: string;
  host: Host;
  env: Record<string, string>;
  /** User data folder; the same one again is the same browser after a restart. */
  profile: string;
  logs: string;
  /** Folder of an unpacked extension. */
  extension?: string;
  /** More flags. */
  flags?: string[];
  /** Shows a window on the display in env; otherwise it is headless. */
  window?: { width: number; height: number; x: number; y: number; app?: string };
}

/** A Chromium on one host, steered through a pipe, with a profile of its own. */
export class Browser implements AsyncDisposable {
  readonly #puppet: Puppet;
  /** The id of the extension, or nothing without one. */
  readonly extension: string;

  private constructor(puppet: Puppet, extension: string) {
    this.#puppet = puppet;
    this.extension = extension;
  }

  static async launch(start: BrowserStart): Promise<Browser> {
    mkdirSync(start.profile, { recursive: true });
    const puppet = await puppeteer.launch({
      executablePath: launcher(start.host, chromium(), start.profile),
      userDataDir: start.profile,
      env: start.env,
      headless: start.window === undefined,
      pipe: true,
      enableExtensions: start.extension !== undefined,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      defaultViewport: null,
      // A window is for a person, who needs no bar that says who steers it.
      ignoreDefaultArgs: start.window ? ["--enable-automation"] : [],
      args: flags(start),
    });
    puppet.process()?.stderr?.pipe(createWriteStream(`${start.logs}/${start.name}.log`, { flags: "a" }));
    const extension = start.extension ? await puppet.installExtension(start.extension) : "";
    return new Browser(puppet, extension);
  }

  /** The page that the browser came with. */
  async first(): Promise<Page> {
    const [page] = await this.#puppet.pages();
    if (!page) throw new Error("the browser has no page");
    return page;
  }

  /** A page that has no address yet: one that is there, or a new one. */
  async page(): Promise<Page> {
    const blank = (await this.#puppet.pages()).find((page) => page.url() === "about:blank");
    return blank ?? this.#puppet.newPage();
  }

  /** A page that no extension sees: the browser as it is without tallykey. */
  async bare(): Promise<Page> {
    return (await this.#puppet.createBrowserContext()).newPage();
  }

  /** The extension's background. */
  async background(): Promise<WebWorker> {
    const ours = (target: Target) => target.type() === "service_worker" && target.url().includes(this.extension);
    const worker = await (await this.#puppet.waitForTarget(ours, { timeout: 10_000 })).worker();
    if (!worker) throw new Error("the extension has no background");
    return worker;
  }

  /** All open pages. */
  pages(): Promise<Page[]> {
    return this.#puppet.pages();
  }

  /** Runs when the person closes the browser. */
  closed(): Promise<void> {
    return new Promise((resolve) => this.#puppet.once("disconnected", () => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const program = this.#puppet.process();
    await within(8000, "closing the browser", this.#puppet.close()).catch(() => {});
    if (program && program.exitCode === null) program.kill("SIGKILL");
  }
}

/** A platform authenticator on a page, for a machine that has none: user verification as a person who always agrees. */
export class Authenticator {
  readonly #cdp: CDPSession;
  readonly #id: string;
  readonly #prf: boolean;

  private constructor(cdp: CDPSession, id: string, prf: boolean) {
    this.#cdp = cdp;
    this.#id = id;
    this.#prf = prf;
  }

  /** Adds one to a page. It stays through navigations and ends with the page. */
  static async add(page: Page, prf: boolean): Promise<Authenticator> {
    const cdp = await page.createCDPSession();
    await cdp.send("WebAuthn.enable", { enableUI: false });
    const options = {
      protocol: "ctap2" as const,
      ctap2Version: "ctap2_1" as const,
      transport: "internal" as const,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      hasPrf: prf,
    };
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
    return new Authenticator(cdp, authenticatorId, prf);
  }

  /** From now on it does not recognise the person. Chromium then blocks it for good: put another one in its place. */
  async failToRecognise(): Promise<void> {
    await this.#cdp.send("WebAuthn.setUserVerified", { authenticatorId: this.#id, isUserVerified: false });
  }

  /** Takes it out of the page: a phone without a screen lock. */
  async remove(): Promise<void> {
    await this.#cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: this.#id });
  }

  /** How many credentials it holds. */
  async count(): Promise<number> {
    return (await this.#credentials()).length;
  }

  /**
   * Copies the credentials out, and returns what puts them into another page: DevTools ties an authenticator to its
   * page, a phone's belongs to the phone. What PRF needs can't be copied.
   */
  async export(): Promise<(page: Page) => Promise<Authenticator>> {
    const credentials = await this.#credentials();
    return async (page) => {
      const next = await Authenticator.add(page, this.#prf);
      for (const credential of credentials) {
        await next.#cdp.send("WebAuthn.addCredential", { authenticatorId: next.#id, credential });
      }
      return next;
    };
  }

  async #credentials() {
    return (await this.#cdp.send("WebAuthn.getCredentials", { authenticatorId: this.#id })).credentials;
  }
}

/** Where Chromium is. The variable CHROMIUM names another one. */
export function chromium(): string {
  const places = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = places.find((path) => path && existsSync(path));
  if (!found) throw new Error("there is no Chromium: make setup");
  return found;
}

function flags(start: BrowserStart): string[] {
  const all = [
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Without it Chromium would keep its own secrets in the keyring under test.
    "--password-store=basic",
  ];
  all.push(...(start.flags ?? []));
  // The sandbox makes namespaces itself, which root and a user namespace do not allow.
  if (process.getuid?.() === 0) all.push("--no-sandbox");
  const { window } = start;
  if (window) {
    // No bar that warns of the flag above, which has its reason.
    all.push(
      "--test-type",
      `--window-size=${window.width},${window.height}`,
      `--window-position=${window.x},${window.y}`,
    );
    if (window.app) all.push(`--app=${window.app}`);
  }
  return all;
}
