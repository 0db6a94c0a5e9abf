// What the daemon says, as daemon/api/api.go defines it.

export type State = "queued" | "waiting" | "delivered" | "answering" | "ended";

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
  mode?: "choose" | "type";
  started: string;
  expires: string;
}

export interface Phone {
  id: string;
  name: string;
  connected: boolean;
  lastSeen?: string;
  paired: string;
}

export interface Registration {
  id: string;
  rpId: string;
  account: string;
  phone: string;
  phoneName: string;
  created: string;
}

export interface Part {
  state: "ready" | "starting" | "absent" | "problem";
  code?: string;
  detail?: string;
}

export interface Status {
  version: string;
  name: string;
  port: number;
  addresses: string[] | null;
  phones: Phone[] | null;
  keyring: Part;
  link: Part;
  tray: Part;
  notifications: Part;
}

export interface Activity {
  request: string;
  time: string;
  code: string;
  origin?: string;
  rpId?: string;
  account?: string;
}

export interface Snapshot {
  requests: Request[] | null;
  phones: Phone[] | null;
}

// What the window's own Go half adds (ui/bridge.go).

export type View = "prompt" | "pair" | "main";
export type Language = "en" | "de";

export interface Setup {
  view: View;
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

export interface Overview {
  status: Status;
  registrations: Registration[] | null;
  activity: Activity[] | null;
}

/** Failure is how every refused call ends: a code of the table, or empty where none fits. */
export interface Failure {
  code: string;
  detail: string;
}
