import { flushSync } from "svelte";
import { describe, expect, test, vi } from "vitest";
import { phones, request } from "../../fake/bridge";
import { bridge, called, calls, field, press, settle, show, text, withPage, write } from "../../fake/page";
import { sections } from "../types";
import { wordsOf } from "./words";

withPage();

const heading = () => document.querySelector("main > h1")?.textContent;

describe("navigation", () => {
  test.each(["en", "de"] as const)("every section has a link, a heading and focus on it (%s)", async (lang) => {
    await show(`view=main&lang=${lang}`);
    const w = wordsOf(lang);
    for (const section of sections) {
      const link = [...document.querySelectorAll("nav a")].find((a) => a.textContent?.trim() === w.sections[section]);
      (link as HTMLElement).click();
      await settle();
      expect(heading()).toBe(w.sections[section]);
      expect(document.activeElement).toBe(document.querySelector("main > h1"));
      expect(document.querySelectorAll('nav a[aria-current="page"]').length).toBe(1);
      expect(link?.getAttribute("aria-current")).toBe("page");
      expect(document.title).toBe(`${w.sections[section]} – tallykey`);
    }
  });

  test("another process shows its section here", async () => {
    await show("view=main&section=about");
    bridge().show("doctor");
    await settle();
    expect(heading()).toBe("Doctor");
  });

  test("without a daemon it claims nothing about phones", async () => {
    await show("view=main&running=no");
    expect(text()).toContain("tallykey is not running.");
    expect(text()).not.toContain("No phone is paired yet.");
    press("Try again");
    await settle();
    expect(called("open").length).toBe(2);
    expect(text()).toContain("It still is not running.");
  });

  test("says what needs attention on every section", async () => {
    await show("view=main&section=activity&problem=1");
    expect(text()).toContain("The keyring is locked.");
    expect(text()).toContain("Needs attention");
  });

  test("follows the phones", async () => {
    await show("view=main&section=about");
    expect(text()).toContain("Alice’s phone is connected.");
    bridge().phones(phones.slice(1));
    await settle();
    expect(text()).toContain("No phone connected");
  });
});

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

describe("phones", () => {
  test("says how strong each is, and what happens when its app is closed", async () => {
    await show("view=main&section=phones");
    for (const want of [
      "Alice’s phone",
      "Connected now",
      "Screen lock, fingerprint or face",
      "A push message reaches the phone.",
      "Spare phone",
      "The app’s own PIN",
      "Weakest",
      "Open tallykey on the phone to answer.",
    ])
      expect(text()).toContain(want);
  });

  test("gives a phone another name, once the daemon has", async () => {
    await show("view=main&section=phones");
    press("Rename Alice’s phone");
    await settle();
    write("Name on this desktop", " Work phone ");
    const release = bridge().hold("renamePhone");
    document.querySelector("form.rename")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    expect(text()).toContain("Saving");
    expect(text()).not.toContain("Work phone");
    release();
    await settle();
    expect(calls("renamePhone")).toEqual([["p1", "Work phone"]]);
    expect(document.querySelector(".phone-card h2")?.textContent).toBe("Work phone");
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Rename Work phone");
  });

  test("says why a name was not taken", async () => {
    await show("view=main&section=phones&fail=renamePhone:setting_invalid");
    press("Rename Alice’s phone");
    await settle();
    document.querySelector("form.rename")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    expect(text()).toContain("This can’t be set.");
    expect(document.querySelector("form.rename")).not.toBeNull();
  });

  test("removing asks once and names what is lost", async () => {
    await show("view=main&section=phones");
    press("Remove Alice’s phone");
    await settle();
    const asked = document.querySelector("dialog")?.textContent?.replace(/[\u2068\u2069]/g, "") ?? "";
    for (const want of [
      "Remove Alice’s phone?",
      "4 registrations on it are lost",
      "alice.admin@contoso.example",
      "git.northwind.example",
    ])
      expect(asked).toContain(want);
    expect(called("removePhone")).toEqual([]);
    press("Remove");
    await settle();
    expect(called("removePhone")).toEqual(["p1"]);
    expect(text()).not.toContain("Connected now");
  });

  test("says what to do first", async () => {
    await show("view=main&phones=none");
    expect(text()).toContain("No phone is paired yet.");
    press("Pair a phone");
    await settle();
    expect(heading()).toBe("Pair a phone");
  });
});

