import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { random } from "../link/bytes";
import { iterations, newPin, openPin, weakness } from "./pin";
import { PinVerifier } from "./pinverifier";
import { KeyGoneError } from "./registration";

const rounds = 1000; // the price of a guess is not what these are about
const right = "482913";
const origin = "https://192.0.2.7:47114";

/** What the app's database is to the PIN. */
class Store {
  readonly values = new Map<string, object>();
  own = async <T>(id: string) => this.values.get(id) as T | undefined;
  putOwn = async (id: string, value: object) => void this.values.set(id, value);
  removeOwn = async (id: string) => void this.values.delete(id);
  updateOwn = async <T extends object>(id: string, change: (old: T) => T | undefined) => {
    const old = this.values.get(id) as T | undefined;
    const changed = old && change(old);
    if (changed) this.values.set(id, changed);
  };
}

let store: Store;
let pin: PinVerifier;
let now: number;
let aborter: AbortController;

beforeEach(async () => {
  now = 1_795_412_400_000;
  vi.spyOn(Date, "now").mockImplementation(() => now);
  store = new Store();
  pin = new PinVerifier(store, origin, rounds);
  aborter = new AbortController();
  await pin.set(right);
});

afterEach(() => vi.restoreAllMocks());

/** Asks for a new platform credential, and waits until the person is asked for the PIN. */
async function asked() {
  const made = pin.create(random(32), "phone", 60_000, aborter.signal);
  made.catch(() => {});
  await vi.waitFor(() => expect(pin.question).toBeDefined());
  return made;
}

async function wrong(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    now += (pin.question?.wait ?? 0) * 1000;
    await pin.enter("000111222");
  }
}

describe("the app PIN", () => {
  it("costs what is asked for, and is opened by itself alone", async () => {
    expect(iterations).toBeGreaterThanOrEqual(600_000);
    const { record, secret } = await newPin(right);
    expect(record).toMatchObject({ iterations, digits: true, failures: 0, until: 0 });
    expect(record.pepper.extractable).toBe(false);
    expect(await openPin(record, right)).toEqual(secret);
    expect(await openPin(record, "482914")).toBeUndefined();
  });

  it("is the same however its letters are composed, and not without what the browser keeps", async () => {
    const { record, secret } = await newPin("Caf\u00e9 au lait", rounds);
    expect(record.digits).toBe(false);
    expect(await openPin(record, "Cafe\u0301 au lait")).toEqual(secret);
    const { record: other } = await newPin("Caf\u00e9 au lait", rounds);
    expect(await openPin({ ...record, pepper: other.pepper }, "Caf\u00e9 au lait")).toBeUndefined();
  });

  it.each([
    ["12345", "short"],
    ["123456", "guessable"],
    ["987654", "guessable"],
    ["111111", "guessable"],
    ["121212", "guessable"],
    ["abcdef", "guessable"],
    ["482913", ""],
    ["correct horse", ""],
  ])("%s is %s", (text, weak) => expect(weakness(text)).toBe(weak));

  it("is changed by who knows the old one, and opens the same keys", async () => {
    const made = asked();
    await vi.waitFor(() => expect(pin.question).toBeDefined());
    await pin.enter(right);
    const { id, secret } = await made;
    const opened = pin.open(aborter.signal);
    await vi.waitFor(() => expect(pin.question).toBeDefined());
    await wrong(1);
    await pin.enter(right);
    await pin.replace(await opened, "correct horse");
    expect(store.values.get("pin")).toMatchObject({ digits: false, failures: 0 });

    const again = pin.get(random(32), id, 60_000, aborter.signal);
    await vi.waitFor(() => expect(pin.question).toBeDefined());
    await pin.enter(right);
    expect(pin.question).toMatchObject({ wrong: true, left: 9 });
    await pin.enter("correct horse");
    expect((await again).secret).toEqual(secret);
  });

  it("is not made anew by a change once it was erased", async () => {
    store.values.delete("pin");
    await pin.replace(random(32), "correct horse");
    expect(await pin.ready()).toBe(false);
  });

  it("is set once", async () => {
    await expect(pin.set("593021")).rejects.toThrow();
  });
});

