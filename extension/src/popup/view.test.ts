import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Reach } from "../messages.ts";
import { viewOf, type Words } from "./view.ts";

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
    return text.replace("$WHEN$", values[0] ?? "");
  };
  return { language, say };
}

const running = (phones: object[] | null, more: object = {}): Reach =>
  ({ kind: "running", status: { version: "1", phones, keyring: ready, link: ready, ...more } }) as Reach;

test("a phone that is there", () => {
  const view = viewOf(running([connected]), words("en"), now);
  expect(view).toEqual({
    chip: { tone: "ok", text: "Ready" },
    phones: [{ name: "Alice’s phone", line: "On this network", chip: { tone: "ok", text: "Connected" } }],
  });
});

test.each([
  [new Date(2026, 10, 23, 9, 5), "Last seen 09:05", "Zuletzt gesehen: 09:05"],
  [new Date(2026, 10, 22, 23, 59), "Last seen yesterday", "Zuletzt gesehen: gestern"],
  [new Date(2026, 10, 3, 12, 0), "Last seen Nov 3", "Zuletzt gesehen: 3. Nov."],
])("a phone that was there: %s", (seen, en, de) => {
  const away = { ...connected, connected: false, lastSeen: seen.toISOString() };
  for (const [language, line] of [
    ["en", en],
    ["de", de],
  ] as const) {
    const view = viewOf(running([away]), words(language), now);
    expect(view.phones[0]?.line).toBe(line);
    expect(view.hint).toBe(words(language).say("openOnPhone"));
    expect(view.chip.tone).toBe("wait");
  }
});

test("a phone that was never there", () => {
  const view = viewOf(running([{ ...connected, connected: false }]), words("en"), now);
  expect(view.phones[0]?.line).toBe("Not seen yet");
});

test.each([null, []])("no phone: %o", (phones) => {
  const { note, chip } = viewOf(running(phones), words("de"), now);
  expect(note).toMatchObject({ title: "Kein Telefon gekoppelt", code: "no_phone" });
  expect(chip).toEqual({ tone: "warn", text: "Problem" });
});

test.each(["keyring", "link"])("a problem of the %s comes before phones", (part) => {
  const broken = { [part]: { state: "problem", code: "keyring_missing" } };
  const { note, phones } = viewOf(running([connected], broken), words("en"), now);
  expect(note).toMatchObject({ title: "There is no keyring", code: "keyring_missing" });
  expect(phones).toEqual([]);
});

test("a code of a newer daemon is shown as it is", () => {
  const broken = { link: { state: "problem", code: "moon_phase" } };
  expect(viewOf(running([connected], broken), words("en"), now).note?.code).toBe("moon_phase");
});

test.each(["missing", "forbidden", "stopped", "silent"] as const)("the way is broken: %s", (kind) => {
  for (const language of ["en", "de"]) {
    const { note } = viewOf({ kind }, words(language), now);
    expect(note?.title).not.toBe("");
    expect(note?.remedy).toContain("tallykey ");
  }
});
