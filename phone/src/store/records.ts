// What the phone keeps. Private keys and secrets are CryptoKeys that can't be exported: the browser holds them, and no
// script can read them out.
import type { Algorithm } from "../keys/cose";
import type { StoredKey } from "../keys/registration";
import type { Bytes } from "../link/bytes";
import { encodeBase64url, random } from "../link/bytes";
import { maxRemoved } from "../link/limits";
import type { Action, KeyProtection } from "../link/message";
import type { Place } from "../link/sdp";
import type { Secret } from "../link/ufrag";
import type { Database } from "./database";

/** A paired desktop. */
export interface Desktop {
  id: string;
  name: string;
  port: number;
  addresses: string[];
  certificate: Bytes;
  /** This phone's id at the desktop. */
  phone: string;
  secret: Secret;
  /** ID of the platform credential that this desktop knows; desktops paired by an early version have one each. */
  verifier: Bytes;
  /** Signs hellos and approvals for this desktop; it never leaves this browser. */
  deviceKey: CryptoKey;
  keyProtection: KeyProtection;
  /** Milliseconds since 1970. */
  paired: number;
  seen: number;
  /** The desktop said that it does not know this phone any more. */
  removed: boolean;
  /** When the person removed it, in milliseconds since 1970. It is kept, unseen, until it could be told. */
  leaving?: number;
  /** When the pairing ends, in milliseconds since 1970; 0 or absent: never. */
  ends?: number;
  /** It said that it would wake this phone by Web Push. */
  wakes?: boolean;
  /** It has this phone's push subscription, which it is to be told the end of. */
  pushed?: boolean;
}

/** The platform credential of this app. It is made in the first pairing; later ones show it. */
export interface Platform {
  /** Credential ID. */
  credential: Bytes;
  /** COSE_Key. */
  publicKey: Bytes;
  /** Of the page that made it. */
  origin: string;
  keyProtection: KeyProtection;
}

