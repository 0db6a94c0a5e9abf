// What the daemon says, as daemon/api/api.go defines it.

export type State = "queued" | "waiting" | "delivered" | "answering" | "ended";
export type Mode = "choose" | "type" | "approve";
export type Strength = "prf" | "device" | "pin";

export interface Request {
  id: string;
  action: "create" | "get" | "pair";
  state: State;
  code?: string;
  host?: string;
  domain?: string;
  rpId?: string;
  top?: string;
  account?: string;
  browser?: string;
  phone?: string;
  number?: string;
  mode?: Mode;
  notified?: boolean;
  started: string;
  expires: string;
}

export interface Phone {
  id: string;
  name: string;
  app: string;
  paired: string;
  keyProtection: Strength;
  push?: boolean;
  connected: boolean;
  lastSeen?: string;
}

export interface Registration {
  id: string;
  rpId: string;
  account: string;
  displayName?: string;
  phone: string;
  phoneName: string;
  keyProtection: Strength;
  created: string;
  lastUsed?: string;
  mode?: Mode;
  hidden?: boolean;
}

export interface Part {
  state: "ready" | "starting" | "absent" | "problem";
  code?: string;
  detail?: string;
}

/** Keyring is where phones and registrations are kept: with the desktop's passwords, or in an encrypted file. */
export interface Keyring extends Part {
  kind: "os" | "file";
  folder?: string;
}

export interface Pause {
  origin?: string;
  until?: string;
}

export interface Settings {
  startAtLogin: boolean;
  webPush: boolean;
  typeNumbers: boolean;
  trial: boolean;
  interfaces: string[] | null;
}

export interface Browser {
  name: string;
  extension: string;
  seen?: string;
}

export interface Trial {
  url: string;
  fingerprint: string;
}

export interface Status {
  version: string;
  pid: number;
  started: string;
  desktop: string;
  name: string;
  host: string;
  port: number;
  addresses: string[] | null;
  phoneApp: string;
  phones: Phone[] | null;
  keyring: Part;
  link: Part;
  tray: Part;
  notifications: Part;
  screenLock: Part;
  settings: Settings;
  pauses: Pause[] | null;
  browsers: Browser[] | null;
  trial?: Trial;
}

export interface Activity {
  request: string;
  time: string;
  /** unregister: what a website said to a removal. */
  action: Request["action"] | "unregister";
  code: string;
  detail?: string;
  origin?: string;
  rpId?: string;
  account?: string;
  phone?: string;
  browser?: string;
  millis: number;
}

export interface Snapshot {
  requests: Request[] | null;
  phones: Phone[] | null;
}

// What the window's own Go half adds (ui/*.go).

export type View = "prompt" | "main";
export type Language = "en" | "de";

export const sections = ["pair", "phones", "registrations", "activity", "settings", "doctor", "about"] as const;
export type Section = (typeof sections)[number];

export interface Setup {
  view: View;
  section?: Section;
  language: Language;
  running: boolean;
  snapshot: Snapshot;
}

export interface Pairing {
  request: string;
  link: string;
  expires: string;
  code: { size: number; path: string };
}

export interface NetworkInterface {
  name: string;
  addresses: string[];
}

export interface Check {
  name: string;
  state: "ok" | "warning" | "broken" | "skipped";
  what: string;
  remedy?: string;
  code?: string;
  safe?: boolean;
}

/** Failure is how every refused call ends: a code of the table, or empty where none fits. */
export interface Failure {
  code: string;
  detail: string;
}
