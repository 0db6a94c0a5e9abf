/** One request on its way from the page to the background: a runtime port that lives as long as the request. */
import {
  type Ask,
  OFFER_PORT,
  type Offer,
  type Picked,
  type Progress,
  REQUEST_PORT,
  type Verdict,
} from "../messages.ts";
import type { Port } from "../platform.ts";

/**
 * How long the background may stay silent before the browser's own WebAuthn runs, in milliseconds. The background
 * itself gives the daemon less; this is for a background that does not run at all.
 */
export const SILENCE = 4000;

const NATIVE: Verdict = { kind: "native" };

/**
 * Asks the background. settle runs once, unless the returned function cancels before. A background that ends before it
 * said anything is asked once more, as the browser starts it anew: it took its host, and with that the daemon's call,
 * along.
 */
export function relay(connect: (name: string) => Port, ask: Ask, settle: (verdict: Verdict) => void): () => void {
  let port: Port | undefined;
  let again = true;
  const timer = setTimeout(() => end(NATIVE), SILENCE);
  const close = () => {
    clearTimeout(timer);
    port?.disconnect(); // tells the background, too, that nobody waits any more
  };
  const end = (verdict: Verdict) => {
    close();
    settle(verdict);
  };
  const hear = (progress: Progress) => {
    again = false;
    if (progress.kind === "taken") clearTimeout(timer);
    else end(progress);
  };
  const open = () => {
    const opened = connect(REQUEST_PORT);
    port = opened;
    opened.onMessage.addListener((message) => hear(message as Progress));
    // Chromium never tells a port about its own disconnect(), so this is the background's end only.
    opened.onDisconnect.addListener(lost);
    opened.postMessage(ask);
  };
  const lost = () => {
    if (!again) return end(NATIVE);
    again = false;
    try {
      open();
    } catch {
      end(NATIVE); // the extension is gone, too
    }
  };
  try {
    open();
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
  return close;
}

/** Makes an offer that stands until the returned function is called. picked runs once at most. */
export function offer(connect: (name: string) => Port, made: Offer, picked: (credential: string) => void): () => void {
  const port = connect(OFFER_PORT);
  port.onMessage.addListener((message) => {
    port.disconnect();
    picked((message as Picked).credential);
  });
  port.onDisconnect.addListener(() => {}); // nothing is there to be offered; nobody waits for it
  port.postMessage(made);
  return () => port.disconnect();
}
