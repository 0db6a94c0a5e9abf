/** The popup and the options page, as pages in a tab: what they show is what the background sees, not where they are. */
import type { Page, SerializedAXNode } from "puppeteer-core";
import { describe, expect, test } from "vitest";
import { useStage } from "../stage/fixture.ts";
import { look, WIDTH } from "../stage/look.ts";

const on = useStage("login.localhost");

const ready = { state: "ready" };
const running = (phones: object[], more: object = {}) => ({
  version: "0.1.0",
  phones,
  keyring: ready,
  link: ready,
  pauses: [],
  ...more,
});
const alice = { id: "p1", name: "Alice’s phone", connected: true, lastSeen: "2026-11-23T14:02:00Z" };
const old = { id: "p2", name: "Old phone", connected: false, lastSeen: "2025-05-01T09:00:00Z" };
const registration = {
  id: "AQID",
  rpId: "localhost",
  account: "alice@contoso.example",
  phoneName: "Alice’s phone",
  created: "2025-05-01T09:00:00Z",
  lastUsed: new Date().toISOString(),
};

/** A page that is behind takes no clicks of a mouse. */
const press = (button: Element): void => (button as HTMLElement).click();

/** Opens the popup beside the page of the website, which is in front. */
async function open(): Promise<Page> {
  const popup = await on.stage.popup();
  await popup.setViewport({ width: WIDTH, height: 280, deviceScaleFactor: 2 });
  await on.page.bringToFront();
  await check(popup);
  return popup;
}

/** Presses the button and waits for what comes of it. */
async function check(popup: Page): Promise<void> {
  await popup.waitForSelector("main[aria-busy=false]");
  await popup.evaluate(() => {
    document.querySelector("main")?.setAttribute("aria-busy", "true");
    document.getElementById("check")?.click();
  });
  await popup.waitForSelector("main[aria-busy=false]");
}

const words = async (popup: Page): Promise<string> =>
  (await popup.evaluate(() => document.body.innerText)).replaceAll(/\s+/g, " ");

/** Opens the popup, reads it and looks at it. */
async function read(name: string, popup?: Page): Promise<string> {
  const shown = popup ?? (await open());
  const text = await words(shown);
  await picture(name, shown);
  await shown.close();
  return text;
}

async function picture(name: string, popup: Page): Promise<void> {
  await look(name, popup);
  await on.page.bringToFront();
}

describe("phones", () => {
  test("shows each phone and whether it is there", async () => {
    on.daemon.results.set("status", running([alice, old]));
    const text = await read("phones");
    expect(text).toContain("Alice’s phone On this network Connected Old phone Last seen May 1 Not connected");
    expect(text).toContain("Pair a phone Check connection");
  });

  test("says what to do when no phone is there", async () => {
    on.daemon.results.set("status", running([old]));
    expect(await read("away")).toContain("Open tallykey on the phone and join the same network");
  });

  test("says what to do when no phone is paired, and begins it in the window", async () => {
    on.daemon.results.set("status", running([]));
    const popup = await open();
    const text = await words(popup);
    expect(text).toContain("No phone is paired");
    await picture("unpaired", popup);
    const closed = new Promise((resolve) => popup.once("close", resolve));
    await popup.$eval("#pair", press);
    await closed;
    expect(on.daemon.heard("pair")).toHaveLength(1);
  });
});

describe("the website in front", () => {
  test("shows its registrations and how the newest request ended", async () => {
    const last = { time: new Date().toISOString(), action: "get", code: "wrong_number" };
    on.daemon.results.set("status", running([alice]));
    on.daemon.results.set("site", { registrations: [registration], last });
    const text = await read("site");
    expect(text).toMatch(/login\.localhost:\d+ alice@contoso\.example Signed in today, \d\d:\d\d/);
    expect(text).toContain("A different number was tapped");
    expect(text).toContain("wrong_number");
    expect(on.daemon.heard("site")[0]).toEqual({ origin: on.stage.site.origin("login.localhost") });
  });

  test("is paused and resumed by its switch, which keeps the focus", async () => {
    on.daemon.results.set("status", running([alice]));
    on.daemon.results.set("site", { registrations: [registration] });
    const popup = await open();
    const origin = on.stage.site.origin("login.localhost");
    expect(await state(popup, "use")).toEqual({ checked: true, role: "switch", name: "Use tallykey on this site" });
    await picture("ready", popup);

    on.daemon.results.set("site", { registrations: [registration], pause: { origin, until: "2099-01-01T00:00:00Z" } });
    await flip(popup, "use");
    await expect.poll(() => words(popup)).toContain("Paused until");
    expect(on.daemon.heard("pauses.add")).toEqual([{ origin }]);
    expect(await state(popup, "use")).toMatchObject({ checked: false });
    await expect.poll(() => popup.evaluate(() => document.activeElement?.id)).toBe("use");

    on.daemon.results.set("site", { registrations: [registration] });
    await flip(popup, "use");
    await expect.poll(() => words(popup)).not.toContain("Paused until");
    expect(await state(popup, "use")).toMatchObject({ checked: true });
    await expect.poll(() => on.daemon.heard("pauses.remove")).toEqual([{ origin }]);
    await popup.close();
  });

  test("is left out where the browser's own page is in front", async () => {
    on.daemon.results.set("status", running([alice]));
    await on.page.goto("about:blank");
    const popup = await open();
    expect(await popup.$("main .site")).toBeNull();
    await popup.close();
    expect(on.daemon.heard("site")).toEqual([]);
  });
});

