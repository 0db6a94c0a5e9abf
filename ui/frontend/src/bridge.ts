import type {
  Activity,
  Check,
  Keyring,
  NetworkInterface,
  Pairing,
  Pause,
  Phone,
  Registration,
  Request,
  Section,
  Settings,
  Setup,
  Status,
} from "./types";

/**
 * Bridge is all that passes between the page and the desktop; its other end are the methods of Bridge in ui/*.go. Those
 * that fail reject with a Failure. No other file knows that there is a Wails, so the page runs in any browser with
 * another Bridge.
 */
export interface Bridge {
  open(): Promise<Setup>;
  painted(id: string): Promise<void>;
  cancel(id: string): Promise<void>;
  report(id: string): Promise<void>;
  anotherWay(id: string): Promise<void>;
  pair(): Promise<Pairing>;
  status(): Promise<Status>;
  renamePhone(id: string, name: string): Promise<void>;
  removePhone(id: string): Promise<void>;
  registrations(): Promise<Registration[] | null>;
  removeRegistration(id: string): Promise<void>;
  restore(id: string): Promise<void>;
  setMode(id: string, mode: "choose" | "type"): Promise<void>;
  /** manage opens the website's page in the browser and resolves to its address. */
  manage(id: string): Promise<string>;
  activity(): Promise<Activity[] | null>;
  /** export asks where to, writes these requests there, and resolves to the path; empty: the person wants no file. */
  export(format: "json" | "csv", requests: string[]): Promise<string>;
  changeSettings(change: Partial<Settings>): Promise<Settings>;
  pause(origin: string, seconds: number): Promise<void>;
  resume(origin: string): Promise<void>;
  keyring(): Promise<Keyring>;
  unlockKeyring(passphrase: string): Promise<void>;
  lockKeyring(): Promise<void>;
  interfaces(): Promise<NetworkInterface[]>;
  doctor(fix: boolean): Promise<Check[]>;
  copy(text: string): Promise<void>;
  grow(height: number): Promise<void>;
  close(): Promise<void>;
  on(listener: Listener): void;
}

/** Listener hears what the daemon pushes, and what other processes ask of this window. Set it before open. */
export interface Listener {
  request(r: Request): void;
  phones(p: Phone[]): void;
  registrations(r: Registration[]): void;
  pauses(p: Pause[]): void;
  settings(s: Settings): void;
  show(s: Section): void;
  gone(): void;
}

type Methods = Record<string, (...args: unknown[]) => Promise<never>>;

declare global {
  interface Window {
    go?: { main: { Bridge: Methods } };
    runtime?: { EventsOn(event: string, f: (data: never) => void): void };
  }
}

/** wails is the bridge inside the window. */
export function wails(): Bridge {
  const call = (name: string, ...args: unknown[]): Promise<never> => {
    const method = window.go?.main.Bridge[name];
    return method ? method(...args) : Promise.reject({ code: "", detail: `no method ${name}` });
  };
  return {
    open: () => call("Open"),
    painted: (id) => call("Painted", id),
    cancel: (id) => call("Cancel", id),
    report: (id) => call("Report", id),
    anotherWay: (id) => call("AnotherWay", id),
    pair: () => call("Pair"),
    status: () => call("Status"),
    renamePhone: (id, name) => call("RenamePhone", id, name),
    removePhone: (id) => call("RemovePhone", id),
    registrations: () => call("Registrations"),
    removeRegistration: (id) => call("RemoveRegistration", id),
    restore: (id) => call("Restore", id),
    setMode: (id, mode) => call("SetMode", id, mode),
    manage: (id) => call("Manage", id),
    activity: () => call("Activity"),
    export: (format, requests) => call("Export", format, requests),
    changeSettings: (change) => call("ChangeSettings", change),
    pause: (origin, seconds) => call("Pause", origin, seconds),
    resume: (origin) => call("Resume", origin),
    keyring: () => call("Keyring"),
    unlockKeyring: (passphrase) => call("UnlockKeyring", passphrase),
    lockKeyring: () => call("LockKeyring"),
    interfaces: () => call("Interfaces"),
    doctor: (fix) => call("Doctor", fix),
    copy: (text) => call("Copy", text),
    grow: (height) => call("Grow", height),
    close: () => call("Close"),
    on(listener) {
      window.runtime?.EventsOn("request", (r: Request) => listener.request(r));
      window.runtime?.EventsOn("phones", (p: Phone[] | null) => listener.phones(p ?? []));
      window.runtime?.EventsOn("registrations", (r: Registration[] | null) => listener.registrations(r ?? []));
      window.runtime?.EventsOn("pauses", (p: Pause[] | null) => listener.pauses(p ?? []));
      window.runtime?.EventsOn("settings", (s: Settings) => listener.settings(s));
      window.runtime?.EventsOn("show", (s: Section) => listener.show(s));
      window.runtime?.EventsOn("gone", () => listener.gone());
    },
  };
}
