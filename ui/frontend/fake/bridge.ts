import type { Bridge, Listener } from "../src/bridge";
import type { Language, Phone, Registration, Request, Section, Settings, Status, View } from "../src/types";
import * as demo from "./demo";

export { phones, request } from "./demo";

/**
 * FakeBridge is a Bridge that a test drives: it records what the page asks and pushes what the test says. It changes what
 * it is asked to change, and tells of it, as the daemon does.
 */
export interface FakeBridge extends Bridge {
  calls: [method: string, ...args: unknown[]][];
  /** fails has, by method, the code with which it fails. */
  fails: Map<string, string>;
  /** held are calls that wait for release, where the test says so by hold. */
  hold(method: string): () => void;
  push(r: Request): void;
  phones(p: Phone[]): void;
  show(s: Section): void;
  gone(): void;
}

/** fake is a bridge as the address asks for: view, section, lang, state, code, and the variants that pictures need. */
export function fake(q: URLSearchParams): FakeBridge {
  const view = (q.get("view") ?? "prompt") as View;
  const first = requestOf(q);
  const listeners: Listener[] = [];
  const tell = (f: (l: Listener) => void) => listeners.forEach(f);
  const calls: FakeBridge["calls"] = [];
  const fails = new Map((q.get("fail") ?? "").split(",").filter(Boolean).map((f) => f.split(":") as [string, string]));
  const gates = new Map<string, Promise<void>>();

  // What the daemon has.
  let status = statusOf(q);
  let registrations = registrationsOf(q);
  const activity = q.get("empty") ? [] : demo.activity();
  let repaired = false;

  const lock = () => { status = demo.locked(status); phones([]); };

  const called = async (method: string, ...args: unknown[]): Promise<void> => {
    calls.push([method, ...args]);
    await gates.get(method);
    const code = fails.get(method);
    if (code !== undefined) throw { code, detail: "it said no" };
  };
  const phones = (p: Phone[]) => { status = { ...status, phones: p }; tell((l) => l.phones(p)); };
  const registered = (r: Registration[]) => { registrations = r; tell((l) => l.registrations(r)); };
  const pauses = (p: Status["pauses"]) => { status = { ...status, pauses: p }; tell((l) => l.pauses(p ?? [])); };
  const settings = (s: Settings) => {
    status = { ...status, settings: s, trial: s.trial ? demo.trial : undefined };
    tell((l) => l.settings(s));
  };
  const changed = (id: string, more: Partial<Registration>) => registered(registrations.map((r) => (r.id === id ? { ...r, ...more } : r)));
  const push = (r: Request) => tell((l) => l.request(r));

  return {
    calls, fails, push, phones,
    hold(method) {
      let release = () => {};
      gates.set(method, new Promise((done) => { release = () => { gates.delete(method); done(); }; }));
      return () => release();
    },
    show: (s) => tell((l) => l.show(s)),
    gone: () => tell((l) => l.gone()),
    on: (l) => listeners.push(l),
    async open() {
      await called("open");
      const waiting = Array.from({ length: Number(q.get("more") ?? 0) }, (_, i) => demo.request({ id: `q${i}`, state: "queued" }));
      const requests = view === "prompt" && first.state !== "ended" ? [first, ...waiting] : [];
      if (first.state === "ended" && view === "prompt") queueMicrotask(() => push(first));
      return { view, section: (q.get("section") ?? undefined) as Section | undefined, language: (q.get("lang") ?? "en") as Language,
        running: q.get("running") !== "no", snapshot: { requests, phones: status.phones } };
    },
    async pair() {
      await called("pair");
      if (first.state !== "waiting") queueMicrotask(() => push({ ...first, id: "pair-1", action: "pair" }));
      const left = Number(q.get("left") ?? 107.9);
      return { request: "pair-1", link: demo.link, expires: new Date(Date.now() + left * 1000).toISOString(), code: demo.code };
    },
    async status() { await called("status"); return status; },
    async registrations() {
      await called("registrations");
      if (!status.desktop) throw { code: status.keyring.code ?? "", detail: "" };
      return registrations;
    },
    async activity() { await called("activity"); return activity; },
    async renamePhone(id, name) {
      await called("renamePhone", id, name);
      const own = demo.phones.find((p) => p.id === id)?.name ?? "";
      phones((status.phones ?? []).map((p) => (p.id === id ? { ...p, name: name || own } : p)));
    },
    async removePhone(id) {
      await called("removePhone", id);
      phones((status.phones ?? []).filter((p) => p.id !== id));
      registered(registrations.filter((r) => r.phone !== id));
    },
    async removeRegistration(id) { await called("removeRegistration", id); registered(registrations.filter((r) => r.id !== id)); },
    async restore(id) { await called("restore", id); changed(id, { hidden: false }); },
    async setMode(id, mode) { await called("setMode", id, mode); changed(id, { mode: mode === "type" ? mode : undefined }); },
    async manage(id) {
      await called("manage", id);
      return `https://${registrations.find((r) => r.id === id)?.rpId}/security/passkeys`;
    },
    async export(format, requests) { await called("export", format, requests); return `/home/alice/tallykey-activity.${format}`; },
    async changeSettings(change) {
      await called("changeSettings", change);
      settings({ ...status.settings, ...change });
      return status.settings;
    },
    async pause(origin, seconds) {
      await called("pause", origin, seconds);
      const until = seconds ? new Date(Date.now() + seconds * 1000).toISOString() : undefined;
      pauses([...(status.pauses ?? []).filter((p) => (p.origin ?? "") !== origin), { origin: origin || undefined, until }]);
    },
    async resume(origin) { await called("resume", origin); pauses((status.pauses ?? []).filter((p) => (p.origin ?? "") !== origin)); },
    async keyring() { await called("keyring"); return { kind: q.get("file") ? "file" : "os", folder: q.get("file") ? demo.folder : undefined, ...status.keyring }; },
    async unlockKeyring(passphrase) {
      await called("unlockKeyring", passphrase);
      if (passphrase !== demo.passphrase) throw { code: "keyring_passphrase_wrong", detail: "" };
      status = demo.status();
      phones(demo.phones);
    },
    async lockKeyring() { await called("lockKeyring"); lock(); },
    async interfaces() { await called("interfaces"); return demo.interfaces; },
    async doctor(fix) { await called("doctor", fix); repaired ||= fix; return q.get("well") ? demo.checks(true).filter((c) => c.state === "ok") : demo.checks(repaired); },
    painted: (id) => called("painted", id),
    cancel: (id) => called("cancel", id),
    report: (id) => called("report", id),
    anotherWay: (id) => called("anotherWay", id),
    copy: (text) => called("copy", text),
    grow: (height) => called("grow", height),
    close: () => called("close"),
  };
}

