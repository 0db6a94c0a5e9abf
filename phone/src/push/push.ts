// Web Push: a desktop wakes the phone through the push service of the phone's browser. The phone makes the VAPID key
// pair (RFC 8292) and gives it to its desktops with the subscription, so that nobody else can push. What is pushed says
// nothing: the service worker shows the same words always, and the request itself comes over the link.
import type { Bytes } from "../link/bytes";
import { decodeBase64url } from "../link/bytes";
import { maxEndpoint } from "../link/limits";
import type { PushSubscription as Message } from "../link/message";

/** What desktops are given: endpoint, keys, and the private VAPID key. */
export type Subscription = Omit<Message, "type">;

/** Why this phone can't be woken: the person or the browser said no, or the push service gave nothing usable. */
export class PushError extends Error {
  override name = "PushError";
  constructor(readonly why: "denied" | "failed") {
    super(why);
  }
}

/** Asks the person. Call it in the handler of the tap, before anything is waited for: Safari wants it so. */
export async function permit(): Promise<void> {
  const answer = await globalThis.Notification?.requestPermission();
  if (answer !== "granted") throw new PushError("denied");
}

/** Makes a new key pair and a subscription for it; an earlier one ends. Throws PushError. */
export async function subscribe(): Promise<Subscription> {
  try {
    const manager = await pushManager();
    await (await manager.getSubscription())?.unsubscribe();
    const { vapid, applicationServerKey } = await newKeys();
    const made = await manager.subscribe({ userVisibleOnly: true, applicationServerKey });
    return told(made, vapid);
  } catch (e) {
    throw e instanceof PushError ? e : new PushError("failed");
  }
}

/** Ends the subscription at the push service. */
export async function unsubscribe(): Promise<void> {
  const manager = await pushManager();
  await (await manager.getSubscription())?.unsubscribe();
}

/** Whether a subscription is still the browser's: they vanish, and then only a new one wakes the phone. */
export async function holds(s: Subscription): Promise<boolean> {
  const manager = await pushManager();
  return (await manager.getSubscription())?.endpoint === s.endpoint;
}

async function pushManager(): Promise<PushManager> {
  const worker = await navigator.serviceWorker.getRegistration();
  if (!worker) throw new PushError("failed");
  return worker.pushManager;
}

async function newKeys(): Promise<{ vapid: Bytes; applicationServerKey: Bytes }> {
  const ecdsa = { name: "ECDSA", namedCurve: "P-256" } as const;
  const pair = await crypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const { d = "" } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
  return { vapid: decodeBase64url(d) ?? new Uint8Array(), applicationServerKey: new Uint8Array(raw) };
}

/** A desktop takes nothing that breaks the protocol, and neither does this phone of its push service. */
function told(s: globalThis.PushSubscription, vapid: Bytes): Subscription {
  const key = (name: PushEncryptionKeyName) => new Uint8Array(s.getKey(name) ?? new ArrayBuffer(0));
  const { endpoint } = s;
  const [p256dh, auth] = [key("p256dh"), key("auth")];
  const fits = endpoint.startsWith("https://") && endpoint.length <= maxEndpoint;
  if (!fits || p256dh.length !== 65 || auth.length !== 16 || vapid.length !== 32) throw new PushError("failed");
  return { endpoint, p256dh, auth, vapid };
}
