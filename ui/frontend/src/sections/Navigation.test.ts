import { describe, expect, test } from "vitest";
import { phones } from "../../fake/bridge";
import { bridge, called, heading, press, settle, show, text, withPage } from "../../fake/page";
import { sections } from "../types";
import { wordsOf } from "./words";

withPage();

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
