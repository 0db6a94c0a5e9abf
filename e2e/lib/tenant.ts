import type { Page } from "puppeteer-core";
import type { Desktop } from "./desktop.ts";
import { program } from "./places.ts";
import { fill, seen, tap } from "./see.ts";

/** The tenant on the desktop's loopback, as a person uses its pages. */
export class Tenant {
  readonly #desktop: Desktop;
  readonly url = "http://localhost:8470/";
  readonly password: string;

  private constructor(desktop: Desktop, password: string) {
    this.#desktop = desktop;
    this.password = password;
  }

  /** Seeds and starts a tenant. It ends with the desktop's session. */
  static async start(desktop: Desktop, data: string): Promise<Tenant> {
    const { session } = desktop;
    const tenant = program("tallykey-tenant");
    const seeded = await session.host.run([tenant, "seed", "--data", data], session.env);
    const server = session.program("tenant", [tenant, "serve", "--listen", "127.0.0.1:8470", "--data", data]);
    await server.line(/ready at/);
    return new Tenant(desktop, passwordIn(seeded));
  }

  /** Opens the tenant in a tab. */
  open(): Promise<Page> {
    return this.#desktop.open(this.url);
  }

  /** Writes the UPN and goes on: to the number where phone sign-in is on, else to the password. */
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
