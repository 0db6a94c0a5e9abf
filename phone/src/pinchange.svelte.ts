import type { PinVerifier } from "./keys/pinverifier";
import type { Bytes } from "./link/bytes";

/** A change of the app PIN. The old one is asked for first, as in a request: its tries are counted like any other. */
export class PinChange {
  /** The old PIN was entered: the new one can be chosen. */
  allowed = $state(false);
  private secret: Bytes | undefined;
  private readonly over = new AbortController();

  constructor(private readonly pin: PinVerifier) {}

  /** Asks for the old PIN. Rejects where it does not come: a request took its place, or the keys were erased. */
  async begin(): Promise<void> {
    this.secret = await this.pin.open(this.over.signal);
    this.allowed = true;
  }

  /** Keeps the new PIN. What stood under the old one opens under it. */
  async keep(pin: string): Promise<void> {
    if (this.secret) await this.pin.replace(this.secret, pin);
    this.end();
  }

  /** The screen was left. */
  end(): void {
    this.over.abort();
    this.secret = undefined;
  }
}
