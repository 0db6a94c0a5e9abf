// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import codes from "../../../daemon/api/codes.json";
import { App } from "../app.svelte";
import { follow, takeLink } from "../lifecycle";
import { FakeNetwork } from "../link/fake";
import type { Outcome } from "../request/inbox";
import type { Cause } from "../session/cause";
import type { RequestView } from "../view";
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
  vi.useRealTimers();
});

const all = (selector: string) => Array.from(document.querySelectorAll<HTMLElement>(selector));
const one = (selector: string) => {
  const found = all(selector)[0];
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
};
const text = (selector: string) => one(selector).textContent?.replace(/\s+/g, " ").trim();

const website = {
  ...{ host: "mail.contoso.example", labels: ["mail."], domain: "contoso.example", port: "" },
  ...{ inside: "", lookalike: false },
};

function request(more: Partial<RequestView> = {}): RequestView {
  return {
    ...{
      id: "AAECAwQFBgcICQoLDA0ODw",
      action: "get",
      website,
      rpId: "contoso.example",
      desktop: "Office desktop",
      browser: "Firefox",
    },
    ...{ accounts: ["alice@contoso.example"], account: 0, mode: "choose", numbers: ["71", "26", "48"] },
    ...{ state: "asking", chosen: "", deadline: Date.now() + 47_000, total: 60 },
    ...more,
  };
}

function show(view: RequestView): void {
  app.request = view;
  flushSync();
}

describe("the request screen", () => {
  it("says who asks before it asks", () => {
    show(request());
    expect(text("#request h1")).toBe("mail.contoso.example");
    expect(text("#request h1 b")).toBe("contoso.example");
    expect(one("#request h1").getAttribute("aria-label")).toBe("mail.contoso.example");
    expect(text("#account")).toBe("alice@contoso.example");
    expect(text("#browser")).toBe("Firefox on Office desktop");
    expect(text("[role=timer]")).toBe("47 seconds left");
    expect(
      all(".ruler i")
        .map((i) => i.classList.contains("off"))
        .indexOf(true),
    ).toBe(10);
  });

  it("begins at its heading, so that Enter does nothing", () => {
    show(request());
    expect(document.activeElement).toBe(one("h1"));
  });

  it("offers the numbers in the order that they came in, and reads their digits", () => {
    const choose = vi.spyOn(app, "choose");
    show(request());
    expect(all("button.number").map((b) => b.textContent)).toEqual(["71", "26", "48"]);
    expect(all("button.number")[1]?.getAttribute("aria-description")).toBe("2, 6");
    all("button.number")[1]?.click();
    expect(choose).toHaveBeenCalledWith("26");
  });

  it("shows no number to choose once one was chosen", () => {
    show(request({ state: "verifying", chosen: "26" }));
    expect(all("button.number")).toEqual([]);
    expect(all("footer button")).toHaveLength(2);
    show(request({ state: "sent", chosen: "26" }));
    expect(all("footer button")).toEqual([]);
  });

  it("takes a typed number with Continue", () => {
    const choose = vi.spyOn(app, "choose");
    show(request({ mode: "type", numbers: [] }));
    const field = one("#number") as HTMLInputElement;
    field.value = "07";
    field.dispatchEvent(new Event("input"));
    one("form").dispatchEvent(new Event("submit"));
    expect(choose).toHaveBeenCalledWith("07");
  });

  it("lets several accounts be chosen among, the first chosen already", () => {
    const select = vi.spyOn(app, "selectAccount");
    show(request({ accounts: ["alice", "bob"] }));
    const radios = all("input[type=radio]") as HTMLInputElement[];
    expect(radios.map((r) => r.checked)).toEqual([true, false]);
    radios[1]?.click();
    expect(select).toHaveBeenCalledWith(1);
  });

  it("ends by This isn’t me, by Decline, and by giving up", () => {
    const decline = vi.spyOn(app, "decline");
    show(request());
    one("#not-me").click();
    one("#decline").click();
    show(request({ state: "again", chosen: "26" }));
    one("#decline").click();
    expect(decline.mock.calls).toEqual([["reported"], ["declined"], ["verification_failed"]]);
  });

  it("asks the platform again in the tap on Try again", () => {
    const again = vi.spyOn(app, "again");
    show(request({ state: "again", chosen: "26" }));
    one("#again").click();
    expect(again).toHaveBeenCalledTimes(1);
  });

  it("announces the time at 30 and at 10 seconds only", async () => {
    vi.useFakeTimers();
    show(request());
    const said: string[] = [];
    for (let i = 0; i < 47; i++) {
      await vi.advanceTimersByTimeAsync(1000);
      flushSync();
      const now = text(".sr[role=status]") ?? "";
      if (now !== said.at(-1)) said.push(now);
    }
    expect(said).toEqual(["", "30 seconds left", "10 seconds left"]);
  });

  it("warns of letters that look like others and of a frame", () => {
    show(request({ website: { ...website, lookalike: true, inside: "shop.example" } }));
    expect(text("#request")).toContain("can look like others");
    expect(text("#request")).toContain("Inside a page of shop.example.");
  });
});

