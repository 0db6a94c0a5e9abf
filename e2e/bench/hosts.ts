/** Native messaging hosts without a browser: a frame in, a frame out. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";

/** A host under test, as a browser starts it. */
export class BareHost {
  readonly #program: ChildProcessWithoutNullStreams;
  #got = Buffer.alloc(0);

  constructor(path: string, env: Record<string, string>) {
    this.#program = spawn(path, ["chrome-extension://bench/"], { env: { ...process.env, ...env } });
    this.#program.stderr.resume();
  }

  get pid(): number {
    return this.#program.pid ?? 0;
  }

  /** Sends one message and waits for one. */
  async ask(message: object): Promise<unknown> {
    const text = Buffer.from(JSON.stringify(message));
    const frame = Buffer.alloc(4 + text.length);
    frame.writeUInt32LE(text.length);
    text.copy(frame, 4);
    this.#program.stdin.write(frame);
    while (this.#got.length < 4 || this.#got.length < 4 + this.#got.readUInt32LE()) {
      const [chunk] = (await once(this.#program.stdout, "data")) as [Buffer];
      this.#got = Buffer.concat([this.#got, chunk]);
    }
    const end = 4 + this.#got.readUInt32LE();
    const answer: unknown = JSON.parse(this.#got.toString("utf8", 4, end));
    this.#got = this.#got.subarray(end);
    return answer;
  }

  async end(): Promise<void> {
    this.#program.stdin.end();
    if (this.#program.exitCode === null) await once(this.#program, "exit");
  }
}

/** Times of n starts, each to the first answer. */
export async function coldTimes(start: () => BareHost, message: object, n: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < n; i++) {
    const from = performance.now();
    const host = start();
    await host.ask(message);
    times.push(performance.now() - from);
    await host.end();
  }
  return times;
}

/** Times of n questions to one host. */
export async function warmTimes(host: BareHost, message: object, n: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < n; i++) {
    const from = performance.now();
    await host.ask(message);
    times.push(performance.now() - from);
  }
  return times;
}
