import type { App, DesktopView, RequestView } from "../app.svelte";
import type { Outcome } from "../request/inbox";
import type { Desktop, Registration } from "../store/records";

const website = {
  ...{ host: "mail.contoso.example", labels: ["mail."], domain: "contoso.example", port: "" },
  ...{ inside: "", lookalike: false },
};

function request(more: Partial<RequestView> = {}): RequestView {
  return {
    ...{ id: "AAECAwQFBgcICQoLDA0ODw", action: "get", website, desktop: "Office desktop", browser: "Firefox" },
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
    account: "",
    at,
  };
}

const minutes = 60_000;

function desktop(name: string, reach: DesktopView["reach"], code = ""): DesktopView {
  const at = { paired: Date.now() - 9_000 * minutes, seen: Date.now() - 12 * minutes };
  const own = { id: name, name, addresses: ["192.0.2.7", "2001:db8::7"], keyProtection: "prf", ...at };
  return { desktop: own as unknown as Desktop, reach, code };
}

function registration(rpId: string, account: string): Registration {
  return {
    credential: rpId + account,
    rpId,
    account,
    displayName: "",
    created: Date.now(),
    desktop: "Office desktop",
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
    registration("fabrikam.example", "admin"),
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

/** What brings the app to each screen. */
export const screens: Record<string, (app: App) => void> = {
  first: () => {},
  install: (app) => {
    app.install = true;
    app.link = "https://phone.contoso.example/#v=1";
  },
  problem: (app) => {
    app.problem = "storage";
  },
  pair: (app) => app.go({ name: "pair", bad: true }),
  connecting: (app) => {
    app.pairing = { name: "Office desktop", reach: "away" };
  },
  home: furnished,
  site: (app) => {
    furnished(app);
    app.go({ name: "site", rpId: "fabrikam.example" });
  },
  desktop: (app) => {
    furnished(app);
    app.go({ name: "desktop", id: "Old desktop" });
  },
  activity: (app) => {
    furnished(app);
    app.go({ name: "activity" });
  },
  phone: (app) => {
    furnished(app);
    app.go({ name: "phone" });
  },
  request: (app) => {
    app.request = request();
  },
  "request-typed": (app) => {
    app.request = request({ mode: "type", numbers: [] });
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
  "wrong-number": (app) => {
    app.outcome = outcome("wrong_number");
  },
  unreachable: (app) => {
    app.outcome = outcome("phone_unreachable");
  },
};
