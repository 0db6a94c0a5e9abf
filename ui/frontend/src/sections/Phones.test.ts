import { describe, expect, test } from "vitest";
import { bridge, called, calls, heading, press, settle, show, text, withPage, write } from "../../fake/page";

withPage();

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
