/**
 * Conditional requests: the browser shows its own list of passkeys at the page's fields, and what the phone holds is
 * offered beside it, on the toolbar button and in the context menu of fields. Nobody is asked before one is picked.
 */
import type { Offer, Picked } from "../messages.ts";
import type { Port } from "../platform.ts";
import { type Caller, type CeremonyParams, METHOD_CANDIDATES, type Registration } from "../protocol.ts";
import { callerOf } from "./caller.ts";
import type { Answer, Host } from "./host.ts";
import type { Tabs } from "./tabs.ts";

/** How many registrations are offered to one request. */
export const MOST = 20;

export class Offers {
  readonly #host: Host;
  readonly #tabs: Tabs;

  constructor(host: Host, tabs: Tabs) {
    this.#host = host;
    this.#tabs = tabs;
  }

  /** Serves one port of a gate: its first message is the offer, its end is the end of the offer. */
  serve(port: Port): void {
    let begun = false;
    port.onMessage.addListener((message) => {
      if (begun) return;
      begun = true;
      this.#begin(port, message as Offer | null);
    });
  }

  #begin(port: Port, offer: Offer | null): void {
    const tab = port.sender?.tab?.id;
    if (!isOffer(offer) || tab === undefined) return port.disconnect();
    const caller = callerOf(port.sender, offer.framed);
    if (caller) this.#look(port, caller, tab, offer.options);
    else port.disconnect();
  }

  #look(port: Port, caller: Caller, tab: number, options: object): void {
    let withdraw = () => {};
    const params: CeremonyParams = { ...caller, token: "", options };
    const call = this.#host.call(METHOD_CANDIDATES, params, (answer) => {
      const registrations = registrationsIn(answer);
      if (registrations.length === 0) return port.disconnect();
      const pick = (credential: string) => port.postMessage({ credential } satisfies Picked);
      withdraw = this.#tabs.offer({ tab, origin: caller.origin, registrations, pick });
    });
    port.onDisconnect.addListener(() => {
      call.cancel();
      withdraw();
    });
  }
}

function registrationsIn(answer: Answer): Registration[] {
  const list = answer.kind === "result" && Array.isArray(answer.result) ? answer.result : [];
  return list.filter((one) => typeof one?.id === "string" && typeof one.account === "string").slice(0, MOST);
}

function isOffer(offer: Offer | null | undefined): offer is Offer {
  if (typeof offer !== "object" || offer === null || typeof offer.framed !== "boolean") return false;
  return typeof offer.options === "object" && offer.options !== null;
}
