import { readFileSync } from "node:fs";
import { expect, it, vi } from "vitest";

const source = readFileSync(new URL("sw.js", import.meta.url), "utf8");

/** A worker's world: what it listens to, what it shows, and the pages that are open. */
function worker(language: string, pages: { focus: () => Promise<void> }[] = []) {
  const heard: Record<string, (event: object) => void> = {};
  const shown = vi.fn(async (_title: string, _options: { body: string; tag: string }) => {});
  const opened = vi.fn(async (_url: string) => {});
  const world = {
    addEventListener: (type: string, handler: (event: object) => void) => {
      heard[type] = handler;
    },
    registration: { showNotification: shown, scope: "https://phone.contoso.example/phone/" },
    clients: { matchAll: async () => pages, openWindow: opened, claim: async () => {} },
    caches: {},
    navigator: { languages: [language] },
    location: { origin: "https://phone.contoso.example" },
  };
  const filled = source.replace("__FILES__", "[]").replace("__VERSION__", "1");
  new Function(...Object.keys(world), filled)(...Object.values(world));
  const tell = async (type: string, event: object) => {
    const waits: Promise<unknown>[] = [];
    heard[type]?.({ ...event, waitUntil: (p: Promise<unknown>) => waits.push(p) });
    await Promise.all(waits);
  };
  return { tell, shown, opened };
}

it("shows the same words for every push, whatever it says", async () => {
  const data = vi.fn(() => "alice@contoso.example 26");
  for (const [language, words] of [
    ["en-GB", "A desktop asks for you. Open tallykey."],
    ["de", "Ein Desktop fragt nach Ihnen. Öffnen Sie tallykey."],
    ["fr", "A desktop asks for you. Open tallykey."],
  ]) {
    const w = worker(language as string);
    await w.tell("push", { data: { text: data, json: data } });
    expect(w.shown).toHaveBeenCalledTimes(1);
    expect(w.shown.mock.calls[0]?.[0]).toBe("tallykey");
    expect(w.shown.mock.calls[0]?.[1]).toMatchObject({ body: words, tag: "tallykey" });
  }
  expect(data).not.toHaveBeenCalled();
});

it("brings the app to the front when its notification is tapped, or opens it", async () => {
  const close = vi.fn();
  const focus = vi.fn(async () => {});
  const open = worker("en", [{ focus }]);
  await open.tell("notificationclick", { notification: { close } });
  expect([focus.mock.calls.length, open.opened.mock.calls.length]).toEqual([1, 0]);
  const closed = worker("en");
  await closed.tell("notificationclick", { notification: { close } });
  expect(closed.opened).toHaveBeenCalledWith("https://phone.contoso.example/phone/");
  expect(close).toHaveBeenCalledTimes(2);
});
