// What a page can know of the phone that it runs on.

/** What the browser lacks: nothing, a private address, a page of its own, or what the app is made of. */
export type Lack = "" | "insecure" | "framed" | "browser";

/** Says what the browser lacks. In a frame another page could have people tap what they don't see. */
export function lack(): Lack {
  if (!globalThis.isSecureContext) return "insecure";
  if (globalThis.top !== globalThis.self) return "framed";
  const has = globalThis.crypto?.subtle && globalThis.indexedDB && globalThis.RTCPeerConnection;
  const passkeys = navigator.credentials && globalThis.PublicKeyCredential;
  return has && (passkeys || isTrial()) ? "" : "browser";
}

/**
 * Whether a desktop serves the page, to try tallykey out: from an address, which is no RP ID, or from its mDNS name, for
 * which nobody signs a certificate. There is no platform credential then, and the app PIN takes its place.
 */
export function isTrial(host = location.hostname): boolean {
  return host.startsWith("[") || /^(\d+(\.\d+){3}|tk-[a-z2-7]{16}\.local)$/.test(host);
}

/** Whether the browser lets a desktop wake this phone. */
export function canPush(): boolean {
  return "PushManager" in globalThis && "serviceWorker" in navigator && "Notification" in globalThis;
}

/** A short buzz in the hand, where the phone has one for pages; iPhones have none. */
export function buzz(): void {
  navigator.vibrate?.(40);
}

/** Whether this is iOS outside the home screen. What is stored there is not seen by the installed app. */
export function mustInstall(): boolean {
  const standalone = (navigator as { standalone?: boolean }).standalone;
  return standalone === false && isIOS();
}

/** An iPad calls itself a Macintosh; no Macintosh has a touch screen. */
function isIOS(): boolean {
  const { userAgent, maxTouchPoints } = navigator;
  return /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
}

interface AgentData {
  getHighEntropyValues?: (hints: string[]) => Promise<{ model?: string }>;
}

/** What the phone calls itself to desktops, at most 64 bytes: its model where the browser tells. */
export async function phoneName(): Promise<string> {
  const data = (navigator as { userAgentData?: AgentData }).userAgentData;
  const told = await data?.getHighEntropyValues?.(["model"]).catch(() => undefined);
  const model = (told?.model ?? "").replace(/[^\x20-\x7e]/g, "").slice(0, 60);
  if (model) return model;
  const { userAgent } = navigator;
  const known = ["iPhone", "iPad", "Android", "Macintosh", "Windows", "Linux"].find((n) => userAgent.includes(n));
  return known === "Android" ? "Android phone" : known === "Macintosh" && isIOS() ? "iPad" : (known ?? "Phone");
}

async function denied(permission: string): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: permission as PermissionName })).state === "denied";
  } catch {
    return false; // this browser does not know the name
  }
}

/** Whether the browser was told to keep this site from the local network. A refusal else looks like silence. */
export async function localNetworkDenied(): Promise<boolean> {
  const told = ["local-network", "local-network-access"].map(denied); // a newer name and an older one
  return (await Promise.all(told)).includes(true);
}

/** Whether the phone is in any network. */
export function anyNetwork(): boolean {
  return navigator.onLine !== false;
}

/** Whether the phone is in its provider's network and in no Wi-Fi; Chrome on Android tells. */
export function mobileData(): boolean {
  return (navigator as { connection?: { type?: string } }).connection?.type === "cellular";
}

/** Milliseconds that the phone's clock differs from that of the app's host; 0 where the host can't be asked. */
export async function clockOff(): Promise<number> {
  try {
    const { headers } = await fetch("./", { method: "HEAD", cache: "no-store" });
    const host = Date.parse(headers.get("Date") ?? "");
    return Number.isNaN(host) ? 0 : Math.abs(Date.now() - host);
  } catch {
    return 0;
  }
}

/** Whether the browser promised not to clear this site's storage by itself; undefined where it can't tell. */
export async function storageKept(): Promise<boolean | undefined> {
  return navigator.storage?.persisted?.().catch(() => undefined);
}
