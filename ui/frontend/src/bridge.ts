import type { Overview, Pairing, Phone, Request, Setup, Status } from "./types";

/**
 * Bridge is all that passes between the page and the desktop; its other end is ui/bridge.go. Methods that fail reject
 * with a Failure. No other file knows that there is a Wails, so the page runs in any browser with another Bridge.
 */
export interface Bridge {
  open(): Promise<Setup>;
  painted(id: string): Promise<void>;
  cancel(id: string): Promise<void>;
  report(id: string): Promise<void>;
  pair(): Promise<Pairing>;
  status(): Promise<Status>;
  overview(): Promise<Overview>;
  removePhone(id: string): Promise<void>;
  removeRegistration(id: string): Promise<void>;
  showPairing(): Promise<void>;
  copy(text: string): Promise<void>;
  grow(height: number): Promise<void>;
  close(): Promise<void>;
  on(listener: Listener): void;
}

/** Listener hears what the daemon pushes. Set it before open. */
export interface Listener {
  request(r: Request): void;
  phones(p: Phone[]): void;
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
    pair: () => call("Pair"),
    status: () => call("Status"),
    overview: () => call("Overview"),
    removePhone: (id) => call("RemovePhone", id),
    removeRegistration: (id) => call("RemoveRegistration", id),
    showPairing: () => call("ShowPairing"),
    copy: (text) => call("Copy", text),
    grow: (height) => call("Grow", height),
    close: () => call("Close"),
    on(listener) {
      window.runtime?.EventsOn("request", (r: Request) => listener.request(r));
      window.runtime?.EventsOn("phones", (p: Phone[]) => listener.phones(p));
      window.runtime?.EventsOn("gone", () => listener.gone());
    },
  };
}
