import type { App } from "../app.svelte";
import { installer } from "../install.svelte";
import type { PinVerifier } from "../keys/pinverifier";
import { PinChange } from "../pinchange.svelte";
import type { Outcome } from "../request/inbox";
import type { Desktop, Registration } from "../store/records";
import type { DesktopView, RequestView } from "../view";

const website = {
  ...{ host: "mail.contoso.example", labels: ["mail."], domain: "contoso.example", port: "" },
  ...{ inside: "", lookalike: false },
};

function request(more: Partial<RequestView> = {}): RequestView {
  return {
    ...{ id: "AAECAwQFBgcICQoLDA0ODw", action: "get", website, rpId: "contoso.example" },
    ...{ desktop: "Office desktop", browser: "Firefox" },
    ...{ accounts: ["alice@contoso.example"], account: 0, mode: "choose", numbers: ["71", "26", "48"] },
    ...{ state: "asking", chosen: "", deadline: Date.now() + 47_000, total: 60 },
    ...more,
  };
}

function outcome(code: string): Outcome {
  const at = Date.now();
  return {
    code,
    request: request() as unknown as Outcome["request"],
    website,
    desktop: "Office desktop",
    ...{ account: "", source: "Office desktop", at },
  };
}

const minutes = 60_000;

function desktop(name: string, reach: DesktopView["reach"], code = ""): DesktopView {
  const at = { paired: Date.now() - 9_000 * minutes, seen: Date.now() - 12 * minutes };
  const own = { id: name, name, addresses: ["192.0.2.7", "2001:db8::7"], keyProtection: "prf", wakes: true, ...at };
  return { desktop: own as unknown as Desktop, reach, code, cause: "" };
}

function registration(rpId: string, account: string, more: Partial<Registration> = {}): Registration {
  return {
    credential: rpId + account,
    rpId,
    account,
    displayName: "",
    created: Date.now(),
    desktop: "Office desktop",
    key: { protection: "prf" } as Registration["key"],
    ...more,
  } as Registration;
}

function furnished(app: App): void {
  app.desktops = [
    desktop("Office desktop", "connected"),
    desktop("Laptop", "away"),
    desktop("Old desktop", "refused", "phone_removed"),
  ];
  app.registrations = [
    registration("contoso.example", "alice@contoso.example"),
    registration("fabrikam.example", "alice"),
    registration("fabrikam.example", "admin", { key: { protection: "device" } as Registration["key"] }),
  ];
  const end = {
    action: "get" as const,
    site: "mail.contoso.example",
    account: "alice@contoso.example",
    desktop: "Office desktop",
    browser: "Firefox",
  };
  app.activity = ["timed_out", "approved", "declined", "wrong_number", "phone_unreachable"].map((code, i) => ({
    ...end,
    id: String(i),
    at: Date.now() - i * 700 * minutes,
    code,
  }));
}

/** As it is in a trial. */
function trial(app: App): void {
  app.trial = true;
  app.hasPin = async () => true;
}

/** A change of the PIN, at its beginning or once the old one was entered. */
function changing(app: App, allowed: boolean): void {
  trial(app);
  const pin = { open: () => (allowed ? Promise.resolve(new Uint8Array(32)) : new Promise(() => {})) };
  app.question = entry;
  app.go({ name: "pinChange", change: new PinChange(pin as unknown as PinVerifier) });
}

const entry = { digits: true, wrong: false, left: 10, free: 5, wait: 0, busy: false };

