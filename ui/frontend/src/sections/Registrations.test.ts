import { describe, expect, test } from "vitest";
import { bridge, called, calls, press, settle, show, text, withPage } from "../../fake/page";

withPage();

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
