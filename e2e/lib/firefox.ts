import { existsSync, mkdirSync } from "node:fs";
import puppeteer, { type Page, type Browser as Puppet } from "puppeteer-core";
import type { Desktop } from "./desktop.ts";
import { door } from "./door.ts";
import type { Ends } from "./ends.ts";
import { launcher } from "./launcher.ts";
import type { Host } from "./network.ts";
import { built, program } from "./places.ts";
import { within } from "./wait.ts";

/** Where Firefox is. The variable FIREFOX names another one. */
const FIREFOX = process.env["FIREFOX"] ?? "/usr/bin/firefox-esr";

/** Where a Firefox on another host is steered; a new one on each host. */
const STEERING = 9300;

/** A headless Firefox. What steers it comes by a TCP port, where Chromium has a pipe. */
export class Firefox implements AsyncDisposable {
  readonly #puppet: Puppet;
  readonly #door: Ends | undefined;

  private constructor(puppet: Puppet, way?: Ends) {
    this.#puppet = puppet;
    this.#door = way;
  }

  /**
   * One of a desktop's person, with the extension, the host, and the manifest that the installer wrote. It shares their
   * files and so the daemon's socket, but not the desktop's network. With a stranger's certificates it takes those that
   * nobody vouches for, and WebAuthn with them.
   */
  static async launch({ session }: Desktop, certificates?: "strangers"): Promise<Firefox> {
    const { env, host } = session;
    mkdirSync(`${env["HOME"]}/.mozilla/firefox`, { recursive: true }); // what the installer knows a Firefox by
    await host.run([program("tallykey"), "browsers", "install"], env);
    const puppet = await puppeteer.launch({
      ...headless(env),
      executablePath: firefox(),
      // Without an authenticator of its own its answer is a refusal at once, and not a dialog.
      extraPrefsFirefox: {
        "security.webauth.webauthn_enable_usbtoken": false,
        "security.webauth.webauthn_enable_softtoken": true,
        "security.webauthn.allow_with_certificate_override": certificates === "strangers",
      },
      acceptInsecureCerts: certificates === "strangers",
    });
    await puppet.installExtension(built("extension/dist/firefox"));
    return new Firefox(puppet);
  }

  /** One on a host of the network, for a person who goes on after a warning of a certificate. */
  static async on(host: Host, env: Record<string, string>, profile: string): Promise<Firefox> {
    mkdirSync(profile, { recursive: true });
    const way = await door(STEERING, undefined, host, `${profile}/..`);
    try {
      const puppet = await puppeteer.launch({
        ...headless(env),
        executablePath: launcher(host, firefox(), profile),
        userDataDir: profile,
        acceptInsecureCerts: true,
        debuggingPort: STEERING,
      });
      return new Firefox(puppet, way);
    } catch (failure) {
      await way[Symbol.asyncDispose]();
      throw failure;
    }
  }

  /** The page that the browser came with. */
  async first(): Promise<Page> {
    return (await this.#puppet.pages())[0] ?? this.#puppet.newPage();
  }

  /** A page that has no address yet. */
  page(): Promise<Page> {
    return this.#puppet.newPage();
  }

  /** Opens an address in a new tab. */
  async open(url: string): Promise<Page> {
    const page = await this.page();
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const started = this.#puppet.process();
    await within(8000, "closing Firefox", this.#puppet.close()).catch(() => {});
    if (started && started.exitCode === null) started.kill("SIGKILL");
    await this.#door?.[Symbol.asyncDispose]();
  }
}

const headless = (env: Record<string, string>) =>
  ({ browser: "firefox", headless: true, defaultViewport: null, env }) as const;

function firefox(): string {
  if (!existsSync(FIREFOX)) throw new Error("there is no Firefox: make setup");
  return FIREFOX;
}
