import "fake-indexeddb/auto";
import { IDBDatabase, IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eddsa, es256 } from "../keys/cose";
import { newDeviceKey } from "../keys/device";
import { signAs } from "../keys/registration";
import { random, utf8 } from "../link/bytes";
import { importSecret } from "../link/ufrag";
import { Database, StorageError, stores } from "./database";
import type { Desktop, Registration } from "./records";
import { Records } from "./records";

let records: Records;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  records = new Records(new Database());
});

afterEach(() => vi.restoreAllMocks());

async function desktop(id: string, paired: number): Promise<Desktop> {
  const { private: deviceKey } = await newDeviceKey();
  return {
    ...{
      id,
      name: id,
      port: 1,
      addresses: [],
      certificate: random(32),
      phone: "p",
      secret: await importSecret(random(32)),
    },
    ...{ verifier: random(16), deviceKey, keyProtection: "prf", paired, seen: paired, removed: false },
  };
}

function registration(credential: string, at: string, more: Partial<Registration> = {}): Registration {
  const key = { protection: "prf" as const, wrapped: random(64), iv: random(12) };
  return {
    ...{ credential, rpId: "contoso.example", account: credential, displayName: "", desktop: at, created: 1, key },
    ...{ pending: false, algorithm: -7 },
    ...more,
  };
}

describe("records", () => {
  it("keep desktops with keys that can't be exported, the newest first", async () => {
    await records.putDesktop(await desktop("a", 1));
    await records.putDesktop(await desktop("b", 2));
    const list = await new Records(new Database()).desktops();
    expect(list.map((d) => d.id)).toEqual(["b", "a"]);
    expect(list[0]?.deviceKey.extractable).toBe(false);
    expect(list[0]?.secret.extractable).toBe(false);
  });

  it("forget a desktop with its registrations, and no others", async () => {
    await records.putDesktop(await desktop("a", 1));
    await records.putRegistration(registration("one", "a"));
    await records.putRegistration(registration("two", "b"));
    await records.removeDesktop("a");
    expect(await records.desktops()).toEqual([]);
    expect((await records.registrations()).map((r) => r.credential)).toEqual(["two"]);
  });

  it("hold a pending registration, but list it only when it is confirmed", async () => {
    await records.putRegistration(registration("one", "a", { pending: true }));
    expect(await records.registrations()).toEqual([]);
    expect((await records.registration("one"))?.pending).toBe(true);
    await records.confirmRegistration("one");
    expect(await records.registrations()).toHaveLength(1);
    await records.confirmRegistration("two");
    expect(await records.registrations()).toHaveLength(1);
  });

  it("take news of a desktop, but not of one that was forgotten or paired anew", async () => {
    const old = await desktop("a", 1);
    await records.putDesktop(old);
    await records.updateDesktop({ ...old, name: "renamed" });
    expect((await records.desktops())[0]?.name).toBe("renamed");
    await records.putDesktop({ ...old, phone: "new id" });
    await records.updateDesktop({ ...old, name: "late" });
    expect((await records.desktops())[0]).toMatchObject({ name: "a", phone: "new id" });
    await records.removeDesktop("a");
    await records.updateDesktop(old);
    expect(await records.desktops()).toEqual([]);
  });

  it("survive a connection that the browser lost", async () => {
    await records.putRegistration(registration("one", "a"));
    const lost = new DOMException("Connection to Indexed Database server lost", "UnknownError");
    vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementationOnce(() => {
      throw lost;
    });
    expect((await records.registrations()).map((r) => r.credential)).toEqual(["one"]);
    await records.putRegistration(registration("two", "a"));
    expect(await records.registrations()).toHaveLength(2);
  });

  it("say so where the browser keeps nothing", async () => {
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("no", "InvalidStateError");
    });
    await expect(records.desktops()).rejects.toThrow(StorageError);
  });

  it("keep the last hundred ends, the newest first", async () => {
    const end = { action: "get" as const, code: "approved", site: "s", account: "a", desktop: "d", browser: "b" };
    for (let at = 0; at < 103; at++) await records.note({ ...end, at });
    const all = await records.activity();
    expect([all.length, all[0]?.at, all.at(-1)?.at]).toEqual([100, 102, 3]);
  });

  it("of version 3 stay, with their keys, as ones for ES256", async () => {
    const { private: key } = await newDeviceKey();
    const { algorithm: _, ...old } = registration("old", "a", { key: { protection: "device", key } });
    await new Promise<void>((resolve, reject) => {
      const open = indexedDB.open("tallykey", 3);
      open.onupgradeneeded = () => {
        for (const [name, keyPath] of Object.entries(stores)) open.result.createObjectStore(name, { keyPath });
      };
      open.onerror = () => reject(open.error);
      open.onsuccess = () => {
        const put = open.result.transaction("registrations", "readwrite").objectStore("registrations").put(old);
        put.onsuccess = () => resolve(open.result.close());
      };
    });
    const kept = await records.registration("old");
    expect(kept).toMatchObject({ ...old, algorithm: es256, key: { protection: "device" } });
    if (kept?.key.protection !== "device") throw new Error("the key is gone");
    const signature = await signAs(kept.algorithm, kept.key.key, utf8("x"));
    expect(signature).toHaveLength(64);
    expect(kept.key.key.extractable).toBe(false);
    await records.putRegistration(registration("new", "a", { algorithm: eddsa }));
    expect((await new Records(new Database()).registration("new"))?.algorithm).toBe(eddsa);
  });

  it("remember the newest removals, and of those only what is gone", async () => {
    expect(await records.removals()).toEqual([]);
    for (let n = 0; n < 66; n++) await records.noteRemoval(`c${n}`);
    await records.noteRemoval("c64");
    await records.putRegistration(registration("c65", "a"));
    const all = await new Records(new Database()).removals();
    expect([all.length, all[0], all.at(-1)]).toEqual([63, "c2", "c64"]);
  });

  it("leave nothing of a probe", async () => {
    await records.probe((await newDeviceKey()).private);
    expect(await new Database().all("probe")).toEqual([]);
  });
});
