import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeNetwork } from "../link/fake";
import type { FromDesktop, Hello } from "../link/message";
import type { Peer } from "./peer";
import { Session } from "./session";

const welcome = {
  type: "welcome",
  v: 1,
  desktop: "abcdefghij234567",
  name: "Office desktop",
  port: 1,
  addresses: [],
} as FromDesktop;
const hello = {
  type: "hello",
  v: 1,
  phone: "k3yqh5m2z7wabcd4",
  name: "n",
  app: "a",
  signature: new Uint8Array(64),
} as Hello;
const peer = { place: {}, secret: {}, greeting: async () => hello } as unknown as Peer;

let network: FakeNetwork;
let session: Session;
let told: string[];

beforeEach(() => {
  vi.useFakeTimers();
  network = new FakeNetwork();
  told = [];
  session = new Session(peer, network.dial, {
    reach: (r) => told.push(r),
    message: (m) => told.push(m.type),
  });
});

afterEach(() => {
  session.stop();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function connect(): Promise<void> {
  session.start();
  await pass(1);
  network.last.onmessage(welcome);
}

describe("a session", () => {
  it("greets first and is connected when the desktop answers", async () => {
    session.start();
    session.send({ type: "received", id: "AAECAwQFBgcICQoLDA0ODw" });
    await pass(1);
    expect(network.last.types).toEqual(["hello"]);
    expect(told).toEqual(["connecting"]);
    network.last.onmessage(welcome);
    expect(told).toEqual(["connecting", "connected", "welcome"]);
  });

  it("says away after three seconds, and tries again with longer and longer pauses", async () => {
    network.up = false;
    session.start();
    await pass(2999);
    expect(told).toEqual(["connecting"]);
    await pass(2);
    expect(told).toEqual(["connecting", "away"]);
    const tries = [6000 + 1000, 6000 + 2000, 6000 + 5000, 6000 + 10_000, 6000 + 10_000];
    for (const [i, ms] of tries.entries()) {
      await pass(ms);
      expect(network.tries).toBe(i + 2);
    }
    expect(told).toEqual(["connecting", "away"]);
  });

  it("tries at once when it must hurry", async () => {
    network.up = false;
    session.start();
    await pass(6001);
    expect(network.tries).toBe(1);
    session.hurry();
    await pass(1);
    expect(network.tries).toBe(2);
  });

  it("gives up a connection whose desktop does not answer the greeting", async () => {
    session.start();
    await pass(9499);
    expect(network.channels.map((c) => c.open)).toEqual([true]);
    await pass(2);
    expect(network.channels.map((c) => c.open)).toEqual([false]);
  });

  it("looks at the next ports too from the second try on, until the desktop answers", async () => {
    network.up = false;
    session.start();
    await pass(7001);
    network.up = true;
    await pass(6000 + 2000);
    network.last.close();
    await pass(5001);
    expect(network.places.map((p) => p.silent)).toEqual([false, true, true, false]);
  });

  it("has patience with a desktop that answers over a slow way", async () => {
    network.handshake = 10_000;
    session.start();
    await pass(10_001);
    expect(told).toEqual(["connecting"]);
    expect([network.tries, network.last.types]).toEqual([1, ["hello"]]);
    await pass(1000);
    network.last.onmessage(welcome);
    expect(told).toEqual(["connecting", "connected", "welcome"]);
    // Each answer takes a second: while a request waits, pings come each half second and that second.
    session.busy = true;
    await pass(3 * 1500 + 1000);
    expect(network.last.types).toEqual(["hello", "ping", "ping", "ping"]);
    expect(network.last.open).toBe(true);
    network.last.onmessage({ type: "pong", n: 3 });
    await pass(4 * 1500 - 1);
    expect(network.channels.map((c) => c.open)).toEqual([true]);
    await pass(2);
    expect(network.channels.map((c) => c.open)).toEqual([false]);
  });

  it("says away where the handshake comes to nothing", async () => {
    network.handshake = 60_000;
    session.start();
    await pass(14_999);
    expect(told).toEqual(["connecting"]);
    await pass(2);
    expect(told).toEqual(["connecting", "away"]);
    await pass(1001);
    expect(network.tries).toBe(2);
  });

  it("pings after five seconds, then each second, and connects anew after three pings without an answer", async () => {
    await connect();
    await pass(4900);
    expect(network.last.types).toEqual(["hello"]);
    await pass(2101);
    expect(network.last.types).toEqual(["hello", "ping", "ping", "ping"]);
    await pass(1001);
    expect(network.channels[0]?.open).toBe(false);
    await pass(1001);
    expect(network.channels).toHaveLength(2);
  });

  it("lives as long as pings are answered", async () => {
    await connect();
    for (let i = 1; i <= 8; i++) {
      await pass(5000);
      network.last.onmessage({ type: "pong", n: i });
    }
    expect(network.channels).toHaveLength(1);
    expect(network.last.open).toBe(true);
  });

  it("notices a loss within two seconds while a request waits, and is back at once", async () => {
    await connect();
    session.busy = true;
    await pass(2000);
    expect(network.channels[0]?.open).toBe(false);
    await pass(250);
    expect(network.channels).toHaveLength(2);
  });

  it("asks at once when the browser has not heard the desktop, and is back within three seconds", async () => {
    await connect();
    await pass(5001);
    network.last.onmessage({ type: "pong", n: 1 });
    await pass(1000);
    const before = network.last.heard.length;
    network.last.onshaky();
    expect(network.last.heard.length).toBe(before + 1);
    await pass(1500);
    expect(network.channels[0]?.open).toBe(false);
    await pass(250);
    expect(network.channels).toHaveLength(2);
  });

  it("goes back to slow pings when the desktop answers after all", async () => {
    await connect();
    network.last.onshaky();
    network.last.onmessage({ type: "pong", n: 1 });
    const before = network.last.heard.length;
    await pass(4900);
    expect(network.last.heard.length).toBe(before);
    await pass(200);
    expect(network.last.heard.length).toBe(before + 1);
    expect(network.channels).toHaveLength(1);
  });

  it("does not hammer a desktop that ends what it has just welcomed", async () => {
    await connect();
    network.last.close();
    await pass(900);
    expect(network.channels).toHaveLength(1);
    await pass(200);
    expect(network.channels).toHaveLength(2);
  });

  it("connects anew at once in another network, and only asks when it is told to hurry", async () => {
    await connect();
    await pass(5001);
    network.last.onmessage({ type: "pong", n: 1 });
    await pass(1000);
    session.hurry();
    expect(network.last.types.at(-1)).toBe("ping");
    expect(network.channels).toHaveLength(1);
    session.renew();
    await pass(250);
    expect(network.channels.map((c) => c.open)).toEqual([false, true]);
  });

  it("answers pings", async () => {
    await connect();
    network.last.onmessage({ type: "ping", n: 7 });
    expect(network.last.heard.at(-1)).toEqual({ type: "pong", n: 7 });
  });

  it("stops when the desktop refuses the phone", async () => {
    session.start();
    await pass(1);
    network.last.onmessage({ type: "refused", code: "phone_removed" });
    expect(told).toEqual(["connecting", "refused", "refused"]);
    await pass(60_000);
    expect(network.tries).toBe(1);
  });

  it("closes when it is stopped, also in the middle of opening", async () => {
    await connect();
    session.stop();
    expect(network.last.open).toBe(false);
    network.up = false;
    session.start();
    session.stop();
    await pass(60_000);
    expect(network.tries).toBe(2);
  });
});
