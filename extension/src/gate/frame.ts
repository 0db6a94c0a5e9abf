/** What the gate knows about its frame. All of it is read in the isolated world. */
import type { Operation } from "../messages.ts";

/** Whether an ancestor of the frame is of another origin. Where the browser does not say, the top one decides. */
export function hasForeignAncestor(): boolean {
  if (window.top === window) return false;
  const ancestors: ArrayLike<string> | undefined = location.ancestorOrigins;
  if (ancestors) return Array.from(ancestors).some((origin) => origin !== self.origin);
  try {
    return window.top?.origin !== self.origin;
  } catch {
    return true; // not even readable: another origin
  }
}

/**
 * Whether a prompt may come from here now: not from an opaque origin, not from a page that nobody sees, and a new
 * registration from inside another site's page only after a gesture in the frame (WebAuthn Level 3, section 5.1.3).
 */
export function mayAsk(op: Operation, framed: boolean): boolean {
  if (self.origin === "null" || hidden()) return false;
  return op === "get" || !framed || navigator.userActivation.isActive;
}

function hidden(): boolean {
  const state = Object.getOwnPropertyDescriptor(Document.prototype, "visibilityState")?.get?.call(document);
  return state !== "visible";
}