describe("asking for the PIN", () => {
  it("verifies the person, and gives the same secret each time", async () => {
    const made = asked();
    await vi.waitFor(() => expect(pin.question).toBeDefined());
    expect(pin.question).toMatchObject({ digits: true, wrong: false, left: 10, free: 5, wait: 0 });
    await pin.enter(right);
    const first = await made;
    expect(first).toMatchObject({ protection: "pin" });
    expect(first.secret).toHaveLength(32);
    expect(pin.question).toBeUndefined();
    const second = pin.get(random(32), first.id, 60_000, aborter.signal);
    await vi.waitFor(() => expect(pin.question).toBeDefined());
    await pin.enter(right);
    expect((await second).secret).toEqual(first.secret);
    expect(JSON.stringify([first.json, (await second).json])).not.toContain("secret");
  });

  it("counts a try before it is made: an app that is closed in the middle gains none", async () => {
    void asked().catch(() => {});
    await vi.waitFor(() => expect(pin.question).toBeDefined());
    const trying = pin.enter("000111222");
    await vi.waitFor(() => expect(store.values.get("pin")).toMatchObject({ failures: 1 }));
    await trying;
    expect(pin.question).toMatchObject({ wrong: true, left: 9 });
  });

  it("forgets wrong entries at a right one", async () => {
    const made = asked();
    await vi.waitFor(() => expect(pin.question).toBeDefined());
    await wrong(4);
    expect(pin.question).toMatchObject({ left: 6, free: 1, wait: 0 });
    await pin.enter(right);
    await made;
    expect(store.values.get("pin")).toMatchObject({ failures: 0 });
  });

  it("makes the person wait after five wrong entries, longer and longer, also with the right one", async () => {
    void asked().catch(() => {});
    await vi.waitFor(() => expect(pin.question).toBeDefined());
    await wrong(5);
    const waits = [pin.question?.wait];
    await pin.enter(right);
    expect(store.values.get("pin")).toMatchObject({ failures: 5 }); // not tried
    for (let i = 0; i < 4; i++) {
      await wrong(1);
      waits.push(pin.question?.wait);
    }
    expect(waits).toEqual([30, 60, 120, 300, 600]);
    expect(pin.question?.left).toBe(1);
    now -= 86_400_000; // a clock that was set back makes no wait longer than it is
    const again = new PinVerifier(store, origin, rounds);
    void again.create(random(32), "", 1, aborter.signal).catch(() => {});
    await vi.waitFor(() => expect(again.question?.wait).toBe(600));
  });

  it("erases the keys at the tenth wrong entry, across restarts of the app", async () => {
    void asked().catch(() => {});
    await vi.waitFor(() => expect(pin.question).toBeDefined());
    await wrong(6);
    pin = new PinVerifier(store, origin, rounds);
    const erased = vi.fn(async () => {});
    pin.onerased = erased;
    const made = pin.create(random(32), "", 60_000, aborter.signal);
    const failed = expect(made).rejects.toThrow(KeyGoneError);
    await vi.waitFor(() => expect(pin.question).toBeDefined());
    await wrong(4);
    await failed;
    expect(erased).toHaveBeenCalledTimes(1);
    expect(store.values.has("pin")).toBe(false);
    expect(await pin.ready()).toBe(false);
  });

  it("ends when the request does, and a late entry is not tried", async () => {
    const made = asked();
    await vi.waitFor(() => expect(pin.question).toBeDefined());
    const failed = expect(made).rejects.toThrow();
    aborter.abort();
    await failed;
    expect(pin.question).toBeUndefined();
    await pin.enter("000111222");
    expect(store.values.get("pin")).toMatchObject({ failures: 0 });
  });
});
