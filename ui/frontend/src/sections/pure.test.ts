import { expect, test } from "vitest";
import { activity, registrations } from "../../fake/demo";
import { codesOf, filter, hostOf } from "./filter";
import { byRelyingParty } from "./group";
import { originOf } from "./origin";
import { commandIn } from "./remedy";
import { de } from "./words.de";
import { en } from "./words.en";

test.each([
  ["www.contoso.example", "https://www.contoso.example"],
  [" Shop.Example:8443/path?q ", "https://shop.example:8443"],
  ["https://shop.example/", "https://shop.example"],
  ["http://shop.example", undefined],
  ["javascript://shop.example", undefined],
  ["alice@shop.example", undefined],
  ["shop", undefined],
  ["", undefined],
  ["a b.example", undefined],
])("originOf %s", (typed, origin) => expect(originOf(typed)).toBe(origin));

test.each([
  ["tallykey browsers install", "tallykey browsers install"],
  ["Open it: sudo ufw allow 47820/udp", "sudo ufw allow 47820/udp"],
  ["Install and start one: sudo apt install gnome-keyring.", "sudo apt install gnome-keyring"],
  ["Start your browser once, then try again.", ""],
  ["", ""],
])("commandIn %s", (remedy, command) => expect(commandIn(remedy)).toBe(command));

test("filter looks in website, account, browser, code and id, and joins what is wanted", () => {
  const all = activity();
  const found = (code: string, website: string, text: string) => filter(all, { code, website, text }).length;
  expect(found("", "", "")).toBe(all.length);
  expect(found("", "", "FABRIKAM")).toBe(1);
  expect(found("", "", "mt00017")).toBe(1);
  expect(found("", "", "wrong_")).toBe(1);
  expect(found("approved", "mail.contoso.example", "")).toBe(1);
  expect(found("approved", "wiki.fabrikam.example", "")).toBe(0);
  expect(codesOf(all).length).toBe(8);
  expect(all.map(hostOf).at(-1)).toBe(""); // a pairing
});

test("groups and their accounts stand in order", () => {
  const groups = byRelyingParty(registrations(), 3);
  expect(groups.map(([rp]) => rp)).toEqual(["contoso.example", "git.northwind.example"]);
  expect(groups[0]?.[1].map((r) => r.account)).toEqual(["alice.admin@contoso.example", "alice@contoso.example"]);
});

test("both languages say the same things", () => {
  const shape = (words: object): string[] =>
    Object.entries(words).flatMap(([k, v]) =>
      typeof v === "object" ? Object.keys(v).map((n) => `${k}.${n}`) : [`${k}:${typeof v}`],
    );
  expect(shape(de)).toEqual(shape(en));
  const texts = JSON.stringify([en, de]);
  for (const banned of ["!", "please", "oops", "successfully", "Please", "Bitte"]) expect(texts).not.toContain(banned);
});