/** Presses the switch by keyboard. */
async function flip(popup: Page, id: string): Promise<void> {
  await popup.evaluate((id) => document.getElementById(id)?.focus(), id);
  await popup.keyboard.press("Space");
  await on.page.bringToFront();
}

/** A control as the accessibility tree has it. */
function state(popup: Page, id: string) {
  return popup.evaluate((id) => {
    const input = document.getElementById(id) as HTMLInputElement;
    return { checked: input.checked, role: input.getAttribute("role"), name: input.labels?.[0]?.textContent };
  }, id);
}

test("a pause of every website shows on the button, too", async () => {
  on.daemon.results.set("status", running([alice]));
  const popup = await open();
  on.daemon.results.set("status", running([alice], { pauses: [{}] }));
  await flip(popup, "everywhere");
  await expect.poll(() => state(popup, "everywhere")).toMatchObject({ checked: false });
  await expect.poll(() => on.daemon.heard("pauses.add")).toEqual([{}]);
  await expect.poll(() => popup.evaluate(() => document.getElementById("state")?.innerText)).toBe("Paused");
  expect(await popup.$("#use")).toBeNull();
  await picture("paused", popup);
  await expect.poll(badge).toBe("II");
  on.daemon.results.set("status", running([alice]));
  await flip(popup, "everywhere");
  await expect.poll(badge).toBe("");
  await expect.poll(() => on.daemon.heard("pauses.remove")).toEqual([{ origin: "" }]);
  await popup.close();
});

/** The badge of the tab in front. */
async function badge(): Promise<string> {
  const background = await on.stage.background();
  return background.evaluate(async () => {
    const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
    return chrome.action.getBadgeText({ tabId: tab?.id as number });
  });
}

test("while a person is asked, badge and popup say where the number is, until that is closed", async () => {
  on.daemon.results.set("status", running([alice]));
  on.daemon.behave = (call) => call.take();
  const called = on.daemon.next();
  await on.page.evaluate("void get()");
  await called;
  await expect.poll(badge).toBe("…");
  const popup = await open();
  expect(await words(popup)).toContain("The number is on your desktop. Tap it on your phone.");
  await picture("pending", popup);
  await popup.$eval("#dismiss", press);
  await expect.poll(() => popup.$(".hint")).toBeNull();
  expect(await badge()).toBe("");
  await popup.close();
});

test("says which part of the daemon has a problem", async () => {
  const keyring = { state: "problem", code: "keyring_locked" };
  on.daemon.results.set("status", running([alice], { keyring }));
  expect(await read("keyring")).toContain("The keyring is locked");
});

test("says that the daemon does not run, on the button too, and sees it when it does", async () => {
  on.daemon.results.set("status", running([alice]));
  await on.daemon.stop();
  const popup = await open();
  expect(await words(popup)).toContain("tallykey is not running");
  await picture("stopped", popup);
  await expect.poll(badge).toBe("–");
  await on.daemon.start();
  await check(popup);
  expect(await words(popup)).toContain("Connected");
  await expect.poll(badge).toBe("");
  await popup.close();
});

test("says that the browser knows no host, or not for us", async () => {
  on.stage.uninstall();
  on.stage.killHosts();
  await expect.poll(badge).toBe("–");
  expect(await read("missing")).toContain("It was not told where tallykey is on this desktop.");
  on.stage.install("strangers");
  expect(await read("forbidden")).toContain("another extension than this one");
});

test("the options page shows what is paused, and resumes it", async () => {
  const origin = "https://shop.example";
  on.daemon.results.set("status", running([alice], { pauses: [{ origin }] }));
  const options = await on.stage.popup("options");
  await options.waitForSelector("main[aria-busy=false]");
  expect(await words(options)).toContain("shop.example Paused until you resume it Resume");
  expect(await options.$("main .site")).toBeNull();
  await picture("options", options);
  on.daemon.results.set("status", running([alice]));
  await options.$eval("ul[aria-label='Paused websites'] button[aria-label='Resume on shop.example']", press);
  await expect.poll(() => options.$("ul[aria-label='Paused websites']")).toBeNull();
  expect(on.daemon.heard("pauses.remove")).toEqual([{ origin }]);
  await options.close();
});

test("everything in the popup has a role and a name, and comes in order by the tab key", async () => {
  on.daemon.results.set("status", running([alice]));
  on.daemon.results.set("site", { registrations: [registration] });
  const popup = await open();
  const named = rolesIn(await popup.accessibility.snapshot());
  expect(named).toContainEqual(["heading", new URL(on.stage.site.origin("login.localhost")).host]);
  expect(named).toContainEqual(["switch", "Use tallykey on this site"]);
  expect(named).toContainEqual(["switch", "Use tallykey on all websites"]);
  await popup.bringToFront();
  const order: unknown[] = [];
  for (let i = 0; i < 4; i++) {
    await popup.keyboard.press("Tab");
    order.push(await popup.evaluate(() => document.activeElement?.id));
  }
  expect(order).toEqual(["use", "everywhere", "pair", "check"]);
  await popup.close();
});

/** All roles in a tree of the accessibility API, with their names. */
function rolesIn(node: SerializedAXNode | null): [string, string][] {
  if (!node) return [];
  return [[node.role, node.name ?? ""], ...(node.children ?? []).flatMap(rolesIn)];
}

test("does not tell a page about phones", async () => {
  const text = await on.page.evaluate(`typeof chrome === "undefined" || !chrome.runtime ? "no way in" : "a way in"`);
  expect(text).toBe("no way in");
});
