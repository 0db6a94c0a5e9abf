import { describe, expect, test } from "vitest";
import { bridge, called, press, settle, show, text, withPage } from "../../fake/page";

withPage();

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
