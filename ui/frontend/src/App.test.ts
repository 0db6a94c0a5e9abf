import { flushSync } from "svelte";
import { describe, expect, test, vi } from "vitest";
import { request } from "../fake/bridge";
import { bridge, called, close, press, settle, show, text, withPage } from "../fake/page";

withPage();

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
    bridge().push(request({ state: "delivered" }));
    await settle();
    expect(document.querySelector('[role="img"]')?.getAttribute("aria-label")).toBe("2, 6. Twenty-six.");
    expect(document.title).not.toContain("26");
    bridge().push(request({ state: "ended", code: "wrong_number" }));
    await settle();
    expect(text()).not.toContain("26");
    expect(text()).toContain("A different number was tapped");
    expect(text()).toContain("wrong_number");
    expect(called("painted")).toEqual(["r1"]);
  });

  test("a screen reader hears the number when it comes", async () => {
    await show("view=prompt&state=waiting&lang=de");
    bridge().push(request({ state: "delivered" }));
    await settle();
    const said = [...document.querySelectorAll('[role="status"]')].map((e) => e.textContent);
    expect(said.join()).toContain("Tippen Sie diese Zahl auf dem Telefon an: 2, 6. Sechsundzwanzig.");
    expect(document.documentElement.lang).toBe("de");
  });

  test("has the number of a pairing, which nobody reports", async () => {
    await show("view=prompt&state=delivered&action=pair&host=");
    expect(document.activeElement?.textContent).toBe("Alice’s phone");
    expect(text()).toContain("Tap this number on your phone 26");
    expect(text()).not.toContain("This isn’t me");
    press("Cancel");
    expect(called("cancel")).toEqual(["r1"]);
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
    expect(document.querySelector('[role="timer"]')?.getAttribute("aria-label")).toBe("0 seconds left");
    expect(document.querySelectorAll(".ruler i:not(.off)").length).toBe(0);
  });

  test.each([
    ["Cancel", "cancel"],
    ["This isn’t me", "report"],
    ["Use another way", "anotherWay"],
  ])("%s", async (name, method) => {
    await show("view=prompt&state=delivered");
    press(name);
    expect(called(method)).toEqual(["r1"]);
  });

  test("Escape cancels and Enter does nothing", async () => {
    await show("view=prompt&state=delivered");
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    expect(bridge().calls.map(([m]) => m)).toEqual(["open", "painted"]);
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(called("cancel")).toEqual(["r1"]);
  });

  test("an approval closes after 1.5 s, another end after 20 s", async () => {
    for (const [code, before, after] of [
      ["approved", 1000, 600],
      ["timed_out", 19_000, 1_100],
    ] as const) {
      await show("view=prompt&state=delivered");
      bridge().push(request({ state: "ended", code }));
      await settle();
      await vi.advanceTimersByTimeAsync(before - 200);
      expect(called("close"), code).toEqual([]);
      await vi.advanceTimersByTimeAsync(after);
      expect(called("close"), code).toEqual([undefined]);
      await close();
    }
  });

  test("the next request takes the window before it closes", async () => {
    await show("view=prompt&state=delivered&more=1");
    expect(text()).toContain("1 more request is waiting");
    bridge().push(request({ state: "ended", code: "approved" }));
    await settle();
    bridge().push(request({ id: "q0", state: "waiting", host: "wiki.fabrikam.example", domain: "fabrikam.example" }));
    await settle();
    await vi.advanceTimersByTimeAsync(5000);
    expect(called("close")).toEqual([]);
    expect(called("painted")).toEqual(["r1", "q0"]);
    expect(text()).toContain("Reaching Alice’s phone");
    expect(text()).not.toContain("is waiting");
  });

  test("a daemon that goes takes the number with it", async () => {
    await show("view=prompt&state=delivered");
    bridge().gone();
    await settle();
    expect(text()).not.toContain("26");
    expect(text()).toContain("tallykey stopped");
  });

  test("warns of letters and frames", async () => {
    await show("view=prompt&state=waiting&host=xn--contso-zqf.example&domain=xn--contso-zqf.example&top=shop.example");
    expect(text()).toContain("Has letters that can look like others.");
    expect(text()).toContain("Inside a page of shop.example.");
  });

  test("a request that needs no number shows none", async () => {
    await show("view=prompt&state=waiting&mode=approve");
    expect(text()).toContain("Your phone will ask you");
    expect(document.querySelector(".number")).toBeNull();
    bridge().push(request({ state: "delivered", mode: "approve" }));
    await settle();
    expect(text()).toContain("Approve on your phone");
    expect(document.querySelector(".number")).toBeNull();
    bridge().push(request({ state: "answering", mode: "approve" }));
    await settle();
    expect(text()).toContain("Alice’s phone is answering");
    expect(text()).not.toContain("Number is right");
  });

  test("says how far it is with the phone, and no more than that", async () => {
    await show("view=prompt&state=waiting");
    expect(text()).toContain("Reaching Alice’s phone");
    bridge().push(request({ state: "waiting", notified: true }));
    await settle();
    expect(text()).toContain("Alice’s phone notified");
    bridge().push(request({ state: "delivered" }));
    await settle();
    expect(text()).toContain("Alice’s phone has it");
    bridge().push(request({ state: "answering" }));
    await settle();
    expect(text()).toContain("Number is right Alice’s phone is answering.");
  });

  test("a second request is seen while the first one is on the screen", async () => {
    await show("view=prompt&state=delivered");
    expect(text()).not.toContain("is waiting");
    bridge().push(request({ id: "r2", state: "queued" }));
    await settle();
    expect(text()).toContain("1 more request is waiting");
    bridge().push(request({ id: "r2", state: "ended", code: "cancelled_by_page" }));
    await settle();
    expect(text()).not.toContain("is waiting");
    expect(text()).toContain("26");
  });
});