function requestOf(q: URLSearchParams): Request {
  const more: Partial<Request> = { state: (q.get("state") ?? "waiting") as Request["state"] };
  for (const name of ["host", "domain", "top", "account", "mode", "action", "code", "phone"] as const) {
    const value = q.get(name);
    if (value !== null) Object.assign(more, { [name]: value });
  }
  return demo.request({ ...more, notified: q.get("notified") === "1" });
}

function statusOf(q: URLSearchParams): Status {
  const all = demo.phones;
  const status = demo.status({ phones: q.get("phones") === "none" ? [] : q.get("phones") === "away" ? all.slice(1) : all });
  if (q.get("file") === "locked") return demo.locked(status);
  if (q.get("shut")) return { ...demo.locked(status), keyring: { state: "problem", code: "keyring_missing" } };
  if (q.get("problem")) status.keyring = { state: "problem", code: "keyring_locked" };
  if (q.get("trial")) Object.assign(status, { trial: demo.trial, settings: { ...status.settings, trial: true } });
  if (q.get("chosen")) status.settings.interfaces = ["wlp2s0", "tun0"];
  if (q.get("paused"))
    status.pauses = [{ until: new Date(Date.now() + 3_000_000).toISOString() }, { origin: "https://shop.example" }];
  return status;
}

function registrationsOf(q: URLSearchParams): Registration[] {
  if (q.get("empty") || q.get("phones") === "none") return [];
  return q.get("many") ? demo.thousand() : demo.registrations();
}
