import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { within } from "./wait.ts";

/** One request as the daemon tells the desktop's surfaces of it. */
export interface Request {
  id: string;
  action: "pair" | "create" | "get";
  state: "queued" | "waiting" | "delivered" | "answering" | "ended";
  code?: string;
  host?: string;
  account?: string;
  browser?: string;
  phone?: string;
  number?: string;
}

/** A state of a request, and when it was told, by performance.now(). */
export interface Told {
  request: Request;
  at: number;
}

interface Reply {
  id?: number;
  method?: string;
  params?: { request?: Request };
  result?: unknown;
  error?: { message: string; data?: { code?: string } };
}

/**
 * A client of the daemon, as the window is one: it watches requests. This is how a test reads the number that a person
 * reads on the screen, without asking again and again.
 */
export class Client {
  /** Everything that was told, oldest first. */
  readonly told: Told[] = [];
  readonly #socket: Socket;
  readonly #calls = new Map<number, (reply: Reply) => void>();
  readonly #listeners = new Set<() => void>();
  #next = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface(socket).on("line", (line) => this.#read(JSON.parse(line) as Reply));
    socket.on("error", () => {});
  }

  /** Connects and starts to watch. */
  static async watch(path: string): Promise<Client> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    const client = new Client(socket);
    const { requests } = await client.call<{ requests: Request[] | null }>("watch");
    for (const request of requests ?? []) client.#tell(request);
    return client;
  }

  /** Calls a method of the daemon; a failure's message begins with its code. */
  async call<T>(method: string, params?: object): Promise<T> {
    const id = this.#next++;
    const reply = new Promise<Reply>((resolve) => this.#calls.set(id, resolve));
    this.#socket.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, ...(params && { params }) })}\n`);
    const { result, error } = await within(10_000, `the daemon's answer to ${method}`, reply);
    if (error) throw new Error(`${error.data?.code ?? "error"}: ${error.message}`);
    return result as T;
  }

  /** The first state of a request that fits, of those told after the first `skip`. */
  async request(what: string, fits: (request: Request) => boolean, skip = 0, ms = 15_000): Promise<Told> {
    return within(ms, what, this.#find(fits, skip)).catch((late: Error) => {
      const last = this.told.slice(-4).map(({ request }) => `${request.action} ${request.state} ${request.code ?? ""}`);
      throw new Error(`${late.message}; told last: ${last.join(", ") || "nothing"}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  async #find(fits: (request: Request) => boolean, skip: number): Promise<Told> {
    for (let next = skip; ; ) {
      for (; next < this.told.length; next++) {
        const told = this.told[next];
        if (told && fits(told.request)) return told;
      }
      await new Promise<void>((resolve) => this.#listeners.add(resolve));
    }
  }

  #read(reply: Reply): void {
    if (reply.params?.request) this.#tell(reply.params.request);
    if (reply.id !== undefined) this.#calls.get(reply.id)?.(reply);
  }

  #tell(request: Request): void {
    this.told.push({ request, at: performance.now() });
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
