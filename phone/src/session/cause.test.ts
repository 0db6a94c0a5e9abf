import { afterEach, describe, expect, it, vi } from "vitest";
import { decodeBase64url } from "../link/bytes";
import type { Place } from "../link/sdp";
import type { Cause } from "./cause";
import { findCause } from "./cause";
import type { Silent } from "./causes";
import { Causes } from "./causes";

const id = "abcdefghij234567";
const certificate = decodeBase64url("A".repeat(43)) as Uint8Array<ArrayBuffer>;
const place: Place = { desktop: id, port: 47113, addresses: ["192.0.2.7"], certificate };
const away: Silent[] = [{ id, away: true, place }];

describe("the cause of a silence", () => {
  afterEach(() => vi.unstubAllGlobals());

  /** A browser that asks for names and tells what it sent. */
  function browser(more: { navigator?: object; off?: number; known?: boolean; fails?: boolean } = {}): string[] {
    const written: string[] = [];
    const date = new Date(Date.now() - (more.off ?? 0)).toUTCString();
    const query = () => Promise.reject(new TypeError("no such name"));
    vi.stubGlobal("navigator", { permissions: { query }, ...more.navigator });
    vi.stubGlobal("fetch", async () => {
      if (more.fails) throw new TypeError("no host");
      return { headers: new Headers({ Date: date }) };
    });
    vi.stubGlobal("setTimeout", (f: () => void) => queueMicrotask(f));
    vi.stubGlobal(
      "RTCPeerConnection",
      class {
        createDataChannel() {}
        async setLocalDescription() {}
        async setRemoteDescription({ sdp }: { sdp: string }) {
          written.push(sdp);
        }
        async getStats() {
          return [{ type: "transport" }, { type: "candidate-pair", requestsSent: more.known ? 1 : 0 }];
        }
        close() {}
      },
    );
    return written;
  }

  const refused = { permissions: { query: async () => ({ state: "denied" }) } };
  it.each<[string, Cause, Parameters<typeof browser>[0]]>([
    ["is not known mostly", "", {}],
    ["is the browser's refusal", "denied", { navigator: refused }],
    ["is that there is no network", "offline", { navigator: { onLine: false } }],
    ["is mobile data", "mobile", { navigator: { connection: { type: "cellular" } } }],
    ["is a clock that goes ahead", "clock", { off: 605_000 }],
    ["is a clock that goes behind", "clock", { off: -605_000 }],
    ["is no clock that is good enough", "", { off: 500_000 }],
    ["is something in between, where the name is known", "near", { known: true }],
    ["is found without the app's host", "near", { known: true, fails: true }],
  ])("%s", async (_, cause, given) => {
    browser(given);
    expect(await findCause(place)).toBe(cause);
  });

  it("is looked for by the name alone, and proves nothing to whoever hears it", async () => {
    const written = browser({ known: true });
    await findCause(place);
    const [sdp] = written;
    expect(sdp).toContain(`tk-${id}.local 47113 typ host`);
    expect(sdp).not.toContain("192.0.2.7");
    expect(sdp).not.toContain("tk1/");
  });
});

describe("causes", () => {
  it("are asked for once while a desktop is away, and forgotten when it is back", async () => {
    const find = vi.fn(async (): Promise<Cause> => "near");
    const causes = new Causes(find);
    causes.follow(away);
    causes.follow(away);
    await vi.waitFor(() => expect(causes.of(id)).toBe("near"));
    expect(find).toHaveBeenCalledTimes(1);
    causes.follow([{ id, away: false, place }]);
    expect(causes.of(id)).toBe("");
    causes.follow(away);
    expect(find).toHaveBeenCalledTimes(2);
  });

  it("are asked for anew when the person says so, and an older answer does not count", async () => {
    const answers: ((cause: Cause) => void)[] = [];
    const causes = new Causes(() => new Promise((resolve) => answers.push(resolve)));
    const changed = vi.fn();
    causes.onchange = changed;
    causes.follow(away);
    causes.again(away);
    answers[1]?.("mobile");
    answers[0]?.("near");
    await vi.waitFor(() => expect(causes.of(id)).toBe("mobile"));
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it("are asked for once more when the browser has forgotten what it knew of names", async () => {
    vi.useFakeTimers();
    const told: Cause[] = ["near", ""];
    const causes = new Causes(async () => told.shift() ?? "mobile");
    causes.follow(away);
    await vi.advanceTimersByTimeAsync(0);
    expect(causes.of(id)).toBe("near");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(causes.of(id)).toBe("");
    vi.useRealTimers();
  });

  it("of a desktop that is back meanwhile are not shown", async () => {
    let answer: (cause: Cause) => void = () => {};
    const causes = new Causes(() => new Promise((resolve) => (answer = resolve)));
    causes.follow(away);
    causes.follow([]);
    answer("near");
    await Promise.resolve();
    expect(causes.of(id)).toBe("");
  });
});
