import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Reach, Sight } from "../messages.ts";
import type { Site } from "../protocol.ts";
import { type View, viewOf } from "./view.ts";
import type { Words } from "./words.ts";

const now = new Date(2026, 10, 23, 15, 0);
const ready = { state: "ready" };
const connected = { id: "1", name: "Alice’s phone", connected: true };

/** The words of a language as the browser would give them. */
function words(language: string): Words {
  const path = new URL(`../../locales/${language}/messages.json`, import.meta.url);
  const all: { [key: string]: { message: string } } = JSON.parse(readFileSync(path, "utf8"));
  const say = (key: string, ...values: string[]) => {
    const text = all[key]?.message;
    if (text === undefined) throw new Error(`no message ${key}`);
    return text.replace(/\$[A-Z]+\$/, values[0] ?? "");
  };
  return { language, say };
}

/** The view of a daemon in the language. */
const seen = (reach: Reach, language = "en", more: Partial<Sight> = {}): View =>
  viewOf({ reach, pending: false, offers: [], ...more }, words(language), now);

const running = (phones: object[] | null, more: object = {}): Reach =>
  ({ kind: "running", status: { version: "1", phones, keyring: ready, link: ready, ...more } }) as Reach;

test("a phone that is there", () => {
  expect(seen(running([connected]))).toEqual({
    chip: { tone: "ok", text: "Ready" },
    pending: false,
    offers: [],
    pauses: [],
    pair: true,
    phones: [{ name: "Alice’s phone", line: "On this network", chip: { tone: "ok", text: "Connected" } }],
  });
});

test.each([
  [new Date(2026, 10, 23, 9, 5), "Last seen 09:05", "Zuletzt gesehen: 09:05"],
  [new Date(2026, 10, 22, 23, 59), "Last seen yesterday", "Zuletzt gesehen: gestern"],
  [new Date(2026, 10, 3, 12, 0), "Last seen Nov 3", "Zuletzt gesehen: 3. Nov."],
])("a phone that was there: %s", (time, en, de) => {
  const away = { ...connected, connected: false, lastSeen: time.toISOString() };
  for (const [language, line] of [
    ["en", en],
    ["de", de],
  ] as const) {
    const view = seen(running([away]), language);
    expect(view.phones[0]?.line).toBe(line);
    expect(view.advice).toBe(words(language).say("openOnPhone"));
    expect(view.chip.tone).toBe("wait");
  }
});

test("a phone that was never there", () => {
  const view = seen(running([{ ...connected, connected: false }]), "en");
  expect(view.phones[0]?.line).toBe("Not seen yet");
});

test.each([null, []])("no phone: %o", (phones) => {
  const { note, chip } = seen(running(phones), "de");
  expect(note).toMatchObject({ title: "Kein Telefon gekoppelt", code: "no_phone" });
  expect(chip).toEqual({ tone: "warn", text: "Problem" });
});

test.each(["keyring", "link"])("a problem of the %s comes before phones", (part) => {
  const broken = { [part]: { state: "problem", code: "keyring_missing" } };
  const { note, phones } = seen(running([connected], broken), "en");
  expect(note).toMatchObject({ title: "There is no keyring", code: "keyring_missing" });
  expect(phones).toEqual([]);
});

test("a code of a newer daemon is shown as it is", () => {
  const broken = { link: { state: "problem", code: "moon_phase" } };
  expect(seen(running([connected], broken), "en").note?.code).toBe("moon_phase");
});

test.each(["missing", "forbidden", "stopped", "silent"] as const)("the way is broken: %s", (kind) => {
  for (const language of ["en", "de"]) {
    const { note } = seen({ kind }, language);
    expect(note?.title).not.toBe("");
    expect(note?.remedy).toContain("tallykey ");
  }
});

const alice = { id: "AQ", rpId: "contoso.example", account: "alice@contoso.example", phoneName: "Alice’s phone" };
const origin = "https://login.contoso.example:8443";

/** The view of the website in front. */
function site(of: Partial<Site>, language = "en") {
  const { site } = seen(running([connected]), language, { tab: 1, origin, site: { registrations: [], ...of } });
  if (!site) throw new Error("no website");
  return site;
}

test("the website in front, with its RP ID in bold", () => {
  const registration = { ...alice, created: new Date(2026, 9, 1).toISOString() };
  expect(site({ registrations: [registration] })).toEqual({
    origin,
    host: ["login.", "contoso.example:8443"],
    rows: [{ name: "alice@contoso.example", line: "Registered Oct 1" }],
    use: { on: true },
  });
  expect(site({ registrations: null })).toMatchObject({ host: ["", "login.contoso.example:8443"], rows: [] });
});

test.each([
  [{ lastUsed: new Date(2026, 10, 23, 14, 2) }, "Signed in today, 14:02", "Heute um 14:02 angemeldet"],
  [{ lastUsed: new Date(2026, 10, 22, 1, 0) }, "Signed in yesterday", "Gestern angemeldet"],
  [{ lastUsed: new Date(2026, 10, 3, 1, 0) }, "Signed in Nov 3", "Angemeldet am 3. Nov."],
  [{ hidden: true }, "The website no longer accepts it", "Die Website nimmt sie nicht mehr an"],
])("a registration was used: %j", (more, en, de) => {
  const registration = JSON.parse(JSON.stringify({ ...alice, created: "2026-10-01T00:00:00Z", ...more }));
  expect(site({ registrations: [registration] }).rows[0]?.line).toBe(en);
  expect(site({ registrations: [registration] }, "de").rows[0]?.line).toBe(de);
});

test("how the newest request ended, unless it went well", () => {
  const time = new Date(2026, 10, 23, 14, 2).toISOString();
  expect(site({ last: { time, action: "get", code: "declined" } }).last).toMatchObject({
    title: "Declined on the phone",
    code: "declined",
    when: "14:02",
  });
  expect(site({ last: { time, action: "get", code: "approved" } }).last).toBeUndefined();
  expect(site({ last: { time, action: "get", code: "moon_phase" } }).last).toBeUndefined();
});

test.each([
  [undefined, { on: true }],
  [{ origin }, { on: false }],
  [{ origin, until: "0001-01-01T00:00:00Z" }, { on: false }],
  [
    { origin, until: new Date(2026, 10, 23, 16, 30).toISOString() },
    { on: false, line: "Paused until 16:30" },
  ],
])("the switch of the pause %j", (pause, use) => {
  expect(site(pause ? { pause } : {}).use).toEqual(use);
});

test("a pause of every website comes before the phones", () => {
  const view = seen(running([connected], { pauses: [{ until: new Date(2026, 10, 23, 16, 30).toISOString() }] }));
  expect(view.chip).toEqual({ tone: "wait", text: "Paused" });
  expect(view.everywhere).toEqual({ on: false, line: "Paused until 16:30" });
});

test("the websites that are paused, and a daemon that knows none", () => {
  const { pauses, everywhere } = seen(running([connected], { pauses: [{ origin }] }));
  const paused = { origin, name: "login.contoso.example:8443", line: "Paused until you resume it" };
  expect({ pauses, everywhere }).toEqual({ pauses: [paused], everywhere: { on: true } });
  expect(seen(running([connected], { pauses: null }))).not.toHaveProperty("everywhere");
});

test("what can be signed in with now", () => {
  const offers = [{ ...alice, created: "" }];
  expect(seen(running([connected]), "de", { offers }).offers).toEqual([
    { credential: "AQ", text: "Mit dem Telefon als alice@contoso.example anmelden" },
  ]);
});
