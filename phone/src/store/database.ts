import { es256 } from "../keys/cose";

// One small wrapper over IndexedDB. Safari drops the connection of a page that was in the background ("Connection to
// Indexed Database server lost"), and then every transaction fails until the database is opened anew: so a failed
// transaction is tried once more on a new connection. All work given to it must bear being done twice.

/** The collections and their keys. */
export const stores = { desktops: "id", registrations: "credential", probe: "id", self: "id", activity: "id" } as const;
/** The name of one of stores. */
export type StoreName = keyof typeof stores;

const databaseVersion = 4;

/** The browser does not let this page keep anything: private browsing, or storage that is full or broken. */
export class StorageError extends Error {
  override name = "StorageError";
}

/** One connection to IndexedDB, opened when it is needed and again when it was lost; its failures are StorageError. */
export class Database {
  private connection: Promise<IDBDatabase> | undefined;

  constructor(private readonly name = "tallykey") {}

  /** Forgets the connection; the next call opens a new one. */
  reopen(): void {
    const old = this.connection;
    this.connection = undefined;
    old?.then((db) => db.close()).catch(() => {});
  }

  all<T>(store: StoreName): Promise<T[]> {
    return this.run(store, "readonly", (s) => s.getAll());
  }

  get<T>(store: StoreName, key: string): Promise<T | undefined> {
    return this.run(store, "readonly", (s) => s.get(key));
  }

  /** Resolves when the value is on the disk. */
  put<T>(store: StoreName, value: T): Promise<void> {
    return this.run(store, "readwrite", (s) => s.put(value)).then(() => {});
  }

  /** Changes a value in one transaction. What the change returns is stored; undefined leaves the value as it is. */
  async update<T>(store: StoreName, key: string, change: (old: T) => T | undefined): Promise<void> {
    await this.run<T | undefined>(store, "readwrite", (s) => {
      const read = s.get(key);
      read.onsuccess = () => {
        const changed = read.result && change(read.result);
        if (changed) s.put(changed);
      };
      return read;
    });
  }

  delete(store: StoreName, key: string): Promise<void> {
    return this.run<undefined>(store, "readwrite", (s) => s.delete(key));
  }

  private async run<T>(
    store: StoreName,
    mode: IDBTransactionMode,
    work: (s: IDBObjectStore) => IDBRequest,
  ): Promise<T> {
    try {
      return await this.once<T>(store, mode, work);
    } catch {
      this.reopen();
    }
    try {
      return await this.once<T>(store, mode, work);
    } catch (e) {
      this.reopen();
      throw new StorageError(e instanceof Error ? e.message : String(e));
    }
  }

  private async once<T>(
    name: StoreName,
    mode: IDBTransactionMode,
    work: (s: IDBObjectStore) => IDBRequest,
  ): Promise<T> {
    this.connection ??= this.open();
    const db = await this.connection;
    const tx = db.transaction(name, mode, { durability: "strict" });
    const request = work(tx.objectStore(name));
    return new Promise<T>((resolve, reject) => {
      tx.oncomplete = () => resolve(request.result);
      tx.onerror = tx.onabort = () => reject(tx.error ?? request.error);
    });
  }

  private open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(this.name, databaseVersion);
      request.onupgradeneeded = (e) => upgrade(request, e.oldVersion);
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("an older page holds the database"));
      request.onsuccess = () => {
        const db = request.result;
        db.onclose = db.onversionchange = () => this.reopen();
        resolve(db);
      };
    });
  }
}

/** Later versions add; what is there stays. All of it happens, or nothing. */
function upgrade(request: IDBOpenDBRequest, from: number): void {
  const db = request.result;
  for (const [store, keyPath] of Object.entries(stores)) {
    if (!db.objectStoreNames.contains(store)) db.createObjectStore(store, { keyPath });
  }
  if (from > 0 && from < 4) nameAlgorithms(request.transaction?.objectStore("registrations"));
}

/** Up to version 3 every key was one for ES256, and no record said so. */
function nameAlgorithms(registrations: IDBObjectStore | undefined): void {
  const walk = registrations?.openCursor();
  if (!walk) return;
  walk.onsuccess = () => {
    const cursor = walk.result;
    if (!cursor) return;
    cursor.update({ algorithm: es256, ...cursor.value });
    cursor.continue();
  };
}
