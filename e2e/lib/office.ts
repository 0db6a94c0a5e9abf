import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import puppeteer, { type CDPSession, type Page, type Browser as Puppet } from "puppeteer-core";
import { chromium } from "./browser.ts";
import { Ends } from "./ends.ts";
import { program } from "./places.ts";
import { basics, Program, run } from "./program.ts";
import { fill, seen, tap } from "./see.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What the demo tenant has beside its three demo users. */
const USERS = `upn,name,groups
bo.lind@contoso.example,Bo Lind,Pilot
chidi@contoso.example,Chidi Anagonye,Pilot;Warehouse
dana.scully@contoso.example,Dana Scully,Pilot
eli@contoso.example,Eli Moreno,Warehouse
farah.a-very-long-family-name@subsidiary.contoso.example,Farah,
`;

/** A tenant with people in it, and a Chromium with a platform authenticator that agrees to everything. */
export class Office implements AsyncDisposable {
  readonly url = "http://localhost:8470";
  readonly ends = new Ends();
  passwords = new Map<string, string>();
  page!: Page;
  /** Runs a command of the tenant. */
  readonly command: (...args: string[]) => Promise<string>;
  readonly #data: string;
  #cdp!: CDPSession;
  #authenticator = "";

  private constructor(out: string) {
    this.#data = mkdtempSync(join(out, "tenant-"));
    const tenant = program("tallykey-tenant");
    this.command = (...args) => {
      const named = args.findIndex((arg) => arg.startsWith("--"));
      const at = named < 0 ? args.length : named;
      return run([tenant, ...args.slice(0, at), "--data", this.#data, ...args.slice(at)]);
    };
  }

  static async start(out: string): Promise<Office> {
    const office = new Office(out);
    try {
      await office.#furnish();
      await office.#serve(out);
      office.page = await office.#browser();
      return office;
    } catch (failure) {
      await office[Symbol.asyncDispose]();
      throw failure;
    }
  }

  async #furnish(): Promise<void> {
    for (const line of (await this.command("seed")).trim().split("\n")) {
      const [upn = "", password = ""] = line.split(/\s+/);
      this.passwords.set(upn, password);
    }
    const file = join(this.#data, "users.csv");
    writeFileSync(file, USERS);
    await this.command("users", "import", "--file", file);
    await this.command("admins", "set", "--upn", "alice@contoso.example");
    await this.command("admins", "set", "--upn", "bob@contoso.example", "--role", "helpdesk");
    await this.command("apps", "add", "--name", "Mail", "--redirect", "https://mail.contoso.example/callback");
  }

  async #serve(out: string): Promise<void> {
    const command = [program("tallykey-tenant"), "serve", "--listen", "127.0.0.1:8470", "--data", this.#data];
    const server = new Program({ name: "tenant", command, env: basics(), log: `${out}/tenant.log` });
    this.ends.use(server);
    await server.line(/ready at/);
  }

  async #browser(): Promise<Page> {
    const puppet = await puppeteer.launch({
      executablePath: chromium(),
      pipe: true,
      defaultViewport: { width: 1280, height: 800 },
      args: ["--disable-gpu", "--password-store=basic", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
    });
    this.ends.add(() => puppet.close());
    const page = await puppet.newPage();
    this.#cdp = await page.createCDPSession();
    await this.#cdp.send("WebAuthn.enable", { enableUI: false });
    const options = {
      protocol: "ctap2" as const,
      transport: "internal" as const,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    };
    this.#authenticator = (await this.#cdp.send("WebAuthn.addVirtualAuthenticator", { options })).authenticatorId;
    return page;
  }

  /** Whether the person at the authenticator answers at once; otherwise nobody does. */
  async answers(enabled: boolean): Promise<void> {
    const authenticatorId = this.#authenticator;
    await this.#cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled });
  }

  /** Signs in with the password; if asked, an invitation registers the authenticator first. */
  async enter(upn: string, register = false): Promise<void> {
    const { page } = this;
    if (register) await this.#register(upn);
    await page.goto(`${this.url}/password`);
    await fill(page, "#username", upn);
    await fill(page, "#password", this.passwords.get(upn) ?? "");
    await tap(page, "#go");
    await seen(page, /Signed in as/);
  }

  async #register(upn: string): Promise<void> {
    const { page } = this;
    const [pass = ""] =
      (await this.command("users", "invite", "--upn", upn)).match(/\b[a-z2-7]{5}(-[a-z2-7]{5}){3}\b/) ?? [];
    await page.goto(`${this.url}/invite`);
    await fill(page, "#pass", pass);
    await tap(page, "#go");
    await tap(page, "#register");
    await seen(page, /Signed in as/); // with what was registered, at once
    await this.leave();
  }

  /** Signs in with the authenticator. */
  async enterByKey(upn: string): Promise<void> {
    await this.page.goto(`${this.url}/signin`);
    await fill(this.page, "#username", upn);
    await tap(this.page, "#next");
    await seen(this.page, /Signed in as/);
  }

  async leave(): Promise<void> {
    await this.page.goto(this.url);
    await tap(this.page, "#signout");
    await this.page.waitForSelector("#username", { visible: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ends[Symbol.asyncDispose]();
  }
}

/** A headless Firefox without anything of ours. */
export async function firefox(): Promise<Puppet> {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: process.env["FIREFOX"] ?? "/usr/bin/firefox-esr",
    headless: true,
    defaultViewport: { width: 1280, height: 800 },
  });
}

/** What axe finds wrong with the page, by all its rules or by some: rule and place. */
export async function faults(page: Page, only?: string[]): Promise<string[]> {
  await page.evaluate(axe);
  const options = JSON.stringify({ resultTypes: ["violations"], ...(only && { runOnly: only }) });
  const found = (await page.evaluate(`axe.run(document, ${options})`)) as AxeResults;
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 200)).join(" | ")}`);
}

/** By how many pixels the page is wider than its window. */
export function tooWide(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
