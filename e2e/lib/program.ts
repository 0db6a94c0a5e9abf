import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { within } from "./wait.ts";

/** What to start. */
export interface Start {
  /** Names the program in failures and its log. */
  name: string;
  command: string[];
  /** The whole environment: nothing of the caller's comes along. */
  env: Record<string, string>;
  /** File that gets all output; none where it holds a secret. */
  log?: string;
  /** Text for the standard input, which then closes. */
  input?: string;
}

/** How a program ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A program that was started here, with its output in a file and in memory. It leads a process group of its own. */
export class Program implements AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the program has ended and its output is read. */
  readonly ended: Promise<Exit>;
  /** When it was started, by performance.now(). */
  readonly started = performance.now();
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  #exit: Exit | undefined;

  constructor(start: Start) {
    const [file = "", ...args] = start.command;
    this.name = start.name;
    this.#child = spawn(file, args, { env: start.env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    this.pid = this.#child.pid ?? 0;
    this.ended = new Promise((resolve) => {
      const done = (exit: Exit) => {
        this.#exit = exit;
        this.#wake();
        resolve(exit);
      };
      this.#child.on("error", (error) =>
        this.#read(`could not start: ${error.message}`, () => done({ code: 127, signal: null })),
      );
      this.#child.on("close", (code, signal) => done({ code, signal }));
    });
    this.#child.stdin?.on("error", () => {}).end(start.input ?? "");
    this.#listen(start.log);
  }

  /** All output lines so far. */
  get output(): readonly string[] {
    return this.#lines;
  }

  /** Whether it still runs. */
  get running(): boolean {
    return this.#exit === undefined;
  }

  /** The first output line after `skip` that fits, also one that is there already; fails when the program ends first. */
  async line(fits: RegExp, ms = 20_000, skip = 0): Promise<RegExpExecArray> {
    return within(ms, `${this.name}: a line like ${fits}`, this.#find(fits, skip));
  }

  /** Asks it to end, and makes it after 5 seconds. Its whole process group goes. */
  async stop(): Promise<Exit> {
    this.#signal(-this.pid, "SIGTERM");
    const force = setTimeout(() => this.#signal(-this.pid, "SIGKILL"), 5000);
    const exit = await this.ended;
    clearTimeout(force);
    this.#signal(-this.pid, "SIGKILL");
    return exit;
  }

  /** Kills it, and not its children: what a crash looks like. */
  async kill(): Promise<Exit> {
    this.#signal(this.pid, "SIGKILL");
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #find(fits: RegExp, skip: number): Promise<RegExpExecArray> {
    for (let next = skip; ; ) {
      for (; next < this.#lines.length; next++) {
        const found = fits.exec(this.#lines[next] ?? "");
        if (found) return found;
      }
      if (this.#exit)
        throw new Error(
          `${this.name} ended (${JSON.stringify(this.#exit)}) without a line like ${fits}; ${this.#lines.slice(-3).join(" | ")}`,
        );
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #listen(log?: string): void {
    if (log) mkdirSync(dirname(log), { recursive: true });
    const file = log ? createWriteStream(log, { flags: "a" }) : undefined;
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (!stream) continue;
      if (file) stream.pipe(file, { end: false });
      createInterface(stream).on("line", (line) => this.#read(line));
    }
    void this.ended.then(() => file?.end());
  }

  #read(line: string, then?: () => void): void {
    this.#lines.push(line);
    this.#wake();
    then?.();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #signal(pid: number, signal: NodeJS.Signals): void {
    if (this.pid === 0) return;
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended already.
    }
  }
}

/** Runs a program to its end and returns its output; fails when it fails. */
export async function run(command: string[], env: Record<string, string> = basics(), input = ""): Promise<string> {
  const [file = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.on("data", (data) => {
      out += data;
    });
    child.stderr.on("data", (data) => {
      err += data;
    });
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${command.join(" ")}: exit ${code}: ${err || out}`)),
    );
    child.stdin.on("error", () => {}).end(input);
  });
}

/** The environment that every program gets: where programs are, and a language whose texts the tests know. */
export function basics(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin:/usr/sbin:/sbin", LANG: "C.UTF-8", LANGUAGE: "en" };
}