describe("registrations", () => {
  test("stand in groups by RP ID", async () => {
    await show("view=main&section=registrations");
    expect([...document.querySelectorAll(".group h2")].map((h) => h.textContent)).toEqual([
      "contoso.example",
      "git.northwind.example",
      "shop.example",
    ]);
    expect(text()).toContain("2 accounts");
  });

  test("the mode turns when the daemon has turned it", async () => {
    await show("view=main&section=registrations");
    const typed = document.querySelector<HTMLInputElement>('input[name="mode-c1"][value="type"]');
    const release = bridge().hold("setMode");
    typed?.click();
    await settle();
    expect(text()).toContain("Saving");
    expect(typed?.checked).toBe(false);
    release();
    await settle();
    expect(calls("setMode")).toEqual([["c1", "type"]]);
    expect(typed?.checked).toBe(true);
    expect(text()).toContain("Saved");
  });

  test("one that the website no longer takes can be restored", async () => {
    await show("view=main&section=registrations");
    expect(text()).toContain("The website no longer takes it");
    press("Restore alice@shop.example");
    await settle();
    expect(called("restore")).toEqual(["c4"]);
    expect(text()).not.toContain("The website no longer takes it");
  });

  test("renewing opens the website's page, and says which", async () => {
    await show("view=main&section=registrations");
    press("Renew alice-dev");
    await settle();
    expect(called("manage")).toEqual(["c3"]);
    expect(text()).toContain("Opened in your browser: https://git.northwind.example/security/passkeys");
  });

  test("renewing says where there is no page", async () => {
    await show("view=main&section=registrations&fail=manage:page_unknown");
    press("Renew alice-dev");
    await settle();
    expect(text()).toContain("This website names no page for its passkeys");
    expect(text()).not.toContain("Opened in your browser");
  });

  test("unregistering asks once", async () => {
    await show("view=main&section=registrations");
    press("Unregister alice-dev");
    await settle();
    expect(text()).toContain("Unregister alice-dev at git.northwind.example?");
    press("Unregister");
    await settle();
    expect(called("removeRegistration")).toEqual(["c3"]);
    expect(text()).not.toContain("alice-dev");
  });

  test("a thousand are found, and shown page by page", async () => {
    await show("view=main&section=registrations&many=1");
    expect(document.querySelectorAll(".item").length).toBe(50);
    press("Show 950 more");
    await settle();
    expect(document.querySelectorAll(".item").length).toBe(100);
    const find = document.querySelector<HTMLInputElement>(".find");
    if (find) find.value = "alice+777@";
    find?.dispatchEvent(new Event("input"));
    await settle();
    expect(document.querySelectorAll(".item").length).toBe(1);
  });
});

describe("activity", () => {
  test("every request has its title, reason, remedy, code and id", async () => {
    await show("view=main&section=activity");
    const one = document.querySelectorAll(".item")[1]?.textContent ?? "";
    for (const want of [
      "A different number was tapped.",
      "This request has ended.",
      "compare",
      "wrong_number",
      "q8ZkP3vXcN1mT00017",
      "Firefox",
    ])
      expect(one).toContain(want);
    [...(document.querySelectorAll<HTMLElement>(".item")[1]?.querySelectorAll("button") ?? [])].at(-1)?.click();
    await settle();
    expect(called("copy")).toEqual(["q8ZkP3vXcN1mT00017"]);
  });

  test("filters by outcome, website and text, and exports what is shown", async () => {
    await show("view=main&section=activity");
    write("Outcome", "approved");
    await settle();
    expect(text()).toContain("1 of 8 requests");
    press("Show all");
    await settle();
    write("Website", "mail.contoso.example");
    write("Search", "chromium");
    await settle();
    expect(document.querySelectorAll(".item").length).toBe(1);
    press("Export as CSV");
    await settle();
    expect(calls("export")).toEqual([["csv", ["q8ZkP3vXcN1mT00045"]]]);
    expect(text()).toContain("Written to /home/alice/tallykey-activity.csv");
    write("Search", "nothing like it");
    await settle();
    expect(text()).toContain("No request matches.");
    expect(text()).not.toContain("Export as CSV");
  });

  test("a file that can't be written is said", async () => {
    await show("view=main&section=activity&fail=export:export_failed");
    press("Export as JSON");
    await settle();
    expect(text()).toContain("The file could not be written");
    expect(text()).not.toContain("Written to");
  });

  test("a request that ends is listed at once", async () => {
    await show("view=main&section=activity");
    const before = called("activity").length;
    bridge().push(request({ state: "ended", code: "approved" }));
    await settle();
    expect(called("activity").length).toBe(before + 1);
  });
});

