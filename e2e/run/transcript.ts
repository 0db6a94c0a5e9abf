/** What happens, told as it happens, with the time since the start and what the step took. */
export class Transcript {
  readonly #start = performance.now();
  readonly #tell: (line: string) => void;

  constructor(tell: (line: string) => void = console.log) {
    this.#tell = tell;
  }

  /** Does a step and tells it when it is done. */
  async step<T>(what: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const result = await work();
    const now = performance.now();
    this.#tell(`${seconds(now - this.#start)}  ${what} (${Math.round(now - began)} ms)`);
    return result;
  }

  /** Tells something that took no time. */
  note(what: string): void {
    this.#tell(`${seconds(performance.now() - this.#start)}  ${what}`);
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2).padStart(7)} s`;
