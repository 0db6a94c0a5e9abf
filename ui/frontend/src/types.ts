// What the daemon says, as daemon/api/api.go defines it.

/** Where a request stands; only "delivered" has a number. */
export type State = "queued" | "waiting" | "delivered" | "answering" | "ended";
/** How the person confirms on the phone. */
export type Mode = "choose" | "type" | "approve";
/** How a phone keeps its keys, strongest first; a PIN of the app is the weakest. */
export type Strength = "prf" | "device" | "pin";

/** What asks the person now; times are RFC 3339. */
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

/** A paired phone. */
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

/** One account at one website or tenant; id is the credential ID in base64url. */
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

/** The health of one part of the daemon; code is of the code table. */
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

/** Prompts that are paused: of one origin or, without, of all; without an end, until they are resumed. */
export interface Pause {
  origin?: string;
  until?: string;
}

/** What the person has set; no interfaces means all. */
export interface Settings {
  startAtLogin: boolean;
  webPush: boolean;
  typeNumbers: boolean;
  trial: boolean;
  interfaces: string[] | null;
}

/** A browser whose extension has said hello, and when it was last seen. */
export interface Browser {
  name: string;
  extension: string;
  seen?: string;
}

/** Where a phone opens the trial’s app, and the certificate that it is shown there. */
export interface Trial {
  url: string;
  fingerprint: string;
}

/** The daemon’s own account of itself. */
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

/** How one request ended, and after how many milliseconds. */
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

/** What there is when the window begins to watch; the request on the screen first. */
export interface Snapshot {
  requests: Request[] | null;
  phones: Phone[] | null;
}

// What the window's own Go half adds (ui/*.go).

/** Which window it is: a prompt, or the one with sections. */
export type View = "prompt" | "main";
/** The languages of the texts. */
export type Language = "en" | "de";

/** The main window’s sections, in their order. */
export const sections = ["pair", "phones", "registrations", "activity", "settings", "doctor", "about"] as const;
/** One of sections. */
export type Section = (typeof sections)[number];

/** What a window begins with; running is whether a daemon answers. */
export interface Setup {
  view: View;
  section?: Section;
  language: Language;
  running: boolean;
  snapshot: Snapshot;
}

/** A pairing in progress: its link and the same as a picture, a path over size by size modules. */
export interface Pairing {
  request: string;
  link: string;
  expires: string;
  code: { size: number; path: string };
}

/** A network interface of this desktop, with its addresses. */
export interface NetworkInterface {
  name: string;
  addresses: string[];
}

/** What the doctor says of one thing; a safe remedy can be done unasked. */
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
