/** All that a browser test needs: a website, a daemon, a host, and a browser with the extension. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page, Target, WebWorker } from "puppeteer-core";
import { HOST_NAME } from "../../src/protocol.ts";
import { FIREFOX, KIND } from "./browser.ts";
import { FakeDaemon } from "./daemon.ts";
import { load } from "./firefox.ts";
import { HOST_PROGRAM } from "./host.ts";
import { type Query, Site } from "./site.ts";

const EXTENSION = fileURLToPath(new URL(`../../dist/${KIND.dist}`, import.meta.url));
/** host.ts builds it; the variable TALLYKEY_HOST names another one. */
const HOST = process.env.TALLYKEY_HOST ?? HOST_PROGRAM;

/**
 * A copy of the built extension that waits a second for the daemon's word: here the daemon shares a busy machine with a
 * browser, and a request that went on to Chromium's dialog would wait for ever. What 200 ms are worth is tried in
 * src/background. The variable TALLYKEY_IMPATIENT keeps it as it is, for benchmarks.
 */
function patient(folder: string): string {
  if (process.env.TALLYKEY_IMPATIENT) return EXTENSION;
  const copy = `${folder}/extension`;
  cpSync(EXTENSION, copy, { recursive: true });
  const source = readFileSync(`${copy}/background.js`, "utf8");
  if (!source.includes("TAKE_WITHIN = 200;")) throw new Error("the patience of the extension has another name");
  writeFileSync(`${copy}/background.js`, source.replace("TAKE_WITHIN = 200;", "TAKE_WITHIN = 1000;"));
  return copy;
}

export class Stage {
  readonly site: Site;
  readonly daemon: FakeDaemon;
  browser: Browser;
  readonly #folder: string;
  readonly #extension: string;
  #others = 0;
  #plain: Browser | BrowserContext | undefined;

  private constructor(site: Site, daemon: FakeDaemon, browser: Browser, folder: string) {
    this.site = site;
    this.daemon = daemon;
    this.browser = browser;
    this.#folder = folder;
    this.#extension = patient(folder);
  }

  /** Opens a stage; others are folders of more extensions, which are installed before ours. */
  static async open(others: string[] = []): Promise<Stage> {
    const folder = mkdtempSync(`${tmpdir()}/tallykey-`);
    const daemon = new FakeDaemon(folder);
    await daemon.start();
    const site = await Site.open();
    const browser = await KIND.launch(folder);
    const stage = new Stage(site, daemon, browser, folder);
    stage.install();
    for (const other of others) await browser.installExtension(other);
    await stage.#installOurs(browser);
    return stage;
  }

  /** Installs our extension, and waits until its host is there: a browser that is just starting is no measure. */
  async #installOurs(browser: Browser): Promise<void> {
    const greeted = this.daemon.greeted();
    await browser.installExtension(this.#extension);
    await greeted;
  }

  /** Tells the browser about the host; allowed are the extensions that may use it. */
  install(allowed: keyof typeof KIND.allowed = "ours", folder = this.#folder): void {
    const manifest = { name: HOST_NAME, description: "test", path: HOST, type: "stdio", ...KIND.allowed[allowed] };
    writeFileSync(this.#manifest(folder), JSON.stringify(manifest));
  }

  /** Makes the browser forget the host. */
  uninstall(): void {
    rmSync(this.#manifest(this.#folder), { force: true });
  }

  #manifest(folder: string): string {
    const manifests = KIND.manifests(folder);
    mkdirSync(manifests, { recursive: true });
    return `${manifests}/${HOST_NAME}.json`;
  }

  /** Installs one more extension, after ours. */
  async add(extension: string): Promise<void> {
    await this.browser.installExtension(extension);
  }

  /** Installs ours again, as an update does while pages are open. */
  async update(): Promise<void> {
    await this.#installOurs(this.browser);
  }

  /** Ends the browser and starts it again with the same profile. */
  async restart(): Promise<void> {
    await this.#plain?.close();
    this.#plain = undefined;
    await this.browser.close();
    this.browser = await KIND.launch(this.#folder);
    await this.#installOurs(this.browser);
  }

  /** Another browser of the same person, with a profile of its own. It is the test's to close. */
  async another(): Promise<Browser> {
    const folder = `${this.#folder}/${++this.#others}`;
    this.install("ours", folder);
    const browser = await KIND.launch(folder, this.#folder);
    await this.#installOurs(browser);
    return browser;
  }

  /** Opens a page of the site in front. */
  async page(host?: string, query?: Query): Promise<Page> {
    const page = await this.browser.newPage();
    await page.goto(this.site.url(host, query));
    return page;
  }

  /** A page of the site that no extension sees: the browser as it is without ours. Firefox has no such windows. */
  async plain(host?: string): Promise<Page> {
    this.#plain ??= FIREFOX ? await KIND.launch(`${this.#folder}/plain`) : await this.browser.createBrowserContext();
    const page = await this.#plain.newPage();
    await page.goto(this.site.url(host));
    return page;
  }

  /** A page of the extension itself; before is a script that runs in it before its own. */
  async popup(file: "popup" | "options" = "popup", before = ""): Promise<Page> {
    const page = await this.browser.newPage();
    if (before) await page.evaluateOnNewDocument(before);
    if (FIREFOX) await load(this.browser, KIND.page(file));
    else await page.goto(KIND.page(file));
    return page;
  }

  /** The extension's background, where the browser lets a test in. */
  async background(): Promise<WebWorker> {
    const ours = (target: Target) => target.type() === "service_worker" && target.url().startsWith(KIND.page(""));
    const worker = await (await this.browser.waitForTarget(ours, { timeout: 30_000 })).worker();
    if (!worker) throw new Error("the extension has no background");
    return worker;
  }

  /** Kills the running hosts of this stage. */
  killHosts(): void {
    for (const id of this.hosts()) process.kill(id, "SIGKILL");
  }

  /** Process ids of the hosts that this stage's browser runs. */
  hosts(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => isHost(name, this.#folder))
      .map(Number);
  }

  async close(): Promise<void> {
    await this.#plain?.close();
    await this.browser.close();
    await this.daemon.stop();
    this.site.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A host is started with the extension's origin as its argument, in the stage's own runtime folder. */
function isHost(id: string, runtimeDir: string): boolean {
  try {
    const command = readFileSync(`/proc/${id}/cmdline`, "utf8");
    const environment = readFileSync(`/proc/${id}/environ`, "utf8");
    return command.includes(HOST) && environment.includes(`XDG_RUNTIME_DIR=${runtimeDir}\0`);
  } catch {
    return false; // it ended meanwhile, or it is somebody else's
  }
}
