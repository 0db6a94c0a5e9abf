/**
 * The gate stands between the page and the rest of the extension, in the isolated world. It takes the hook's end of
 * the channel, checks what only the frame can tell, and opens one port for each request, so that closing the page, or
 * removing the frame, cancels it without a word from anyone.
 */
import { type GateMessage, type GateWord, HELLO, type PageMessage, type Verdict } from "../messages.ts";
import type { Port } from "../platform.ts";
import { whenFocused } from "./focus.ts";
import { hasForeignAncestor, mayAsk } from "./frame.ts";
import { policyAllows, policyForbids } from "./policy.ts";
import { offer, relay } from "./relay.ts";

/** What the gate needs of the extension API. */
export interface Background {
  connect(name: string): Port;
  /** Sends one message and gives its answer. */
  message(message: GateWord): Promise<unknown>;
}

/** Waits for the hook of this document and serves it. */
export function openGate(scope: Window, background: Background): void {
  const hello = (event: Event) => {
    event.stopImmediatePropagation();
    scope.removeEventListener(HELLO, hello, true);
    const port = (event as MessageEvent).ports[0];
    if (!port) return;
    event.preventDefault(); // the hook's sign that somebody listens
    // Nothing more before the page asks for something: most pages never do, and all wait for this here.
    let gate: Gate | undefined;
    port.onmessage = ({ data }) => {
      gate ??= new Gate(port, background, scope);
      gate.hear(data as PageMessage);
    };
  };
  scope.addEventListener(HELLO, hello, true);
}

class Gate {
  readonly #page: MessagePort;
  readonly #background: Background;
  readonly #scope: Window;
  /** Requests by number, with what cancels each. */
  readonly #open = new Map<number, () => void>();
  /** Requests of a page that is in the cache. */
  readonly #left = new Set<number>();
  /** Offers by number, with what withdraws each. */
  readonly #offers = new Map<number, () => void>();

  constructor(page: MessagePort, background: Background, scope: Window) {
    this.#page = page;
    this.#background = background;
    this.#scope = scope;
    // A page in the back/forward cache keeps its promises; they must not wait for ever when it comes back. Firefox
    // loses what is posted to a page on its way into the cache, so the page learns of it when it is back.
    scope.addEventListener("pagehide", () => this.#leave());
    scope.addEventListener("pageshow", () => this.#comeBack());
  }

  hear(message: PageMessage): void {
    if (message.kind === "cancel") this.#cancel(message.n);
    else if (message.kind === "paired") void this.#paired(message.n);
    else if (message.kind === "signal") this.#signal(message);
    else if (message.kind === "offer") this.#offer(message);
    else void this.#ask(message);
  }

  async #ask({ n, op, options }: PageMessage & { kind: "ask" }): Promise<void> {
    const settle = (verdict: Verdict) => {
      if (verdict.kind !== "native" || !verdict.asked) return this.#settle(n, verdict);
      this.#open.set(
        n,
        whenFocused(this.#scope, () => this.#settle(n, verdict)),
      );
    };
    this.#open.set(n, () => {});
    this.#page.postMessage({ n, heard: true } satisfies GateMessage);
    try {
      const framed = hasForeignAncestor();
      const allowed = mayAsk(op, framed) && (await policyAllows(op));
      if (!this.#open.has(n)) return; // cancelled meanwhile
      if (!allowed) settle({ kind: "native" });
      else
        this.#open.set(
          n,
          relay((name) => this.#background.connect(name), { op, options, framed }, settle),
        );
    } catch {
      settle({ kind: "native" }); // an extension that was updated or removed has no runtime left to connect to
    }
  }

  /** Unlike a request, an offer raises no prompt, so a page that nobody sees yet may make one. */
  #offer({ n, options }: PageMessage & { kind: "offer" }): void {
    if (self.origin === "null" || policyForbids("get")) return;
    const picked = (credential: string) => {
      if (this.#offers.delete(n)) this.#page.postMessage({ n, picked: credential } satisfies GateMessage);
    };
    try {
      const connect = (name: string) => this.#background.connect(name);
      this.#offers.set(n, offer(connect, { options, framed: hasForeignAncestor() }, picked));
    } catch {
      // Nothing is offered; the browser's own list is there all the same.
    }
  }

  #signal({ signal, options }: PageMessage & { kind: "signal" }): void {
    void this.#background.message({ kind: "signal", signal, options, framed: hasForeignAncestor() }).catch(() => {});
  }

  async #paired(n: number): Promise<void> {
    const answer = await this.#background.message({ kind: "paired" }).catch(() => false);
    this.#page.postMessage({ n, paired: answer === true } satisfies GateMessage);
  }

  #settle(n: number, verdict: Verdict): void {
    if (this.#open.delete(n) || this.#left.delete(n)) this.#page.postMessage({ n, verdict } satisfies GateMessage);
  }

  #cancel(n: number): void {
    const close = this.#open.get(n) ?? this.#offers.get(n);
    this.#open.delete(n);
    this.#offers.delete(n);
    this.#left.delete(n);
    close?.();
  }

  #leave(): void {
    for (const [n, close] of this.#open) {
      this.#left.add(n);
      close();
    }
    this.#open.clear();
    for (const withdraw of this.#offers.values()) withdraw();
    this.#offers.clear();
  }

  #comeBack(): void {
    const verdict: Verdict = { kind: "error", name: "NotAllowedError", message: "The page was left while it waited." };
    for (const n of [...this.#left]) this.#settle(n, verdict);
  }
}