/** What brings the app to each screen. */
export const screens: Record<string, (app: App) => void> = {
  first: () => {},
  install: (app) => {
    app.install = true;
    app.link = "https://phone.contoso.example/#v=1";
  },
  "first-trial": trial,
  "first-install": () => {
    installer.event = Object.assign(new Event("beforeinstallprompt"), { prompt: async () => {} });
  },
  problem: (app) => {
    app.problem = "storage";
  },
  framed: (app) => {
    app.problem = "framed";
  },
  elsewhere: (app) => {
    app.problem = "elsewhere";
  },
  pair: (app) => app.go({ name: "pair", bad: true }),
  connecting: (app) => {
    app.pairing = { name: "Office desktop", reach: "away", cause: "" };
  },
  apart: (app) => {
    app.pairing = { name: "Office desktop", reach: "away", cause: "near" };
  },
  home: furnished,
  site: (app) => {
    furnished(app);
    app.go({ name: "site", rpId: "fabrikam.example" });
  },
  replaced: (app) => {
    const userId = new Uint8Array(8);
    app.registrations = [
      registration("contoso.example", "alice@contoso.example", { userId }),
      registration("contoso.example", "alice", { userId, created: Date.now() - 400_000 * minutes }),
    ];
    app.go({ name: "site", rpId: "contoso.example" });
  },
  "home-trial": (app) => {
    furnished(app);
    trial(app);
  },
  away: (app) => {
    furnished(app);
    app.desktops = [{ ...desktop("Laptop", "away"), cause: "denied" }];
  },
  desktop: (app) => {
    furnished(app);
    app.go({ name: "desktop", id: "Old desktop" });
  },
  ending: (app) => {
    furnished(app);
    const ends = new Date(new Date().getFullYear() + 1, 0, 15, 12).getTime();
    app.desktops = app.desktops.map((view) => ({ ...view, desktop: { ...view.desktop, ends } }));
    app.go({ name: "desktop", id: "Office desktop" });
  },
  activity: (app) => {
    furnished(app);
    app.go({ name: "activity" });
  },
  phone: (app) => {
    furnished(app);
    app.push = { endpoint: "", p256dh: new Uint8Array(), auth: new Uint8Array(), vapid: new Uint8Array() };
    app.go({ name: "phone" });
  },
  "phone-trial": (app) => {
    furnished(app);
    trial(app);
    app.go({ name: "phone" });
  },
  "pin-choose": (app) => {
    trial(app);
    app.go({ name: "pin" });
  },
  "pin-enter": (app) => {
    trial(app);
    app.request = request({ state: "verifying", chosen: "26" });
    app.question = entry;
  },
  "pin-wrong": (app) => {
    trial(app);
    app.request = request({ state: "verifying", chosen: "26" });
    app.question = { ...entry, wrong: true, left: 4, free: 0, wait: 60 };
  },
  "pin-change": (app) => changing(app, false),
  "pin-change-new": (app) => changing(app, true),
  request: (app) => {
    app.request = request();
  },
  "request-typed": (app) => {
    app.request = request({ mode: "type", numbers: [] });
  },
  "request-approve": (app) => {
    app.request = request({ mode: "approve", numbers: [] });
  },
  "request-lookalike": (app) => {
    const host = "login.xn--contso-zqf.example";
    const odd = { ...website, host, labels: ["login."], domain: "xn--contso-zqf.example", lookalike: true };
    app.request = request({ website: { ...odd, inside: "shop.example" }, rpId: "xn--contso-zqf.example" });
  },
  "request-accounts": (app) => {
    app.request = request({ accounts: ["alice@contoso.example", "admin@contoso.example"] });
  },
  "request-again": (app) => {
    app.request = request({ state: "again", chosen: "26" });
  },
  "request-pair": (app) => {
    app.request = request({ action: "pair", website: undefined, accounts: [""] });
  },
  approved: (app) => {
    app.outcome = outcome("approved");
  },
  paired: (app) => {
    const { request: r, ...end } = outcome("paired");
    app.outcome = { ...end, website: undefined, request: { ...r, browser: "" } };
  },
  reported: (app) => {
    app.desktops = [desktop("Office desktop", "connected")];
    app.outcome = outcome("reported");
  },
  "keys-erased": (app) => {
    app.outcome = outcome("keys_erased");
  },
  "wrong-number": (app) => {
    app.outcome = outcome("wrong_number");
  },
  unreachable: (app) => {
    app.outcome = outcome("phone_unreachable");
  },
};
