// @vitest-environment happy-dom
// Screens and parts that come when they are needed: approve, PIN, wake-up, names, what was replaced.
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { App } from "../app.svelte";
import { installer } from "../install.svelte";
import type { PinVerifier } from "../keys/pinverifier";
import { follow } from "../lifecycle";
import { FakeNetwork } from "../link/fake";
import { PinChange } from "../pinchange.svelte";
import type { Outcome } from "../request/inbox";
import type { Registration } from "../store/records";
import type { DesktopView, RequestView } from "../view";
import { bringAll } from "./lazy.svelte";
import Root from "./Root.svelte";

let app: App;
let root: object;

beforeAll(bringAll);

beforeEach(() => {
  app = new App(new FakeNetwork().dial, "0.1.0");
  app.ready = true;
  root = mount(Root, { target: document.body, props: { app } });
});

afterEach(() => {
  unmount(root);
  document.body.replaceChildren();
  installer.event = undefined;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const all = (selector: string) => Array.from(document.querySelectorAll<HTMLElement>(selector));
const one = (selector: string) => {
  const found = all(selector)[0];
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
};
const text = (selector: string) => one(selector).textContent?.replace(/\s+/g, " ").trim();
const fill = (selector: string, value: string) => {
  (one(selector) as HTMLInputElement).value = value;
  one(selector).dispatchEvent(new Event("input"));
  flushSync();
};
const submit = () => {
  one("form").dispatchEvent(new Event("submit"));
  flushSync();
};

const host = "mail.contoso.example";
const website = { host, labels: ["mail."], domain: "contoso.example", port: "", inside: "", lookalike: false };

function request(more: Partial<RequestView> = {}): RequestView {
  return {
    ...{ id: "AAECAwQFBgcICQoLDA0ODw", action: "get", website, rpId: host, desktop: "D", browser: "Firefox" },
    ...{ accounts: ["alice"], account: 0, mode: "choose", numbers: ["71", "26", "48"], state: "asking", chosen: "" },
    ...{ deadline: Date.now() + 47_000, total: 60 },
    ...more,
  };
}

function show(more: Partial<RequestView> = {}): void {
  app.request = request(more);
  flushSync();
}

describe("the approve screen", () => {
  it("has Approve and Deny and no number", () => {
    const approve = vi.spyOn(app, "approve");
    const decline = vi.spyOn(app, "decline");
    show({ mode: "approve", numbers: [] });
    expect(all("button.number, #number")).toEqual([]);
    expect([text("#approve"), text("#decline")]).toEqual(["Approve", "Deny"]);
    one("#approve").click();
    one("#decline").click();
    expect(approve).toHaveBeenCalledTimes(1);
    expect(decline).toHaveBeenCalledWith("declined");
    show({ mode: "approve", numbers: [], state: "verifying" });
    expect(text("#request")).not.toContain("You chose");
  });
});

describe("the website of a request", () => {
  it("has its RP ID beside it where that is another name", () => {
    show({ rpId: "contoso.example" });
    expect(text("#rp-id")).toBe("Key of contoso.example");
    expect(one("#rp-id").dir).toBe("ltr");
    show({ website: { ...website, host: `${host}:8443`, port: ":8443" } });
    expect(all("#rp-id")).toEqual([]);
  });
});

describe("the app PIN", () => {
  const question = { digits: true, wrong: false, left: 10, free: 5, wait: 0, busy: false };

  it("is asked for inside the request, and forgotten once it was entered", () => {
    const enter = vi.spyOn(app, "enterPin").mockResolvedValue();
    app.trial = true;
    app.question = question;
    show({ state: "verifying", chosen: "26" });
    expect(one("#pin").getAttribute("inputmode")).toBe("numeric");
    expect(document.activeElement).toBe(one("#pin"));
    fill("#pin", "482913");
    submit();
    expect(enter).toHaveBeenCalledWith("482913");
    expect((one("#pin") as HTMLInputElement).value).toBe("");
  });

  it("says what follows from wrong entries before it follows, and takes none during a wait", async () => {
    vi.useFakeTimers();
    const enter = vi.spyOn(app, "enterPin").mockResolvedValue();
    app.question = { ...question, wrong: true, left: 4, free: 0, wait: 2 };
    show({ state: "verifying", chosen: "26" });
    expect(text("#pin-said")).toContain("4 more wrong entries in a row erase the keys");
    expect(text("#pin-said")).toContain("Wait 2 seconds");
    submit();
    expect(enter).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2000);
    flushSync();
    expect(text("#pin-said")).not.toContain("Wait");
    submit();
    expect(enter).toHaveBeenCalledTimes(1);
  });

  it("is chosen twice, and not a weak one", () => {
    const set = vi.spyOn(app, "setPin").mockResolvedValue();
    app.go({ name: "pin" });
    flushSync();
    expect(text("#choose-pin")).toContain("After 10 wrong entries in a row the keys on this phone are erased");
    for (const [first, second, said] of [
      ["12345", "12345", "at least 6"],
      ["123456", "123456", "others try first"],
      ["482913", "482914", "not the same"],
    ] as const) {
      fill("#pin-first", first);
      fill("#pin-second", second);
      submit();
      expect(text("#pin-bad")).toContain(said);
    }
    expect(set).not.toHaveBeenCalled();
    fill("#pin-second", "482913");
    submit();
    expect(set).toHaveBeenCalledWith("482913", undefined);
  });

  it("is changed: first the old one, then the new one twice", async () => {
    app.trial = true;
    vi.spyOn(app, "hasPin").mockResolvedValue(true);
    const pin = { open: vi.fn(async () => new Uint8Array(32)), replace: vi.fn(async () => {}) };
    vi.spyOn(app, "changePin").mockImplementation(() => {
      app.go({ name: "pinChange", change: new PinChange(pin as unknown as PinVerifier) });
    });
    app.question = question;
    let entered: (secret: Uint8Array<ArrayBuffer>) => void = () => {};
    pin.open.mockImplementation(() => new Promise((resolve) => (entered = resolve)));
    app.go({ name: "phone" });
    await vi.waitFor(() => one("#change-pin").click());
    flushSync();
    expect(all("#pin, #pin-first").map((e) => e.id)).toEqual(["pin"]);
    entered(new Uint8Array(32));
    await vi.waitFor(() => {
      flushSync();
      expect(all("#pin, #pin-first").map((e) => e.id)).toEqual(["pin-first"]);
    });
    fill("#pin-first", "593021");
    fill("#pin-second", "593021");
    submit();
    await vi.waitFor(() => {
      flushSync();
      expect(text("#pin-changed")).toBe("The app PIN was changed.");
    });
    expect(pin.replace).toHaveBeenCalledWith(new Uint8Array(32), "593021");
  });

  it("is not changed where a request comes in between", async () => {
    app.trial = true;
    const pin = { open: () => Promise.reject(new Error("asked anew")) } as unknown as PinVerifier;
    app.go({ name: "pinChange", change: new PinChange(pin) });
    flushSync();
    await vi.waitFor(() => expect(app.view).toEqual({ name: "phone" }));
  });

  it("is called weaker than a screen lock wherever it stands", () => {
    app.trial = true;
    flushSync();
    expect(text("#first")).toContain("weaker than your screen lock");
    app.registrations = [{ rpId: "r", account: "a", credential: "c", key: { protection: "pin" } } as Registration];
    app.go({ name: "site", rpId: "r" });
    flushSync();
    expect(text("#site .strength")).toContain("weaker than your screen lock");
    app.go({ name: "phone" });
    flushSync();
    expect(text("#trial")).toContain("weaker than your screen lock");
    expect(text("#trial")).toContain("an address with https");
  });
});

describe("a registration that was renewed", () => {
  it("shows the new one, and the old as replaced, to be removed", () => {
    const userId = Uint8Array.of(1);
    const of = (credential: string, created: number) =>
      ({ credential, created, rpId: "r", account: "alice", userId, key: { protection: "prf" } }) as Registration;
    app.registrations = [of("old", 1), of("new", 2)];
    app.go({ name: "site", rpId: "r" });
    flushSync();
    const rows = all("#site li");
    expect(rows.map((r) => r.querySelectorAll(".replaced").length)).toEqual([0, 1]);
    expect(rows[1]?.textContent).toContain("still takes this one until it says otherwise");
    const remove = vi.spyOn(app, "removeRegistration").mockResolvedValue();
    rows[1]?.querySelector("button")?.click();
    flushSync();
    expect(text("#confirm-what")).toContain("The newer key stays");
    one("#confirm-yes").click();
    expect(remove).toHaveBeenCalledWith("old");
  });
});

describe("the outcome of a pairing", () => {
  const outcome = (code: string) =>
    ({ code, request: request(), website, desktop: "D", source: "d", account: "", at: 0 }) as unknown as Outcome;

  it("asks for the phone's name once", async () => {
    const rename = vi.spyOn(app, "rename").mockResolvedValue(true);
    app.name = "Android phone";
    app.outcome = outcome("paired");
    flushSync();
    expect((one("#name") as HTMLInputElement).value).toBe("Android phone");
    fill("#name", "Alice’s phone");
    submit();
    await vi.waitFor(() => expect(rename).toHaveBeenCalledWith("Alice’s phone"));
    app.named = true;
    flushSync();
    expect(all("#name")).toEqual([]);
  });

  it("leads to the desktop that somebody else asked from", () => {
    app.desktops = [
      {
        desktop: { id: "d", name: "D", addresses: [] as string[] },
        reach: "connected",
        code: "",
        cause: "",
      } as DesktopView,
    ];
    app.outcome = outcome("reported");
    flushSync();
    vi.spyOn(app, "dismiss").mockImplementation(() => {
      app.outcome = undefined;
    });
    one("#suspect").click();
    expect(app.view).toEqual({ name: "desktop", id: "d" });
  });
});

describe("a pairing that an early version made", () => {
  const day = 86_400_000;
  function ends(at: number, reach: DesktopView["reach"] = "connected"): void {
    const desktop = { id: "d", name: "D", addresses: [] as string[], paired: 0, seen: 0, ends: at };
    app.desktops = [{ desktop, reach, code: "", cause: "" } as unknown as DesktopView];
    flushSync();
  }

  it("is told of a year before its end, with what to do", () => {
    ends(Date.now() + 400 * day);
    expect(all(".ends")).toEqual([]);
    ends(Date.now() + 300 * day);
    expect(text("#desktops")).toContain("Pair again before");
    expect(text("#desktops")).toContain("Connected");
    one("#desktops button").click();
    flushSync();
    expect(text("#ending")).toContain("This pairing ends on");
    expect(text("#ending")).toContain("Your registrations stay");
    one("#pair-again").click();
    expect(app.view).toEqual({ name: "pair" });
  });

  it("asks to be made anew after its end, and names no other cause for the silence", () => {
    ends(Date.now() - day, "away");
    expect(text("#desktops")).toContain("Pair again");
    expect(all("#trouble")).toEqual([]);
    one("#desktops button").click();
    flushSync();
    expect(text("#ending")).toContain("This pairing ended on");
    expect(all("#trouble")).toEqual([]);
    expect(all("#pair-again")).toHaveLength(1);
  });
});

describe("names from a desktop", () => {
  it("stand apart from the text around them, whatever their direction", () => {
    app.desktops = [
      { desktop: { id: "d", name: "שולחן", addresses: [], paired: 0, seen: 0 }, reach: "away", code: "", cause: "" },
    ] as unknown as DesktopView[];
    flushSync();
    expect(one("#desktops bdi").textContent).toBe("שולחן");
  });
});

describe("wake-up", () => {
  const wakes = [
    { desktop: { id: "d", name: "D", addresses: [], wakes: true }, reach: "connected", code: "", cause: "" },
  ];

  function browser(permission: string): void {
    vi.stubGlobal("PushManager", class {});
    vi.stubGlobal("Notification", { requestPermission: async () => permission });
    vi.stubGlobal("navigator", { serviceWorker: { getRegistration: async () => undefined }, permissions: {} });
  }

  it("is a switch, off, where a desktop would do it and the browser can", () => {
    app.go({ name: "phone" });
    flushSync();
    expect(all("#wake")).toEqual([]);
    unmount(root);
    browser("granted");
    app.trial = true; // no worker there, and nothing to wake it by
    app.desktops = wakes as unknown as DesktopView[];
    root = mount(Root, { target: document.body, props: { app } });
    flushSync();
    expect(all("#wake")).toEqual([]);
    unmount(root);
    app.trial = false;
    app.desktops = wakes as unknown as DesktopView[];
    root = mount(Root, { target: document.body, props: { app } });
    flushSync();
    expect([one("#wake").getAttribute("role"), (one("#wake") as HTMLInputElement).checked]).toEqual(["switch", false]);
    expect(text("#wake-what")).toContain("home screen");
  });

  it.each([
    ["denied", "Notifications are off"],
    ["granted", "The push service gave no answer"],
  ])("stays off where permission is %s and it does not work, and says why", async (permission, why) => {
    browser(permission);
    app.desktops = wakes as unknown as DesktopView[];
    app.go({ name: "phone" });
    flushSync();
    one("#wake").click();
    await vi.waitFor(() => {
      flushSync();
      expect(text("#wake-said")).toContain(why);
    });
    expect((one("#wake") as HTMLInputElement).checked).toBe(false);
  });
});

describe("the browser's offer to install", () => {
  it("waits for the person's tap and is good once", () => {
    expect(all("#install-app")).toEqual([]);
    const prompt = vi.fn(async () => {});
    installer.event = Object.assign(new Event("beforeinstallprompt"), { prompt });
    flushSync();
    one("#install-app").click();
    flushSync();
    expect(prompt).toHaveBeenCalledTimes(1);
    expect(all("#install-app")).toEqual([]);
  });
});

describe("another network", () => {
  it("is met with new connections: on online, and when the kind of network changes", () => {
    const connection = Object.assign(new EventTarget(), { type: "wifi" });
    Object.defineProperty(navigator, "connection", { value: connection, configurable: true });
    const moved = vi.spyOn(app, "moved").mockResolvedValue();
    follow(app);
    dispatchEvent(new Event("online"));
    expect(moved).toHaveBeenCalledTimes(1);
    connection.dispatchEvent(new Event("change")); // the same network, faster or slower
    expect(moved).toHaveBeenCalledTimes(1);
    connection.type = "cellular";
    connection.dispatchEvent(new Event("change"));
    expect(moved).toHaveBeenCalledTimes(2);
    Reflect.deleteProperty(navigator, "connection");
  });
});
