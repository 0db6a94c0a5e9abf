/** What websites say of their credentials goes to the daemon as well, which hides what is not accepted any more. */
import type { GateWord } from "../messages.ts";
import { METHOD_SIGNAL, type SignalKind, type SignalParams } from "../protocol.ts";
import { callerOf } from "./caller.ts";
import type { Host } from "./host.ts";

const KINDS: readonly SignalKind[] = ["unknownCredential", "allAcceptedCredentials", "currentUserDetails"];

/** Passes one signal on. The website gets no answer to it, from anyone. */
export function passOn(host: Host, word: GateWord & { kind: "signal" }, sender: chrome.runtime.MessageSender): void {
  const { signal, options, framed } = word;
  if (!KINDS.includes(signal) || typeof options !== "object" || options === null || typeof framed !== "boolean") return;
  const caller = callerOf(sender, framed);
  if (caller) host.call(METHOD_SIGNAL, { ...caller, kind: signal, options } satisfies SignalParams, () => {});
}
