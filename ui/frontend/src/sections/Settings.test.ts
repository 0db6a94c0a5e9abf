import { describe, expect, test } from "vitest";
import { bridge, called, calls, field, press, settle, show, text, withPage, write } from "../../fake/page";

withPage();

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
