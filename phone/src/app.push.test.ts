// Web Push: what desktops are told, and when.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { link, offer, second, World } from "./app.fixture";
import { random } from "./link/bytes";
import { encode } from "./link/codec";
import { PushError, permit, subscribe, unsubscribe } from "./push/push";

let w: World;
let push: FakePush;

/** The browser's push service: one subscription at a time. */
class FakePush {
  made = 0;
  fails = false;
  /** The public VAPID keys that it was given. */
  keys: Uint8Array[] = [];
  current: { endpoint: string; unsubscribe: () => Promise<boolean>; getKey: (n: string) => ArrayBuffer } | undefined;
  endpoint = (n: number) => `https://push.example/${n}`;

  getSubscription = async () => this.current ?? null;
  subscribe = async (options: PushSubscriptionOptionsInit) => {
    if (this.fails) throw new DOMException("no", "AbortError");
    if (this.current) throw new DOMException("another key", "InvalidStateError");
    expect(options.userVisibleOnly).toBe(true);
    this.keys.push(options.applicationServerKey as Uint8Array);
    this.current = {
      endpoint: this.endpoint(++this.made),
      unsubscribe: async () => {
        this.current = undefined;
        return true;
      },
      getKey: (name) => random(name === "auth" ? 16 : 65).buffer,
    };
    return this.current;
  };
}

beforeEach(() => {
  w = new World();
  push = new FakePush();
  const serviceWorker = { getRegistration: async () => ({ pushManager: push }) };
  vi.stubGlobal("navigator", { ...navigator, serviceWorker });
});

afterEach(() => w.close());

/** Pairs with a desktop that would wake the phone. */
const paired = () => w.paired({ push: true });

describe("a subscription", () => {
  it("has a new key pair each time, whose private half fits the public one", async () => {
    const [one, two] = [await subscribe(), await subscribe()];
    expect([one.endpoint, two.endpoint]).toEqual(["https://push.example/1", "https://push.example/2"]);
    expect(one.vapid).toHaveLength(32);
    expect(one.vapid).not.toEqual(two.vapid);
    expect(push.keys.map((k) => [k.length, k[0]])).toEqual([
      [65, 4],
      [65, 4],
    ]);
    expect(() => encode({ type: "pushSubscription", ...one })).not.toThrow();
  });

  it("fails with a reason", async () => {
    push.fails = true;
    await expect(subscribe()).rejects.toThrow(PushError);
    push.fails = false;
    push.endpoint = () => "http://push.example/plain";
    await expect(subscribe()).rejects.toMatchObject({ why: "failed" });
    for (const [answer, ok] of [
      ["denied", false],
      ["default", false],
      ["granted", true],
    ] as const) {
      vi.stubGlobal("Notification", { requestPermission: async () => answer });
      if (ok) await permit();
      else await expect(permit()).rejects.toMatchObject({ why: "denied" });
    }
  });
});

describe("desktops", () => {
  it("hear nothing while it is off", async () => {
    await paired();
    expect(w.app.desktops[0]?.desktop.wakes).toBe(true);
    await w.hear("registrations");
    expect(w.network.last.types).not.toContain("pushSubscription");
  });

  it("hear of it at once, at each welcome, and of its end", async () => {
    await paired();
    const made = await subscribe();
    await w.app.wake(made);
    expect(await w.hear("pushSubscription")).toEqual({ type: "pushSubscription", ...made });
    await w.restart();
    await w.hear("hello");
    w.welcome(offer, { push: true });
    expect(await w.hear("pushSubscription")).toMatchObject({ endpoint: made.endpoint, vapid: made.vapid });
    w.network.last.heard.length = 0;
    await w.app.wake(undefined);
    await unsubscribe();
    expect(await w.hear("pushSubscription")).toMatchObject({ endpoint: "", vapid: new Uint8Array() });
    expect(push.current).toBeUndefined();
    await w.restart();
    expect(w.app.push).toBeUndefined();
    await w.hear("hello");
    w.welcome(offer, { push: true });
    await w.hear("registrations");
    expect(w.network.last.types).not.toContain("pushSubscription"); // told once is enough
  });

  it("that were away hear of the end when they are met again", async () => {
    await paired();
    await w.app.wake(await subscribe());
    await w.hear("pushSubscription");
    w.app.close();
    w.network.up = false;
    await w.restart();
    await w.app.wake(undefined);
    w.network.up = true;
    await w.restart();
    await w.hear("hello");
    w.welcome(offer, { push: true });
    expect(await w.hear("pushSubscription")).toMatchObject({ endpoint: "" });
  });

  it("that would not wake the phone are told nothing", async () => {
    await w.paired();
    await w.app.wake(await subscribe());
    await w.hear("registrations");
    expect(w.network.last.types).not.toContain("pushSubscription");
  });

  it("that stay get a new pair when one is removed", async () => {
    await paired();
    await w.app.wake(await subscribe());
    await w.app.pair(second.link);
    await w.pairing(second.offer, { push: true });
    const before = await w.hear("pushSubscription");
    w.network.last.heard.length = 0;
    await w.app.removeDesktop(offer.desktop);
    const after = await w.hear("pushSubscription");
    expect([before.endpoint, after.endpoint]).toEqual(["https://push.example/1", "https://push.example/2"]);
    expect(after.vapid).not.toEqual(before.vapid);
  });

  it("get a new one where the browser lost it, and the switch is off where there is none to be had", async () => {
    await paired();
    await w.app.wake(await subscribe());
    push.current = undefined;
    await w.restart();
    await vi.waitFor(() => expect(w.app.push?.endpoint).toBe("https://push.example/2"));
    push.current = undefined;
    push.fails = true;
    await w.restart();
    await vi.waitFor(() => expect(w.app.push).toBeUndefined());
  });
});

it("is off until the person turns it on", async () => {
  await w.app.open(link);
  expect([w.app.push, push.made]).toEqual([undefined, 0]);
});
