/** A daemon without a phone: it listens where the real one does and answers as a test tells it. */
import { mkdirSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import codes from "../../../daemon/api/codes.json" with { type: "json" };
import type { CeremonyParams } from "../../src/protocol.ts";
import { SoftwareAuthenticator } from "./authenticator.ts";

/** One call that reached the daemon. */
export interface DaemonCall {
  method: string;
  params: CeremonyParams;
  /** Says that a prompt is up. */
  take(): void;
  /** Answers with a result. */
  answer(result: unknown): void;
  /** Answers as the phone does when the person agrees, with these outputs of extensions. */
  approve(outputs?: object): void;
  /** Answers with a row of the table of outcome codes. */
  fail(code: string): void;
  /** Answers with any JSON-RPC error. */
  reject(error: object): void;
  /** Resolves when the extension cancels the call, or its connection ends. */
  cancelled: Promise<"cancelled" | "closed">;
}

export type Behaviour = (call: DaemonCall) => void;

/** Anything else that the extension said. */
export interface Said {
  method: string;
  params: { [name: string]: unknown };
}

/** A person who agrees at once. */
export const agree: Behaviour = (call) => {
  call.take();
  call.approve();
};

/** A person who declines at once. */
export const decline: Behaviour = (call) => {
  call.take();
  call.fail("declined");
};

export class FakeDaemon {
  /** What to do with the next ceremonies. */
  behave: Behaviour = agree;
  /** What to answer to other methods; undefined is no answer at all, and what is not here gets an empty object. */
  readonly results = new Map<string, unknown>();
  /** Ceremonies. */
  readonly calls: DaemonCall[] = [];
  /** All other calls. */
  readonly said: Said[] = [];
  readonly answers: unknown[] = [];
  readonly #authenticator = new SoftwareAuthenticator();
  readonly #waiting: ((call: DaemonCall) => void)[] = [];
  readonly #connections = new Set<Socket>();
  readonly #greeted: (() => void)[] = [];
  readonly #path: string;
  #server: Server | undefined;

  constructor(runtimeDir: string) {
    mkdirSync(`${runtimeDir}/tallykey`, { recursive: true });
    this.#path = `${runtimeDir}/tallykey/daemon.sock`;
  }

  start(): Promise<void> {
    this.#server = createServer((socket) => this.#serve(socket));
    return new Promise((resolve) => this.#server?.listen(this.#path, resolve));
  }

  /** Ends as a killed daemon does: every connection closes. */
  stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#connections) socket.destroy();
    return new Promise((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** Forgets what was said and how to answer. */
  reset(): void {
    this.results.clear();
    for (const list of [this.calls, this.said, this.answers]) list.length = 0;
  }

  /** What was said of a method. */
  heard(method: string): Said["params"][] {
    return this.said.filter((one) => one.method === method).map(({ params }) => params);
  }

  /** Lets what the extension sends pile up, as a daemon does that has no time; again to read on. */
  stall(stalled: boolean): void {
    for (const socket of this.#connections) stalled ? socket.pause() : socket.resume();
  }

  /** The next ceremony, whenever it comes. */
  next(): Promise<DaemonCall> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** An extension has said hello from now on. */
  greeted(): Promise<void> {
    return new Promise((resolve) => this.#greeted.push(resolve));
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket);
    const cancels = new Map<number, (how: "cancelled" | "closed") => void>();
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#connections.delete(socket);
      for (const cancel of cancels.values()) cancel("closed");
    });
    const lines = createInterface({ input: socket }).on("error", () => {}); // a host that was killed
    lines.on("line", (line) => {
      const message = JSON.parse(line);
      if (message.method === "cancel") cancels.get(message.params.id)?.("cancelled");
      else this.#called(socket, message, new Promise((resolve) => cancels.set(message.id, resolve)));
    });
  }

  #called(
    socket: Socket,
    { id, method, params }: { id: number; method: string; params: CeremonyParams },
    cancelled: DaemonCall["cancelled"],
  ): void {
    const send = (message: object) => void socket.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    if (method !== "webauthn.create" && method !== "webauthn.get") {
      this.said.push({ method, params: params as never });
      if (method === "browser.hello") for (const resolve of this.#greeted.splice(0)) resolve();
      const result = this.results.has(method) ? this.results.get(method) : {};
      if (result !== undefined) send({ id, result });
      return;
    }
    const call: DaemonCall = {
      method,
      params,
      cancelled,
      take: () => send({ method: "webauthn.taken", params: { token: params.token, request: `request-${id}` } }),
      answer: (result) => {
        this.answers.push(result);
        send({ id, result });
      },
      approve: (outputs = {}) => {
        const made = this.#authenticator[method === "webauthn.create" ? "create" : "get"](params);
        call.answer({ ...made, clientExtensionResults: outputs });
      },
      fail: (code) => call.reject({ code: -32000, message: code, data: dataOf(code) }),
      reject: (error) => send({ id, error }),
    };
    this.calls.push(call);
    this.#waiting.shift()?.(call);
    this.behave(call);
  }
}

function dataOf(code: string): object {
  const row = codes.find((candidate) => candidate.code === code);
  if (!row) throw new Error(`no code ${code}`);
  return { code, error: row.error, fallThrough: row.fallThrough, request: "request-1" };
}