describe("the outcome screen", () => {
  const outcome = (code: string) => ({ code, request: request(), website, desktop: "D", account: "a", at: 0 });

  for (const { code, en } of codes) {
    it(`of ${code} says what happened and what to do`, () => {
      app.outcome = outcome(code) as unknown as Outcome;
      flushSync();
      expect(one("#outcome").dataset.code).toBe(code);
      expect(document.activeElement).toBe(one("h1"));
      if (["approved", "registered", "paired"].includes(code)) return;
      expect(text("h1")).toBe(en.title);
      expect(text("#code")).toBe(code);
      expect(text("#outcome")).toContain(en.what);
      expect(text("#outcome")).toContain(en.remedy);
    });
  }

  it("has a row for a code that is newer than the app", () => {
    app.outcome = outcome("from_the_future") as unknown as Outcome;
    flushSync();
    expect(text("#code")).toBe("from_the_future");
    expect(text("#outcome")).toContain("newest version");
  });
});

describe("the other screens", () => {
  it("begin with pairing on a phone that has no desktop", () => {
    expect(all("#first")).toHaveLength(1);
    one("#pair-first").click();
    flushSync();
    expect(all("#pair #link")).toHaveLength(1);
  });

  it("take a pasted link and forget it", () => {
    const pair = vi.spyOn(app, "pair").mockResolvedValue();
    app.go({ name: "pair" });
    flushSync();
    const field = one("#link") as HTMLInputElement;
    field.value = "https://phone.contoso.example/#v=1";
    field.dispatchEvent(new Event("input"));
    one("form").dispatchEvent(new Event("submit"));
    flushSync();
    expect(pair).toHaveBeenCalledWith("https://phone.contoso.example/#v=1");
    expect(field.value).toBe("");
  });

  it("list how requests ended, with reason and remedy, and export it", async () => {
    const end = {
      action: "get" as const,
      site: "mail.contoso.example",
      account: "alice",
      desktop: "D",
      browser: "Firefox",
    };
    app.activity = [
      { ...end, id: "2", at: Date.UTC(2026, 0, 2), code: "timed_out" },
      { ...end, id: "1", at: Date.UTC(2026, 0, 1), code: "approved" },
    ];
    app.go({ name: "activity" });
    flushSync();
    const row = codes.find((c) => c.code === "timed_out");
    expect(all("#activity details")).toHaveLength(2);
    for (const said of [row?.en.title, row?.en.what, row?.en.remedy, "timed_out", "mail.contoso.example"]) {
      expect(text("#activity li")).toContain(said);
    }
    let file: Blob | undefined;
    vi.spyOn(URL, "createObjectURL").mockImplementation((b) => {
      file = b as Blob;
      return "blob:x";
    });
    one("#export").click();
    expect(JSON.parse((await file?.text()) ?? "")).toMatchObject([
      { at: "2026-01-02T00:00:00.000Z", code: "timed_out", reason: row?.en.what, remedy: row?.en.remedy },
      { code: "approved" },
    ]);
  });

  it("say whether the browser keeps what is stored, and ask it to", () => {
    const keep = vi.spyOn(app, "keepStorage").mockResolvedValue();
    app.go({ name: "phone" });
    for (const [kept, word] of [
      [undefined, "Unknown"],
      [true, "Kept"],
      [false, "Not promised"],
    ] as const) {
      app.kept = kept;
      flushSync();
      expect(text("#storage")).toBe(word);
    }
    one("#keep").click();
    expect(keep).toHaveBeenCalledTimes(1);
  });

  it("ask for the camera when the person presses Scan, and not before", async () => {
    const ask = vi.fn(() => Promise.reject(new DOMException("no", "NotAllowedError")));
    vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: ask } });
    app.go({ name: "pair" });
    flushSync();
    expect(ask).not.toHaveBeenCalled();
    one("#scan").click();
    await vi.waitFor(() => {
      flushSync();
      expect(text("#scan-denied")).toContain("The camera can’t be used");
    });
    expect(ask).toHaveBeenCalledTimes(1);
    vi.unstubAllGlobals();
  });

  it("name the causes in order when a desktop stays silent", () => {
    const away = { name: "Office desktop", reach: "away" } as const;
    app.pairing = { ...away, cause: "" };
    flushSync();
    expect(all("#trouble li").length).toBeGreaterThan(4);
    app.pairing = { ...away, cause: "near" };
    flushSync();
    expect(text("#trouble")).toContain("client isolation");
    expect(text("#trouble li")).toContain("The code is still on the desktop’s screen");
    for (const [cause, word] of Object.entries({ denied: "site settings", mobile: "mobile data", clock: "clock" })) {
      app.pairing = { ...away, cause: cause as Cause };
      flushSync();
      expect(text("#trouble")).toContain(word);
      expect(all("#trouble li")).toHaveLength(0);
    }
  });

  it("say what the browser lacks", () => {
    for (const problem of ["insecure", "browser", "storage"]) {
      app.problem = problem;
      flushSync();
      expect(text("#problem h1")).toBeTruthy();
    }
  });
});

describe("a pairing link in the address", () => {
  it("leaves the address bar and the history at once", () => {
    history.replaceState(null, "", "/app/?lang=de#v=1&s=secret");
    const before = history.length;
    expect(takeLink()).toContain("#v=1&s=secret");
    expect(location.href).not.toContain("secret");
    expect(location.search).toBe("?lang=de");
    expect(history.length).toBe(before);
    expect(takeLink()).toBe("");
  });

  it("is taken when it comes to an open page", () => {
    const pair = vi.spyOn(app, "pair").mockResolvedValue();
    follow(app);
    history.replaceState(null, "", "/app/#v=1&s=secret");
    dispatchEvent(new Event("hashchange"));
    expect(pair).toHaveBeenCalledTimes(1);
    expect(location.hash).toBe("");
  });
});
