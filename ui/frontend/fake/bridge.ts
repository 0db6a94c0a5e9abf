import type { Bridge, Listener } from "../src/bridge";
import type { Activity, Language, Overview, Phone, Registration, Request, Status, View } from "../src/types";

/** FakeBridge is a Bridge that a test drives: it records what the page asks and pushes what the test says. */
export interface FakeBridge extends Bridge {
  calls: [method: string, argument?: string | number][];
  push(r: Request): void;
  phones(p: Phone[]): void;
  gone(): void;
}

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/** request is Alice's sign-in with 47 of its 60 seconds left. */
export function request(more: Partial<Request> = {}): Request {
  const r: Request = {
    id: "r1", action: "get", state: "waiting", host: "mail.contoso.example", domain: "contoso.example",
    rpId: "contoso.example", account: "alice@contoso.example", browser: "Firefox", phone: "Alice’s phone", mode: "choose",
    started: ago(0.2), expires: new Date(Date.now() + 46_900).toISOString(), ...more,
  };
  if (r.state === "delivered" || r.state === "answering") r.number ??= "26";
  return r;
}

export const phones: Phone[] = [
  { id: "p1", name: "Alice’s phone", connected: true, lastSeen: ago(0), paired: ago(90_000) },
  { id: "p2", name: "Spare phone", connected: false, lastSeen: ago(29_000), paired: ago(190_000) },
];

const registration = (id: string, rpId: string, account: string): Registration =>
  ({ id, rpId, account, phone: "p1", phoneName: "Alice’s phone", created: ago(9000) });

const activity = (n: number, code: string, rpId: string, host: string): Activity =>
  ({ request: `a${n}`, time: ago(n), code, origin: `https://${host}`, rpId, account: "alice@contoso.example" });

const ready = { state: "ready" } as const;

export function overview(more: Partial<Status> = {}): Overview {
  return {
    status: { version: "0.1.0", name: "alice-desktop", port: 47820, addresses: ["192.0.2.24"], phones, keyring: ready,
      link: ready, tray: { state: "absent" }, notifications: ready, ...more },
    registrations: [registration("c1", "contoso.example", "alice@contoso.example"),
      registration("c2", "contoso.example", "alice.admin@contoso.example"),
      registration("c3", "git.northwind.example", "alice-dev")],
    activity: [activity(2, "approved", "contoso.example", "mail.contoso.example"),
      activity(17, "wrong_number", "contoso.example", "portal.contoso.example"),
      activity(180, "timed_out", "fabrikam.example", "wiki.fabrikam.example"),
      activity(1600, "declined", "contoso.example", "mail.contoso.example")],
  };
}

/** fake is a bridge as the address asks for: view, lang, state, code, and the variants that pictures need. */
export function fake(q: URLSearchParams): FakeBridge {
  const view = (q.get("view") ?? "prompt") as View;
  const listeners: Listener[] = [];
  const calls: FakeBridge["calls"] = [];
  const done = (method: string, argument?: string | number) => {
    calls.push(argument === undefined ? [method] : [method, argument]);
    return Promise.resolve();
  };
  const push = (r: Request) => listeners.forEach((l) => l.request(r));
  const first = requestOf(q);
  return {
    calls,
    push,
    phones: (p) => listeners.forEach((l) => l.phones(p)),
    gone: () => listeners.forEach((l) => l.gone()),
    on: (l) => listeners.push(l),
    async open() {
      calls.push(["open"]);
      const waiting = Array.from({ length: Number(q.get("more") ?? 0) }, (_, i) => request({ id: `q${i}`, state: "queued" }));
      const snapshot = { requests: view === "prompt" && first.state !== "ended" ? [first, ...waiting] : [],
        phones: q.get("phones") === "none" ? [] : q.get("phones") === "away" ? phones.slice(1) : phones };
      if (first.state === "ended" && view === "prompt") queueMicrotask(() => push(first));
      return { view, language: (q.get("lang") ?? "en") as Language, running: q.get("running") !== "no", snapshot };
    },
    async pair() {
      calls.push(["pair"]);
      const code = q.get("fail");
      if (code) throw { code, detail: "" };
      const left = Number(q.get("left") ?? 107.9);
      const state = first.state === "waiting" ? undefined : first;
      if (state) queueMicrotask(() => push({ ...state, id: "pair-1", action: "pair" }));
      return { request: "pair-1", link, expires: new Date(Date.now() + left * 1000).toISOString(), code: { size: 41, path: qr } };
    },
    async overview() {
      calls.push(["overview"]);
      const all = overview(q.get("problem") ? { keyring: { state: "problem", code: "keyring_locked" } } : {});
      return q.get("phones") === "none" ? { ...all, registrations: null, activity: null } : all;
    },
    status: async () => overview().status,
    painted: (id) => done("painted", id),
    cancel: (id) => done("cancel", id),
    report: (id) => done("report", id),
    removePhone: (id) => done("removePhone", id),
    removeRegistration: (id) => done("removeRegistration", id),
    showPairing: () => done("showPairing"),
    copy: (text) => done("copy", text),
    grow: (height) => done("grow", height),
    close: () => done("close"),
  };
}

function requestOf(q: URLSearchParams): Request {
  const state = (q.get("state") ?? "waiting") as Request["state"];
  const more: Partial<Request> = { state };
  for (const name of ["host", "domain", "top", "account", "mode", "action", "code", "phone"] as const) {
    const value = q.get(name);
    if (value !== null) Object.assign(more, { [name]: value });
  }
  return request(more);
}

const link =
  "https://phone.example/#v=1&d=aaaqeayeaudaocaj&n=alice-desktop&p=47820&a=192.0.2.24,2001:db8::24" +
  "&f=Zm9yIHBpY3R1cmVzIG9ubHksIG5vIGNlcnRpZmljYXQ&s=bm90IGEgc2VjcmV0ICEh";

// A pattern of a code's size and weight; nothing reads it.
const qr = Array.from({ length: 33 }, (_, y) =>
  Array.from({ length: 33 }, (_, x) => ((x * 7 + y * 13 + ((x * y) % 5)) % 3 ? "" : `M${x + 4} ${y + 4}h1v1h-1z`)).join("")).join("");