describe("settings", () => {
  test.each([
    ["Start when I log in", { startAtLogin: false }],
    ["Always type the number", { typeNumbers: true }],
    ["Wake the phone", { webPush: false }],
    ["Trial mode", { trial: true }],
  ])("%s turns when the daemon has turned it", async (label, change) => {
    await show("view=main&section=settings");
    const before = field(label).checked;
    const release = bridge().hold("changeSettings");
    field(label).click();
    await settle();
    expect(field(label).checked).toBe(before);
    expect(text()).toContain("Saving");
    release();
    await settle();
    expect(called("changeSettings")).toEqual([change]);
    expect(field(label).checked).toBe(!before);
    expect(text()).toContain("Saved");
  });

  test("a refused change stays as it was, with the reason", async () => {
    await show("view=main&section=settings&fail=changeSettings:settings_failed");
    field("Start when I log in").click();
    await settle();
    expect(field("Start when I log in").checked).toBe(true);
    expect(text()).toContain("The settings can’t be kept.");
    expect(text()).not.toContain("Saved");
  });

  test("networks: one that is away can be taken out, and all are had back", async () => {
    await show("view=main&section=settings&chosen=1");
    expect(text()).toContain("tun0not here now");
    field("tun0").click();
    await settle();
    expect(called("changeSettings")).toEqual([{ interfaces: ["wlp2s0"] }]);
    field("All that fit").click();
    await settle();
    expect(called("changeSettings")[1]).toEqual({ interfaces: [] });
  });

  test("pauses: all for an hour, one website until resumed, and back", async () => {
    await show("view=main&section=settings");
    expect(text()).toContain("Nothing is paused.");
    const pause = () =>
      document.querySelector("form.filters")?.dispatchEvent(new Event("submit", { cancelable: true }));
    pause();
    await settle();
    expect(calls("pause")).toEqual([["", 3600]]);
    write("Website", "one");
    await settle();
    write("Address of the website", "no address");
    pause();
    await settle();
    expect(text()).toContain("This is no address of a website.");
    write("Address of the website", "Shop.example/checkout");
    write("For", "0");
    pause();
    await settle();
    expect(calls("pause")[1]).toEqual(["https://shop.example", 0]);
    expect(text()).toContain("until you resume");
    press("Resume shop.example");
    await settle();
    expect(called("resume")).toEqual(["https://shop.example"]);
    expect(text()).toContain("Paused"); // every website still is
  });
});

describe("doctor", () => {
  test("shows what is broken first, with the remedy, and repairs what is safe", async () => {
    await show("view=main&section=doctor");
    expect(called("doctor")).toEqual([false]);
    expect(text()).toContain("1 thing to repair.");
    expect(document.querySelector(".checks li")?.textContent).toContain("tallykey browsers install");
    press("Repair");
    await settle();
    expect(called("doctor")).toEqual([false, true]);
    expect(text()).toContain("tallykey works, with 1 warning.");
    expect([...document.querySelectorAll("button")].map((b) => b.textContent)).not.toContain("Repair");
  });

  test("works without a daemon, and says where there is no report", async () => {
    await show("view=main&section=doctor&running=no&fail=doctor:doctor_failed");
    expect(text()).toContain("The checks gave no report.");
    bridge().fails.delete("doctor");
    press("Check again");
    await settle();
    expect(text()).toContain("1 thing to repair.");
  });
});

test("about: version, licence and the desktop's id", async () => {
  await show("view=main&section=about");
  for (const want of ["0.1.0", "Apache License 2.0", "aaaqeayeaudaocaj", "Firefox 0.1.0", "man tallykey"])
    expect(text()).toContain(want);
  press("Copy the desktop id");
  await settle();
  expect(called("copy")).toEqual(["aaaqeayeaudaocaj"]);
});
