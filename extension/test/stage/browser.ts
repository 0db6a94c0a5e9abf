/** The two browsers the tests run in: how each is started, told about the host, and asked for a page of the extension. */
import puppeteer, { type Browser } from "puppeteer-core";
import { CHROMIUM_ID, FIREFOX_ID } from "../../manifest.mjs";
import { freePort, Marionette } from "./marionette.ts";

/** Which browser this run of the tests is for: vitest.browser.config.ts sets it for each of its projects. */
export const FIREFOX = process.env.TALLYKEY_BROWSER === "firefox";

/**
 * What a test needs to know about its browser. folder is the stage's own; nothing outside of it is written. runtime is
 * where the daemon listens, if that is another one.
 */
export interface Kind {
  /** The folder of dist that holds the extension. */
  dist: string;
  launch(folder: string, runtime?: string): Promise<Browser>;
  /** Where this browser looks for manifests of hosts. */
  manifests(folder: string): string;
  /** The member of such a manifest that names who may use the host, with our extension and with a stranger. */
  allowed: { ours: object; strangers: object };
  /** The address of a page of the extension, or, without a name, of all of them. */
  page(name: "popup" | "options" | ""): string;
}

const CHROMIUM_FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--password-store=basic",
];

const chromium: Kind = {
  dist: "chromium",
  launch: (folder, runtime = folder) =>
    puppeteer.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      userDataDir: `${folder}/profile`,
      headless: true,
      pipe: true,
      enableExtensions: true,
      defaultViewport: null,
      env: { ...process.env, XDG_RUNTIME_DIR: runtime },
      // As root there is no sandbox to enter.
      args: process.getuid?.() === 0 ? [...CHROMIUM_FLAGS, "--no-sandbox"] : CHROMIUM_FLAGS,
    }),
  manifests: (folder) => `${folder}/profile/NativeMessagingHosts`,
  allowed: {
    ours: { allowed_origins: [`chrome-extension://${CHROMIUM_ID}/`] },
    strangers: { allowed_origins: [`chrome-extension://${"a".repeat(32)}/`] },
  },
  page: (name) => `chrome-extension://${CHROMIUM_ID}/${name && `${name}.html`}`,
};

/** Firefox gives an extension's pages an address of their own for each profile, unless the profile names one. */
const FIREFOX_UUID = "5f5e1c0a-6a5c-4c58-9a53-0d7e64a1b2c3";

const FIREFOX_PREFERENCES = {
  "extensions.webextensions.uuids": JSON.stringify({ [FIREFOX_ID]: FIREFOX_UUID }),
  // Without a security key or a test token the browser's own answer is a refusal at once, and not a dialog.
  "security.webauth.webauthn_enable_usbtoken": false,
  "security.webauth.webauthn_enable_softtoken": true,
  // What the benchmark measures is less than the millisecond that pages get.
  "privacy.reduceTimerPrecision": false,
};

const ports = new WeakMap<Browser, number>();
const marionettes = new WeakMap<Browser, Promise<Marionette>>();

/** The way to what only Firefox's own protocol can do. A browser has one connection and lets others wait. */
export function marionetteOf(browser: Browser): Promise<Marionette> {
  const known = marionettes.get(browser) ?? Marionette.connect(ports.get(browser) ?? 0);
  marionettes.set(browser, known);
  return known;
}

const firefox: Kind = {
  dist: "firefox",
  async launch(folder, runtime = folder) {
    const port = await freePort();
    const browser = await puppeteer.launch({
      browser: "firefox",
      args: ["--marionette", "--remote-allow-system-access"], // for what is not in pages
      executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
      headless: true,
      defaultViewport: null,
      extraPrefsFirefox: { ...FIREFOX_PREFERENCES, "marionette.port": port },
      env: { ...process.env, HOME: `${folder}/home`, XDG_RUNTIME_DIR: runtime },
    });
    ports.set(browser, port);
    return browser;
  },
  manifests: (folder) => `${folder}/home/.mozilla/native-messaging-hosts`,
  allowed: {
    ours: { allowed_extensions: [FIREFOX_ID] },
    strangers: { allowed_extensions: ["stranger@tallykey.example"] },
  },
  page: (name) => `moz-extension://${FIREFOX_UUID}/${name && `${name}.html`}`,
};

/** The browser of this run. */
export const KIND = FIREFOX ? firefox : chromium;
