/** Websites on this machine. Browsers resolve every name below localhost to it and treat it as a secure context. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Functions that the pages bring for the tests' scripts. */
const HELPERS = `
const bytes = (length) => crypto.getRandomValues(new Uint8Array(length));
const creation = (more = {}) => ({
  rp: { name: "Contoso" },
  user: { id: bytes(16), name: "alice@contoso.example", displayName: "Alice" },
  challenge: bytes(32),
  pubKeyCredParams: [{ type: "public-key", alg: -7 }],
  ...more,
});
const create = (more, rest = {}) => outcome(navigator.credentials.create({ publicKey: creation(more), ...rest }));
const get = (more, rest = {}) => outcome(navigator.credentials.get({ publicKey: { challenge: bytes(32), ...more }, ...rest }));
const outcome = (promise) => promise.then(
  (credential) => ({ credential: credential && credential.toJSON() }),
  (error) => ({ error: String(error), name: error?.name, message: error?.message, dom: error instanceof DOMException }),
);
addEventListener("message", async ({ data, source }) => {
  if (typeof data.run === "string") source.postMessage({ ran: data.run, value: await (0, eval)(data.run) }, "*");
});
const inFrame = (frame, run) => new Promise((resolve) => {
  addEventListener("message", function heard({ data, source }) {
    if (source !== frame.contentWindow || data.ran !== run) return;
    removeEventListener("message", heard);
    resolve(data.value);
  });
  frame.contentWindow.postMessage({ run }, "*");
});
const addFrame = (attributes) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
  frame.onload = () => resolve(frame);
  document.body.append(frame);
});
`;

/** What a page is given: headers, and a script that runs before all others. */
export interface Query {
  policy?: string;
  csp?: string;
  script?: string;
  [name: string]: string | undefined;
}

export class Site {
  readonly #server: Server;
  readonly port: number;
  /** What a browser asked for to render it before anybody went there. */
  readonly early: readonly (string | undefined)[];

  private constructor(server: Server, early: (string | undefined)[]) {
    this.#server = server;
    this.early = early;
    this.port = (server.address() as AddressInfo).port;
  }

  static open(): Promise<Site> {
    const early: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      if (request.headers["sec-purpose"]?.includes("prerender")) early.push(request.url);
      const { searchParams } = new URL(request.url ?? "/", "http://localhost");
      const policy = searchParams.get("policy");
      if (policy) response.setHeader("Permissions-Policy", policy);
      const csp = searchParams.get("csp");
      if (csp) response.setHeader("Content-Security-Policy", csp);
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      const before = searchParams.get("script") ?? "";
      response.end(`<!doctype html><title>page</title><script>${before}</script><script>${HELPERS}</script><body>`);
    });
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(new Site(server, early))));
  }

  /** The address of a page; host is "localhost" or below it. */
  url(host = "localhost", query: Query = {}): string {
    return `${this.origin(host)}/?${new URLSearchParams(query as Record<string, string>)}`;
  }

  origin(host = "localhost"): string {
    return `http://${host}:${this.port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
