import { expect, test, vi } from "vitest";
import { FakeNative } from "../fake/daemon.ts";
import type { OwnMessage } from "../messages.ts";
import type { Registration } from "../protocol.ts";
import { Host } from "./host.ts";
import { type Front, Sights } from "./sight.ts";
import { Tabs } from "./tabs.ts";

const status = { version: "1", phones: [], keyring: { state: "ready" }, link: { state: "ready" } };
const site = { registrations: [] };

/** A background whose daemon has these answers. */
function started(front: Front | undefined, answers: { [method: string]: object } = { status, site }) {
  const native = new FakeNative();
  const tabs = new Tabs();
  const sights = new Sights(new Host(native.connect), tabs, async () => front);
  const answered = new Set<number>();
  const hear = async (message: OwnMessage) => {
    const heard = sights.hear(message);
    let over = false;
    void heard.finally(() => {
      over = true;
    });
    await vi.waitFor(() => {
      for (const { id = 0, method } of native.heard)
        if (!answered.has(id)) {
          answered.add(id);
          native.say({ id, result: answers[method] ?? {} });
        }
      expect(over).toBe(true);
    });
    return heard;
  };
  return { native, tabs, hear };
}

test("the popup sees the website in front", async () => {
  const { native, tabs, hear } = started({ id: 7, url: "https://login.contoso.example:8443/a?b" });
  tabs.ask("a", 7);
  tabs.offer({ tab: 7, origin: "x", registrations: [{ id: "AQ" } as Registration], pick() {} });
  expect(await hear({ kind: "look", site: true })).toEqual({
    reach: { kind: "running", status },
    tab: 7,
    origin: "https://login.contoso.example:8443",
    site,
    pending: true,
    offers: [{ id: "AQ" }],
  });
  expect(native.heard.map(({ method, params }) => [method, params])).toEqual([
    ["status", undefined],
    ["site", { origin: "https://login.contoso.example:8443" }],
  ]);
});

test.each([
  ["a page of the browser's own", { id: 7, url: "chrome://settings" }],
  ["a page that the extension may not see", { id: 7 }],
  ["no tab", undefined],
])("the daemon is asked about no website where there is %s", async (_, front) => {
  const { native, hear } = started(front);
  expect(await hear({ kind: "look", site: true })).not.toHaveProperty("origin");
  expect(native.heard.map(({ method }) => method)).toEqual(["status"]);
});

test("the options page sees no website", async () => {
  const { hear } = started({ id: 7, url: "https://login.contoso.example" });
  const sight = await hear({ kind: "look", site: false });
  expect(sight).toEqual({ reach: { kind: "running", status }, pending: false, offers: [] });
});

test.each<[OwnMessage, string, object | undefined]>([
  [{ kind: "pause", origin: "https://shop.example" }, "pauses.add", { origin: "https://shop.example" }],
  [{ kind: "pause" }, "pauses.add", {}],
  [{ kind: "resume", origin: "https://shop.example" }, "pauses.remove", { origin: "https://shop.example" }],
  [{ kind: "resume" }, "pauses.remove", { origin: "" }],
  [{ kind: "pair" }, "pair", undefined],
])("%j is %s", async (message, method, params) => {
  const { native, hear } = started(undefined, { pair: { link: "https://phone.example/#s=secret" } });
  expect(await hear(message)).toBeUndefined();
  expect(native.heard).toMatchObject([params ? { method, params } : { method }]);
});

test("a pick and a closed hint go to their tab", async () => {
  const { tabs, hear } = started(undefined);
  const pick = vi.fn();
  tabs.offer({ tab: 7, origin: "x", registrations: [{ id: "AQ" } as Registration], pick });
  tabs.ask("a", 7);
  await hear({ kind: "pick", tab: 7, credential: "AQ" });
  expect(pick).toHaveBeenCalledExactlyOnceWith("AQ");
  await hear({ kind: "dismiss", tab: 7 });
  expect(tabs.pending(7)).toBe(false);
});
