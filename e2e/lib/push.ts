import type { Page } from "puppeteer-core";
import type { Host } from "./network.ts";
import { Program } from "./program.ts";

/** An address of the documentation (RFC 5737): to the desktop it is one on the internet. */
export const PUSH_HOST = "203.0.113.7";

/** What was pushed, and what it came with. */
export interface Pushed {
  /** As the phone decrypts it. */
  message: string;
  headers: Record<string, string>;
  /** Claims of the signature, the public key that it is by, and whether it is. */
  vapid: { k: string; genuine: boolean; aud: string; exp: number };
}

interface Subscribed {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** A push service on a host of the test network, for the one phone that subscribes there. */
export class PushService implements AsyncDisposable {
  readonly #program: Program;
  readonly #subscription: Subscribed;

  private constructor(program: Program, subscription: Subscribed) {
    this.#program = program;
    this.#subscription = subscription;
  }

  /** Starts it on a host, and leads the other host there. Certificate and key are files. */
  static async start(host: Host, from: Host, certificate: string, key: string, env: Record<string, string>) {
    await host.run(["ip", "addr", "add", `${PUSH_HOST}/32`, "dev", "lo"]);
    await from.run(["ip", "route", "add", `${PUSH_HOST}/32`, "via", host.address]);
    const script = new URL("../rp/push.mjs", import.meta.url).pathname;
    const command = host.command([process.execPath, script, PUSH_HOST, certificate, key]);
    const program = new Program({ name: "push", command, env });
    const [line] = await program.line(/^\{"endpoint".*\}$/);
    return new PushService(program, JSON.parse(line) as Subscribed);
  }

  /**
   * From the next navigation on, the page subscribes here: a browser without a screen asks its maker's push service in
   * vain. Everything else, the permission and the service worker, is the browser's own.
   */
  async serve(page: Page): Promise<void> {
    await page.browserContext().setPermission(new URL(page.url()).origin, {
      permission: { name: "notifications" },
      state: "granted",
    });
    await page.evaluateOnNewDocument(({ endpoint, p256dh, auth }: Subscribed) => {
      const bytes = (text: string) =>
        Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)).buffer;
      const keys: Record<string, string> = { p256dh, auth };
      const made = {
        endpoint,
        getKey: (name: string) => bytes(keys[name] ?? ""),
        unsubscribe: async () => {
          localStorage.removeItem("subscribed");
          return true;
        },
      };
      Object.assign(PushManager.prototype, {
        subscribe: async (options: PushSubscriptionOptionsInit) => {
          const key = String.fromCharCode(...new Uint8Array(options.applicationServerKey as ArrayBuffer));
          localStorage.setItem("subscribed", btoa(key));
          return made;
        },
        getSubscription: async () => (localStorage.getItem("subscribed") === null ? null : made),
      });
    }, this.#subscription);
  }

  /** How many messages came so far. */
  get count(): number {
    return this.#program.output.filter((line) => line.startsWith('{"message"')).length;
  }

  /** The message after the first `skip`, once it is there. */
  async message(skip: number): Promise<Pushed> {
    const all = () => this.#program.output.filter((line) => line.startsWith('{"message"'));
    for (let from = 0; all().length <= skip; from = this.#program.output.length) {
      await this.#program.line(/^\{"message"/, 30_000, from);
    }
    return JSON.parse(all()[skip] ?? "") as Pushed;
  }

  /** The subscription's secret part: it must not be in any log. */
  get secret(): string {
    return new URL(this.#subscription.endpoint).pathname.slice(1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.stop();
  }
}
