/** All that differs between Chromium and Firefox at run time. */

/** The extension API under the name that the browser gives it. */
export const api: typeof chrome = (globalThis as { browser?: typeof chrome }).browser ?? chrome;

/** A runtime port as both browsers have it. */
export interface Port {
  name: string;
  sender?: chrome.runtime.MessageSender | undefined;
  postMessage(message: unknown): void;
  disconnect(): void;
  onMessage: { addListener(listener: (message: unknown) => void): void };
  onDisconnect: { addListener(listener: (port: Port) => void): void };
}

/** Why a port closed: Chromium says it beside the event, Firefox on the port. */
export function closingReason(runtime: typeof chrome.runtime, port: Port): string {
  const firefox = (port as { error?: { message?: string } | null }).error?.message;
  return runtime.lastError?.message ?? firefox ?? "closed";
}
