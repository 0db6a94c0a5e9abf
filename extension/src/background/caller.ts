/** Who asks: only what the browser says of a message's sender counts, never a word from the page. */
import type { Caller } from "../protocol.ts";

type Sender = chrome.runtime.MessageSender;

/**
 * The caller behind a sender, or undefined where tallykey must not answer: opaque origins ("null"), origins without
 * web addresses, frames that are not shown yet (prerendering), and frames whose page the browser does not name.
 * framed is the gate's word that some ancestor is of another origin; it can only make the caller stricter.
 */
export function callerOf(sender: Sender | undefined, framed: boolean): Caller | undefined {
  const origin = webOrigin(sender?.origin);
  if (!sender || !origin || sender.frameId === undefined) return undefined;
  if (sender.documentLifecycle !== undefined && sender.documentLifecycle !== "active") return undefined;
  if (sender.frameId === 0) return framed ? undefined : { origin, crossOrigin: false };
  const topOrigin = webOrigin(sender.tab?.url);
  if (!topOrigin) return undefined;
  const crossOrigin = framed || topOrigin !== origin;
  return crossOrigin ? { origin, topOrigin, crossOrigin } : { origin, crossOrigin };
}

/** The origin of a web address. sender.url is not one: frames of about:blank and srcdoc inherit theirs. */
export function webOrigin(address: string | undefined): string | undefined {
  if (!address || !URL.canParse(address)) return undefined;
  const { origin, protocol } = new URL(address);
  return protocol === "https:" || protocol === "http:" ? origin : undefined;
}
