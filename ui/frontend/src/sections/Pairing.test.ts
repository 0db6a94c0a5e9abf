import { flushSync } from "svelte";
import { describe, expect, test, vi } from "vitest";
import { request } from "../../fake/bridge";
import { bridge, called, heading, press, settle, show, text, withPage } from "../../fake/page";

withPage();

describe("pairing", () => {
  test("from the code to the number to paired", async () => {
    await show("view=main&section=pair");
    expect(document.querySelector(".qr path")?.getAttribute("d")).toMatch(/^M/);
    expect(document.querySelector('[role="timer"]')?.textContent).toMatch(/^1:4\d$/);
    expect(called("painted")).toEqual(["pair-1"]);
    bridge().push(request({ id: "pair-1", action: "pair", state: "delivered" }));
    await settle();
    expect(document.querySelector(".qr")).toBeNull();
    expect(document.querySelector('[role="img"]')?.getAttribute("aria-label")).toBe("2, 6. Twenty-six.");
    bridge().push(request({ id: "pair-1", action: "pair", state: "ended", code: "paired" }));
    await settle();
    expect(text()).toContain("Paired");
    expect(text()).not.toContain("New code");
    press("Show phones");
    await settle();
    expect(heading()).toBe("Phones");
    expect(called("cancel")).toEqual([]);
  });

  test("another pairing's number is not this one's", async () => {
    await show("view=main&section=pair");
    bridge().push(request({ id: "pair-0", action: "pair", state: "delivered" }));
    bridge().push(request({ id: "r9", state: "delivered" }));
    await settle();
    expect(document.querySelector(".number")).toBeNull();
  });

  test("a code that ran out goes, and a new one can be had", async () => {
    await show("view=main&section=pair&left=1");
    await vi.advanceTimersByTimeAsync(1500);
    flushSync();
    expect(document.querySelector(".qr")).toBeNull();
    expect(text()).toContain("The pairing code has expired");
    press("New code");
    await settle();
    expect(called("pair").length).toBe(2);
  });

  test("says why there is no code", async () => {
    await show("view=main&section=pair&fail=pair:link_failed");
    expect(text()).toContain("The phone link could not start");
    expect(text()).toContain("link_failed");
  });

  test("copies the link", async () => {
    await show("view=main&section=pair");
    press("Copy the link");
    await settle();
    expect(String(called("copy")[0])).toMatch(/^https:.*#v=1/);
    expect(text()).toContain("Copied");
  });

  test.each(["Cancel", "Escape", "another section", "the tray"])(
    "a code that nobody sees any more does not work: %s",
    async (how) => {
      await show("view=main&section=pair");
      if (how === "Cancel") press("Cancel");
      else if (how === "Escape") window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
      else if (how === "the tray") bridge().show("settings");
      else (document.querySelector('nav a[href="#about"]') as HTMLElement).click();
      await settle();
      expect(called("cancel")).toEqual(["pair-1"]);
      expect(heading()).not.toBe("Pair a phone");
    },
  );

  test("a code that comes too late is ended", async () => {
    await show("view=main&section=about");
    const release = bridge().hold("pair");
    bridge().show("pair");
    await settle();
    bridge().show("about");
    await settle();
    release();
    await settle();
    expect(called("cancel")).toEqual(["pair-1"]);
  });

  test("the tray asks for another code after an end", async () => {
    await show("view=main&section=pair&left=0");
    bridge().show("pair");
    await settle();
    expect(called("pair").length).toBe(2);
  });

  test("shows the certificate of a trial, and none without one", async () => {
    await show("view=main&section=pair&trial=1");
    expect(document.querySelector(".print")?.textContent).toMatch(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    bridge().push(request({ id: "pair-1", action: "pair", state: "ended", code: "declined" }));
    await settle();
    expect(text()).toContain("Declined on the phone");
  });
});
