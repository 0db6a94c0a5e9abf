import type { Activity, Check, NetworkInterface, Phone, Registration, Request, Status } from "../src/types";
import pairing from "./code.json";

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/** request is Alice's sign-in with 47 of its 60 seconds left. */
export function request(more: Partial<Request> = {}): Request {
  const r: Request = {
    id: "r1", action: "get", state: "waiting", host: "mail.contoso.example", domain: "contoso.example",
    rpId: "contoso.example", account: "alice@contoso.example", browser: "Firefox", phone: "Alice’s phone", mode: "choose",
    started: ago(0.2), expires: new Date(Date.now() + 46_900).toISOString(), ...more,
  };
  if ((r.state === "delivered" || r.state === "answering") && r.mode !== "approve") r.number ??= "26";
  return r;
}

const app = "https://phone.example";

export const phones: Phone[] = [
  { id: "p1", name: "Alice’s phone", app, keyProtection: "prf", push: true, connected: true, lastSeen: ago(0), paired: ago(90_000) },
  { id: "p2", name: "Spare phone", app, keyProtection: "pin", connected: false, lastSeen: ago(29_000), paired: ago(190_000) },
];

const registration = (id: string, rpId: string, account: string, more: Partial<Registration> = {}): Registration => ({
  id, rpId, account, phone: "p1", phoneName: "Alice’s phone", keyProtection: "prf", created: ago(60_000), lastUsed: ago(2), ...more,
});

/** registrations are two accounts of one tenant, one at another website, and one that its website no longer takes. */
export const registrations = (): Registration[] => [
  registration("c1", "contoso.example", "alice@contoso.example", { displayName: "Alice Meyer" }),
  registration("c2", "contoso.example", "alice.admin@contoso.example", { mode: "type", lastUsed: ago(4000) }),
  registration("c3", "git.northwind.example", "alice-dev", { lastUsed: undefined }),
  registration("c4", "shop.example", "alice@shop.example", { hidden: true, lastUsed: ago(30_000) }),
];

/** thousand are more than fit on a page. */
export const thousand = (): Registration[] =>
  Array.from({ length: 1000 }, (_, i) => registration(`n${i}`, `site-${i % 250}.example`, `alice+${i}@contoso.example`));

const ended = (n: number, code: string, rpId: string, host: string, more: Partial<Activity> = {}): Activity => ({
  request: `q8ZkP3vXcN1mT0${String(n).padStart(4, "0")}`, time: ago(n), action: "get", code, origin: host && `https://${host}`, rpId,
  account: "alice@contoso.example", phone: "p1", browser: "Firefox", millis: 4200 + n, ...more,
});

/** activity is that of some days, newest first. */
export const activity = (): Activity[] => [
  ended(2, "approved", "contoso.example", "mail.contoso.example"),
  ended(17, "wrong_number", "contoso.example", "portal.contoso.example"),
  ended(45, "reported", "contoso.example", "mail.contoso.example", { browser: "Chromium" }),
  ended(180, "timed_out", "fabrikam.example", "wiki.fabrikam.example", { account: "a.meyer@fabrikam.example", millis: 60_000 }),
  ended(300, "registered", "shop.example", "shop.example", { action: "create", account: "alice@shop.example" }),
  ended(1600, "declined", "contoso.example", "mail.contoso.example"),
  ended(1700, "options_invalid", "northwind.example", "git.northwind.example", { account: "", phone: "", detail: "challenge: empty" }),
  ended(90_000, "paired", "", "", { action: "pair", account: "", browser: "" }),
];

const ready = { state: "ready" } as const;

export const trial = {
  url: "https://192.0.2.24:47821/",
  fingerprint: "3A:F1:09:5C:77:D2:4E:B8:60:1F:93:AC:25:DE:48:71:0B:96:E4:3D:58:C7:12:AF:86:F0:2D:69:BE:14:A3:5F",
};

export function status(more: Partial<Status> = {}): Status {
  return {
    version: "0.1.0", pid: 4711, started: ago(60), desktop: "aaaqeayeaudaocaj", name: "alice-desktop",
    host: "tk-aaaqeayeaudaocaj.local", port: 47820, addresses: ["192.0.2.24"], phoneApp: app, phones,
    keyring: ready, link: ready, tray: { state: "absent" }, notifications: ready, screenLock: ready,
    settings: { startAtLogin: true, webPush: true, typeNumbers: false, trial: false, interfaces: [] },
    pauses: [], browsers: [{ name: "Firefox", extension: "0.1.0", seen: ago(3) }], ...more,
  };
}

/** locked is the status while the encrypted file keeps everything to itself. */
export const locked = (s: Status): Status => ({
  ...s, keyring: { state: "problem", code: "keyring_file_locked" }, phones: [], desktop: "", host: "", port: 0, addresses: [],
});

export const folder = "/home/alice/.local/share/tallykey/keyring";

/** passphrase is the one that opens the file. */
export const passphrase = "correct horse battery staple";

export const interfaces: NetworkInterface[] = [
  { name: "enp3s0", addresses: ["192.0.2.24", "2001:db8::24"] },
  { name: "wlp2s0", addresses: ["198.51.100.7"] },
];

/** checks are a report of the doctor: something to repair, a warning, and what is well. */
export const checks = (repaired: boolean): Check[] => [
  { name: "program", state: "ok", what: "The host is beside the program." },
  repaired
    ? { name: "Firefox", state: "ok", what: "Knows where tallykey is." }
    : { name: "Firefox", state: "broken", what: "Does not know where tallykey is.", remedy: "tallykey browsers install", safe: true },
  { name: "daemon", state: "ok", what: "Runs since 09:14." },
  { name: "keyring", state: "ok", what: "Is there and unlocked." },
  { name: "firewall", state: "warning", what: "ufw is active and does not name UDP port 47820.", remedy: "Open it: sudo ufw allow 47820/udp" },
  { name: "notifications", state: "ok", what: "dunst shows them." },
  { name: "phones", state: "skipped", what: "Can be looked at once a phone is paired." },
];

/** A link to nowhere and its code; a test in Go sees that one is the other. */
export const { link, ...code } = pairing;