/** A registration that the person removed. */
interface Removal {
  credential: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** How a request ended. */
export interface Activity {
  /** Sorts by time. */
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  action: Action;
  /** A row of the code table. */
  code: string;
  /** The website's host; empty for a pairing. */
  site: string;
  account: string;
  desktop: string;
  browser: string;
}

const remembered = 100; // ends of requests
const removedPatience = 30 * 86_400_000; // milliseconds to say again what was removed

/** One account at one website. */
export interface Registration {
  /** Credential ID in base64url. */
  credential: string;
  rpId: string;
  account: string;
  displayName: string;
  /** Where it was made. */
  desktop: string;
  created: number;
  algorithm: Algorithm;
  key: StoredKey;
  /** The secret of the prf extension, kept as the key is; an early version made none. */
  prf?: StoredKey;
  /** ID of the platform credential that was used. An early version did not write it: it is the desktop's. */
  verifier?: Bytes;
  /** What another desktop needs to know; an early version did not write it. */
  userId?: Bytes;
  /** COSE_Key. */
  publicKey?: Bytes;
  /** By which a desktop has the website remove it; none where the website did not ask. */
  unregister?: Bytes;
  /**
   * The desktop has not said yet that the website's registration is done. The key is stored before the answer is sent,
   * so that a phone that dies in between still holds what the website may already know.
   */
  pending: boolean;
}

/** Whether a request of a desktop can be answered with a registration: its key opens in the one ceremony there is. */
export function opens(r: Registration, d: Desktop): boolean {
  if (r.key.protection === "device") return true;
  return r.verifier ? same(r.verifier, d.verifier) : r.desktop === d.id;
}

function same(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Where a desktop is. */
export function place(d: Desktop): Place {
  return { desktop: d.id, port: d.port, addresses: d.addresses, certificate: d.certificate };
}

/** The desktops and registrations of this phone. */
export class Records {
  constructor(private readonly db: Database) {}

  reopen(): void {
    this.db.reopen();
  }

  /** Paired desktops, the newest first. */
  async desktops(): Promise<Desktop[]> {
    return (await this.db.all<Desktop>("desktops")).sort((a, b) => b.paired - a.paired);
  }

  putDesktop(d: Desktop): Promise<void> {
    return this.db.put("desktops", d);
  }

  /** Stores what is new about a desktop, unless it was forgotten or paired anew meanwhile. */
  updateDesktop(d: Desktop): Promise<void> {
    return this.db.update<Desktop>("desktops", d.id, (old) => (old.phone === d.phone && !old.leaving ? d : undefined));
  }

  /** Forgets a desktop and the registrations that only it could use; the app's own stay for the next. */
  async removeDesktop(id: string): Promise<void> {
    const desktop = await this.db.get<Desktop>("desktops", id);
    if (!desktop) return;
    for (const r of await this.onlyOf(desktop)) await this.removeRegistration(r.credential);
    await this.db.delete("desktops", id);
  }

  /** Removes a desktop from what the person sees; removeDesktop follows when it was told. */
  async leaveDesktop(id: string): Promise<void> {
    const desktop = await this.db.get<Desktop>("desktops", id);
    if (!desktop) return;
    for (const r of await this.onlyOf(desktop)) await this.removeRegistration(r.credential);
    await this.db.update<Desktop>("desktops", id, (old) => ({ ...old, leaving: Date.now() }));
  }

  /** The registrations whose keys would open for nobody any more. */
  async onlyOf(desktop: Desktop): Promise<Registration[]> {
    const platform = await this.platform();
    if (platform && same(platform.credential, desktop.verifier)) return [];
    const others = (await this.desktops()).filter((d) => d.id !== desktop.id);
    const all = await this.db.all<Registration>("registrations");
    const left = (r: Registration) =>
      others.some((d) => opens(r, d)) || (r.verifier && platform && same(r.verifier, platform.credential));
    return all.filter((r) => r.key.protection !== "device" && opens(r, desktop) && !left(r));
  }

  /** This app's platform credential, once it has one. */
  async platform(): Promise<Platform | undefined> {
    return this.db.get<Platform>("self", "platform");
  }

  putPlatform(p: Platform): Promise<void> {
    return this.db.put("self", { id: "platform", ...p });
  }

  /** Registrations that are done, by relying party and account. */
  async registrations(): Promise<Registration[]> {
    const done = (await this.db.all<Registration>("registrations")).filter((r) => !r.pending);
    return done.sort((a, b) => a.rpId.localeCompare(b.rpId) || a.account.localeCompare(b.account));
  }

  /** Every registration, also those that are not confirmed. */
  everything(): Promise<Registration[]> {
    return this.db.all("registrations");
  }

  registration(credential: string): Promise<Registration | undefined> {
    return this.db.get("registrations", credential);
  }

  putRegistration(r: Registration): Promise<void> {
    return this.db.put("registrations", r);
  }

  /** The website has the registration: from now on it is listed. */
  confirmRegistration(credential: string): Promise<void> {
    return this.db.update<Registration>("registrations", credential, (old) => ({ ...old, pending: false }));
  }

  removeRegistration(credential: string): Promise<void> {
    return this.db.delete("registrations", credential);
  }

  /**
   * Notes that the person removes a registration. That it is missing from what desktops are told would not say so: it
   * could be missing because something went wrong. It is noted before the key goes, so that no removal is forgotten.
   */
  async noteRemoval(credential: string): Promise<void> {
    const all = (await this.noted()).filter((r) => r.credential !== credential);
    await this.putOwn("removed", { all: [...all, { credential, at: Date.now() }].slice(-maxRemoved) });
  }

  /** Credentials that the person removed in the last thirty days and that are gone, the oldest first. */
  async removals(): Promise<string[]> {
    const held = new Set((await this.everything()).map((r) => r.credential));
    return (await this.noted()).map((r) => r.credential).filter((c) => !held.has(c));
  }

  private async noted(): Promise<Removal[]> {
    const kept = await this.own<{ all: Removal[] }>("removed");
    return kept?.all.filter((r) => Date.now() - r.at < removedPatience) ?? [];
  }

  /** Erases what stood under the app PIN, which is gone, and so is what could decrypt it. */
  async erasePinned(): Promise<void> {
    const all = await this.everything();
    for (const r of all) if (r.key.protection === "pin") await this.removeRegistration(r.credential);
    await this.removeOwn("platform");
  }

  /** Ends of requests, the newest first. */
  async activity(): Promise<Activity[]> {
    return (await this.db.all<Activity>("activity")).sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  /** Notes an end; beyond the last hundred the oldest go. */
  async note(a: Omit<Activity, "id">): Promise<void> {
    const id = `${String(a.at).padStart(16, "0")} ${encodeBase64url(random(6))}`;
    await this.db.put("activity", { ...a, id });
    for (const old of (await this.activity()).slice(remembered)) await this.db.delete("activity", old.id);
  }

  /** What the person calls this phone; empty where they did not say. */
  async phoneName(): Promise<string> {
    return (await this.db.get<{ name: string }>("self", "name"))?.name ?? "";
  }

  putPhoneName(name: string): Promise<void> {
    return this.db.put("self", { id: "name", name });
  }

  /** Something of the app's own, by name; undefined where it was never put. */
  async own<T>(id: string): Promise<T | undefined> {
    const kept = await this.db.get<T & { id?: string }>("self", id);
    delete kept?.id; // the name is the database's, and no part of it
    return kept;
  }

  putOwn(id: string, value: object): Promise<void> {
    return this.db.put("self", { ...value, id });
  }

  /** Changes it in one transaction; undefined leaves it as it is. */
  updateOwn<T extends object>(id: string, change: (old: T) => T | undefined): Promise<void> {
    return this.db.update<T>("self", id, change);
  }

  removeOwn(id: string): Promise<void> {
    return this.db.delete("self", id);
  }

  /** Whether this browser keeps a key that can't be exported. Throws StorageError where it does not. */
  async probe(key: CryptoKey): Promise<void> {
    await this.db.put("probe", { id: "probe", key });
    await this.db.delete("probe", "probe");
  }
}
