/** A list of what must be undone. The last thing begun ends first; one that fails does not keep the others from ending. */
export class Ends implements AsyncDisposable {
  readonly #ends: (() => unknown)[] = [];

  /** Notes how to end something. */
  add(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** Notes something that knows how to end itself, and returns it. */
  use<T extends AsyncDisposable>(thing: T): T {
    this.add(() => thing[Symbol.asyncDispose]());
    return thing;
  }

  /** Ends everything. All failures come back as one. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let end = this.#ends.pop(); end; end = this.#ends.pop()) {
      try {
        await end();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `could not end: ${failures.join("; ")}`);
  }
}
