import { describe, expect, test } from "vitest";
import { request } from "../../fake/bridge";
import { bridge, called, calls, press, settle, show, text, withPage, write } from "../../fake/page";

withPage();

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
