import { existsSync, mkdirSync } from "node:fs";
import puppeteer, { type Page, type Browser as Puppet } from "puppeteer-core";
import type { Desktop } from "./desktop.ts";
import { built, program } from "./places.ts";
import { within } from "./wait.ts";

/** Where Firefox is. The variable FIREFOX names another one. */
const FIREFOX = process.env["FIREFOX"] ?? "/usr/bin/firefox-esr";

/**
 * A headless Firefox of a desktop's person, with the extension, the host, and the manifest that the installer wrote. It
 * shares their files and so the daemon's socket, but not the desktop's network: what steers it comes by a TCP port, where
 * Chromium has a pipe.
 */
export class Firefox implements AsyncDisposable {
  readonly #puppet: Puppet;

  private constructor(puppet: Puppet) {
    this.#puppet = puppet;
  }

  static async launch({ session }: Desktop): Promise<Firefox> {
    if (!existsSync(FIREFOX)) throw new Error("there is no Firefox: make setup");
    const { env, host } = session;
    mkdirSync(`${env["HOME"]}/.mozilla/firefox`, { recursive: true }); // what the installer knows a Firefox by
    await host.run([program("tallykey"), "browsers", "install"], env);
    const puppet = await puppeteer.launch({
      browser: "firefox",
      executablePath: FIREFOX,
      headless: true,
      defaultViewport: null,
      env,
      // Without an authenticator of its own its answer is a refusal at once, and not a dialog.
      extraPrefsFirefox: {
        "security.webauth.webauthn_enable_usbtoken": false,
        "security.webauth.webauthn_enable_softtoken": true,
      },
    });
    await puppet.installExtension(built("extension/dist/firefox"));
    return new Firefox(puppet);
  }

  /** Opens an address in a new tab. */
  async open(url: string): Promise<Page> {
    const page = await this.#puppet.newPage();
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const started = this.#puppet.process();
    await within(8000, "closing Firefox", this.#puppet.close()).catch(() => {});
    if (started && started.exitCode === null) started.kill("SIGKILL");
  }
}
