import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type FakeBridge, fake, phones, request } from "../fake/bridge";
import App from "./App.svelte";

let app: Record<string, unknown>;
let bridge: FakeBridge;

/** show mounts the page over a fake bridge and lets it settle. */
async function show(query: string): Promise<void> {
  bridge = fake(new URLSearchParams(query));
  app = mount(App, { target: document.body, props: { bridge } });
  await settle();
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await vi.advanceTimersByTimeAsync(20);
    flushSync();
  }
}

const text = () => document.body.textContent?.replace(/[\u2068\u2069]/g, "").replace(/\s+/g, " ") ?? "";
const called = (method: string) => bridge.calls.filter(([m]) => m === method).map(([, a]) => a);

function press(name: string): void {
  const found = [...document.querySelectorAll("button")].find(
    (b) => (b.getAttribute("aria-label") ?? b.textContent)?.trim() === name,
  );
  if (!found) throw new Error(`no button ${name} in: ${text()}`);
  found.click();
}

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2025-11-03T12:00:00Z") });
});

afterEach(async () => {
  await unmount(app);
  document.body.innerHTML = "";
  vi.useRealTimers();
});

describe("prompt", () => {
  test("says who asks, and focus is on it, never on a button", async () => {
    await show("view=prompt&state=delivered");
    expect(text()).toContain("alice@contoso.example · Firefox is asking");
    expect(document.activeElement?.tagName).toBe("H1");
    expect(document.activeElement?.getAttribute("aria-label")).toBe("mail.contoso.example");
    expect(document.querySelector("h1 b")?.textContent).toBe("contoso.example");
    expect(called("painted")).toEqual(["r1"]);
  });

  test("waits without a number, then shows it, and drops it at the end", async () => {
    await show("view=prompt&state=waiting");
    expect(text()).not.toContain("26");
    bridge.push(request({ state: "delivered" }));
    await settle();
    expect(document.querySelector('[role="img"]')?.getAttribute("aria-label")).toBe("2, 6. Twenty-six.");
    expect(document.title).not.toContain("26");
    bridge.push(request({ state: "ended", code: "wrong_number" }));
    await settle();
    expect(text()).not.toContain("26");
    expect(text()).toContain("A different number was tapped");
    expect(text()).toContain("wrong_number");
    expect(called("painted")).toEqual(["r1"]);
  });

  test("a screen reader hears the number when it comes", async () => {
    await show("view=prompt&state=waiting&lang=de");
    bridge.push(request({ state: "delivered" }));
    await settle();
    const said = [...document.querySelectorAll('[role="status"]')].map((e) => e.textContent);
    expect(said.join()).toContain("Tippen Sie diese Zahl auf dem Telefon an: 2, 6. Sechsundzwanzig.");
    expect(document.documentElement.lang).toBe("de");
  });

  test("counts down, and says the time at 30 and at 10 seconds only", async () => {
    await show("view=prompt&state=delivered");
    const said = () => document.querySelectorAll('main > [role="status"]')[1]?.textContent ?? "";
    const heard = new Set<string>();
    for (let s = 0; s < 50; s++) {
      await vi.advanceTimersByTimeAsync(1000);
      flushSync();
      heard.add(said());
    }
    expect([...heard].filter(Boolean)).toEqual(["30 seconds left", "10 seconds left"]);
    expect(document.querySelector('[role="timer"]')?.textContent).toBe("0 seconds left");
    expect(document.querySelectorAll(".ruler i:not(.off)").length).toBe(0);
  });

  test.each([
    ["Cancel", "cancel"],
    ["This isn’t me", "report"],
  ])("%s", async (name, method) => {
    await show("view=prompt&state=delivered");
    press(name);
    expect(called(method)).toEqual(["r1"]);
  });

  test("Escape cancels and Enter does nothing", async () => {
    await show("view=prompt&state=delivered");
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    expect(bridge.calls.map(([m]) => m)).toEqual(["open", "painted"]);
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(called("cancel")).toEqual(["r1"]);
  });

  test("an approval closes after 1.5 s, another end after 20 s", async () => {
    for (const [code, before, after] of [
      ["approved", 1000, 600],
      ["timed_out", 19_000, 1_100],
    ] as const) {
      await show("view=prompt&state=delivered");
      bridge.push(request({ state: "ended", code }));
      await settle();
      await vi.advanceTimersByTimeAsync(before - 200);
      expect(called("close"), code).toEqual([]);
      await vi.advanceTimersByTimeAsync(after);
      expect(called("close"), code).toEqual([undefined]);
      await unmount(app);
      document.body.innerHTML = "";
    }
    await show("view=prompt&state=delivered");
  });

  test("the next request takes the window before it closes", async () => {
    await show("view=prompt&state=delivered&more=1");
    expect(text()).toContain("1 more waiting");
    bridge.push(request({ state: "ended", code: "approved" }));
    await settle();
    bridge.push(request({ id: "q0", state: "waiting", host: "wiki.fabrikam.example", domain: "fabrikam.example" }));
    await settle();
    await vi.advanceTimersByTimeAsync(5000);
    expect(called("close")).toEqual([]);
    expect(called("painted")).toEqual(["r1", "q0"]);
    expect(text()).toContain("Reaching Alice’s phone");
    expect(text()).not.toContain("more waiting");
  });

  test("a daemon that goes takes the number with it", async () => {
    await show("view=prompt&state=delivered");
    bridge.gone();
    await settle();
    expect(text()).not.toContain("26");
    expect(text()).toContain("tallykey stopped");
  });

  test("warns of letters and frames", async () => {
    await show("view=prompt&state=waiting&host=xn--contso-zqf.example&domain=xn--contso-zqf.example&top=shop.example");
    expect(text()).toContain("Has letters that can look like others.");
    expect(text()).toContain("Inside a page of shop.example.");
  });
});

