import type { Page } from "puppeteer-core";
import type { Desktop } from "./desktop.ts";
import { program } from "./places.ts";
import type { Program } from "./program.ts";
import { fill, seen, tap } from "./see.ts";

/** The tenant on the desktop's loopback, as a person uses its pages. */
export class Tenant {
  readonly #desktop: Desktop;
  readonly #data: string;
  readonly #server: Program;
  readonly url: string;
  readonly password: string;

  private constructor(desktop: Desktop, data: string, server: Program, port: number, password: string) {
    this.#desktop = desktop;
    this.#data = data;
    this.#server = server;
    this.url = `http://localhost:${port}/`;
    this.password = password;
  }

  /** Seeds and starts a tenant. It ends with the desktop's session. */
  static async start(desktop: Desktop, data: string, port = 8470): Promise<Tenant> {
    const { session } = desktop;
    const tenant = program("tallykey-tenant");
    const seeded = await session.host.run([tenant, "seed", "--data", data], session.env);
    const serve = [tenant, "serve", "--listen", `127.0.0.1:${port}`, "--data", data];
    const server = session.program(`tenant-${port}`, serve);
    await server.line(/ready at/);
    return new Tenant(desktop, data, server, port, passwordIn(seeded));
  }

  /** Runs a command of the admin's, such as "policy set --approve optional", and returns what it prints. */
  admin(command: string): Promise<string> {
    const [area = "", verb = "", ...rest] = command.split(" ");
    const flags =
      area === "log" ? [area, "--data", this.#data, verb, ...rest] : [area, verb, "--data", this.#data, ...rest];
    return this.#desktop.session.host.run([program("tallykey-tenant"), ...flags], this.#desktop.session.env);
  }

  /** Where it serves the phone app. */
  get app(): string {
    return `${this.url}phone/`;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.#server.stop();
  }

  /** Opens the tenant in a tab. */
  open(): Promise<Page> {
    return this.#desktop.open(this.url);
  }

  /** Writes the UPN and goes on: to the number in a browser that this account's phone signed in from, else to a choice. */
  async username(page: Page, upn: string): Promise<void> {
    await fill(page, "#username", upn);
    await tap(page, "#next");
  }

  /** Writes the password and goes on. */
  async givePassword(page: Page, password = this.password): Promise<void> {
    await fill(page, "#password", password);
    await tap(page, "#go");
  }

  /** Chooses "Use your password instead". */
  async usePassword(page: Page): Promise<void> {
    await tap(page, "#use-password");
  }

  /** Goes to where the phone's key is asked for: what follows is on the phone. */
  async enable(page: Page): Promise<void> {
    await tap(page, "#security");
    await tap(page, "#enable");
    await this.givePassword(page);
    await tap(page, "#register");
  }

  /** Signs in with the password and enables phone sign-in; approve answers on the phone. */
  async enroll(page: Page, upn: string, approve: () => Promise<void>): Promise<void> {
    await this.username(page, upn);
    await this.givePassword(page);
    await this.enable(page);
    await approve();
    await page.waitForSelector("#enabled", { visible: true });
  }

  async signOut(page: Page): Promise<void> {
    await page.goto(this.url);
    await tap(page, "#signout");
    await page.waitForSelector("#username", { visible: true });
  }

  /** Waits until the page says who is signed in. */
  signedIn(page: Page, upn: string): Promise<string> {
    return seen(page, new RegExp(`Signed in as ${upn.replaceAll(".", "\\.")}`));
  }
}

/** The demo person's password, that the seed tells once. */
function passwordIn(seeded: string): string {
  const found = /^alice@contoso\.example\s+(\S+)$/m.exec(seeded);
  if (!found?.[1]) throw new Error("the seed tells no password of alice");
  return found[1];
}
