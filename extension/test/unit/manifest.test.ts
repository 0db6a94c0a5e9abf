import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CHROMIUM_ID, FIREFOX_ID, manifest, TARGETS } from "../../manifest.mjs";
import { HOST_NAME } from "../../src/protocol.ts";

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url));

test.each(TARGETS)("the gate is there before the hook, in every frame: %s", (target) => {
  const { content_scripts } = manifest(target, "1.0.0");
  expect(content_scripts.map((script) => ("world" in script ? script.world : "ISOLATED"))).toEqual([
    "ISOLATED",
    "MAIN",
  ]);
  for (const script of content_scripts) {
    expect(script).toMatchObject({ run_at: "document_start", all_frames: true, match_about_blank: true });
    expect(script).toMatchObject({ match_origin_as_fallback: true, matches: manifest(target, "1").host_permissions });
  }
});

test("the extension asks for no more than it needs", () => {
  for (const target of TARGETS) expect(manifest(target, "1").permissions).toEqual(["nativeMessaging", "contextMenus"]);
});

test("every permission is explained", () => {
  const page = file("../docs/browsers.md").toString();
  for (const target of TARGETS) {
    const { permissions, host_permissions } = manifest(target, "1");
    for (const permission of [...permissions, ...host_permissions]) expect(page).toContain(`\`${permission}\``);
  }
});

test("the id follows from the key", () => {
  const made = manifest("chromium", "1");
  if (!("key" in made)) throw new Error("no key");
  const digest = createHash("sha256").update(Buffer.from(made.key, "base64")).digest("hex").slice(0, 32);
  const id = [...digest].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join("");
  expect(id).toBe(CHROMIUM_ID);
});

test("the host knows the same names", () => {
  const source = file("../native-messaging/browsers/browsers.go").toString();
  for (const name of [HOST_NAME, CHROMIUM_ID, FIREFOX_ID]) expect(source).toContain(`"${name}"`);
});

test("each browser gets only what it knows", () => {
  expect(manifest("chromium", "1")).not.toHaveProperty("browser_specific_settings");
  expect(manifest("chromium", "1").background).toEqual({ service_worker: "background.js" });
  expect(manifest("firefox", "1")).not.toHaveProperty("key");
  expect(manifest("firefox", "1").background).toEqual({ scripts: ["background.js"] });
});

test("icons are as large as they say", () => {
  for (const [size, path] of Object.entries(manifest("chromium", "1").icons)) {
    const png = file(path);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([Number(size), Number(size)]);
  }
});

test("every language has every message", () => {
  const languages = readdirSync(new URL("../../locales", import.meta.url));
  const keys = languages.map((language) =>
    Object.keys(JSON.parse(file(`locales/${language}/messages.json`).toString())),
  );
  expect(languages).toContain("de");
  for (const list of keys) expect(list).toEqual(keys[0]);
});