describe("pair", () => {
  test("from the code to the number to paired", async () => {
    await show("view=pair");
    expect(document.querySelector(".qr path")?.getAttribute("d")).toMatch(/^M/);
    expect(document.querySelector('[role="timer"]')?.textContent).toMatch(/^1:4\d$/);
    expect(called("painted")).toEqual(["pair-1"]);
    bridge.push(request({ id: "pair-1", action: "pair", state: "delivered" }));
    await settle();
    expect(document.querySelector(".qr")).toBeNull();
    expect(document.querySelector('[role="img"]')?.getAttribute("aria-label")).toBe("2, 6. Twenty-six.");
    bridge.push(request({ id: "pair-1", action: "pair", state: "ended", code: "paired" }));
    await settle();
    expect(text()).toContain("Paired");
    expect(text()).not.toContain("New code");
  });

  test("another pairing's number is not this one's", async () => {
    await show("view=pair");
    bridge.push(request({ id: "pair-0", action: "pair", state: "delivered" }));
    bridge.push(request({ id: "r9", state: "delivered" }));
    await settle();
    expect(text()).not.toContain("26");
  });

  test("a code that ran out goes, and a new one can be had", async () => {
    await show("view=pair&left=1");
    await vi.advanceTimersByTimeAsync(1500);
    flushSync();
    expect(document.querySelector(".qr")).toBeNull();
    expect(text()).toContain("The pairing code has expired");
    press("New code");
    await settle();
    expect(called("pair").length).toBe(2);
  });

  test("says why there is no code", async () => {
    await show("view=pair&fail=link_failed");
    expect(text()).toContain("The phone link could not start");
    expect(text()).toContain("link_failed");
  });

  test("copies the link", async () => {
    await show("view=pair");
    press("Copy link");
    await settle();
    expect(String(called("copy")[0])).toMatch(/^https:.*#v=1/);
    expect(text()).toContain("Copied");
  });

  test("Cancel cancels, then closes", async () => {
    await show("view=pair");
    press("Cancel");
    await settle();
    expect(called("cancel")).toEqual(["pair-1"]);
    expect(called("close").length).toBe(1);
  });
});

describe("main", () => {
  test("lists phones, registrations, activity and what needs attention", async () => {
    await show("view=main&problem=1");
    for (const want of [
      "Alice’s phone",
      "Connected",
      "Away",
      "alice.admin@contoso.example",
      "git.northwind.example",
      "Wrong number",
      "The keyring is locked",
      "keyring_locked",
    ]) {
      expect(text()).toContain(want);
    }
  });

  test("removing asks once, names the thing and says what follows", async () => {
    await show("view=main");
    press("Remove Alice’s phone");
    await settle();
    expect(text()).toContain("Remove Alice’s phone?");
    expect(text()).toContain("3 registrations on it end.");
    press("Keep");
    expect(called("removePhone")).toEqual([]);
    press("Remove Alice’s phone");
    await settle();
    [...document.querySelectorAll("dialog button")].at(-1)?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    await settle();
    expect(called("removePhone")).toEqual(["p1"]);
  });

  test("follows the phones", async () => {
    await show("view=main");
    const before = called("overview").length;
    bridge.phones(phones.slice(1));
    await settle();
    expect(text()).toContain("No phone is connected.");
    expect(called("overview").length).toBe(before + 1);
  });

  test("says what to do first", async () => {
    await show("view=main&phones=none");
    expect(text()).toContain("No phone is paired yet.");
    press("Pair a phone");
    expect(called("showPairing").length).toBe(1);
  });

  test("without a daemon it claims nothing about phones", async () => {
    await show("view=main&running=no");
    expect(text()).toContain("tallykey is not running.");
    expect(text()).not.toContain("No phone is paired yet.");
    press("Try again");
    await settle();
    expect(called("open").length).toBe(2);
  });
});
