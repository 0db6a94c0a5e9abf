// A desktop that was paired and has turned bad, at the real phone app in a real browser.
import { randomBytes } from "node:crypto";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { HostileDesktop, type Message } from "../lib/hostile.ts";
import { scene } from "../lib/scene.ts";
import { tap } from "../lib/see.ts";
import { register, Shop, signIn } from "../lib/shop.ts";
import { until } from "../lib/wait.ts";

const world = scene("phone-hostile", {}, (started) => started.pair());

let shop: Shop;
let hostile: HostileDesktop;
let credential: string;

beforeAll(async () => {
  const { desktop, phone } = world();
  hostile = await HostileDesktop.hold(phone.page);
  shop = await Shop.start(desktop);
  const registering = register(await shop.open(), "alice");
  await world().approve();
  credential = (await registering).id ?? "";
  expect(credential).not.toBe("");
});

beforeEach(async () => {
  const { desktop, phone } = world();
  await phone.open();
  await desktop.phoneConnected(30_000);
  await phone.page.waitForSelector("[data-reach=connected]");
  await hostile.turn(true);
});

interface Site {
  action?: "get" | "create";
  origin?: string;
  /** What clientDataJSON says, where that is another thing. */
  client?: Record<string, unknown>;
}

/** A request as a good desktop sends it, and what is changed in it. */
function request(
  { action = "get", origin = "http://localhost:8480", client = {} }: Site = {},
  more: Message = {},
): Message {
  const clientData = {
    type: `webauthn.${action}`,
    challenge: "AAECAwQFBgcICQoLDA0ODw",
    origin,
    crossOrigin: false,
    ...client,
  };
  return {
    ...{ type: "request", id: randomBytes(16).toString("base64url"), action, origin, domain: "localhost" },
    ...{ rpId: "localhost", accounts: [{ credential, name: "alice" }], browser: "Chromium", mode: "choose" },
    ...{ numbers: ["26", "07", "91"], secondsLeft: 60, clientDataJSON: base64url(JSON.stringify(clientData)) },
    ...more,
  };
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** What the page has answered to a request. */
const answers = async (to: Message): Promise<unknown[]> =>
  (await hostile.heard()).filter(({ id }) => id === to["id"]).map(({ type, code }) => code ?? type);

test("a hundred requests: four wait, the rest is turned away unseen, and the phone is as usual afterwards", async () => {
  const { phone } = world();
  const all = Array.from({ length: 100 }, () => request());
  await hostile.say(...all);
  const declined = async () => (await hostile.heard()).filter(({ type }) => type === "decline");
  await until(30_000, "96 refusals", async () => (await declined()).length === 96);
  expect((await declined()).every(({ code }) => code === "declined")).toBe(true);
  for (let i = 0; i < 4; i++) {
    await phone.numbers();
    await phone.decline();
    await until(30_000, "its end", async () => (await declined()).length === 97 + i);
  }
  await phone.ended("declined");
  await tap(phone.page, "#done");
  await phone.sees(/No request waiting/);
  expect(await phone.page.$$("#request, #outcome")).toEqual([]);

  await hostile.turn(false);
  const signing = signIn(await shop.open(), { account: "alice" });
  await world().approve();
  expect(await signing).toMatchObject({ ok: true });
});

const evil = "https://evil.example";
const good = "https://login.contoso.example";
const unknown = base64url("0123456789abcdef");
const welcome = { type: "welcome", v: 1, desktop: "abcdefghij234567", port: 47113, addresses: [] };
const contoso = { domain: "contoso.example", rpId: "contoso.example" };

/** What a desktop could lie about, and what the person reads then. */
const lies = (): [string, Message, string][] => [
  ["another origin is signed than is shown", request({ client: { origin: evil } }), "origin_mismatch"],
  ["another ceremony is signed", request({ client: { type: "webauthn.create" } }), "origin_mismatch"],
  ["the RP ID is another website's", request({}, { rpId: "evil.example" }), "origin_mismatch"],
  ["the RP ID only ends alike", request({ origin: "https://evilcontoso.example" }, contoso), "origin_mismatch"],
  ["the bold part is another's", request({ origin: good }, { ...contoso, domain: "bank.example" }), "origin_mismatch"],
  ["a path looks like a host", request({ origin: `${good}/@evil.example` }, contoso), "origin_mismatch"],
  ["letters are not in ASCII", request({ origin: "https://contosо.example" }, contoso), "origin_mismatch"],
  ["a member stands there twice", twice(), "origin_mismatch"],
  ["no number, and nobody is told", request({}, { mode: "approve", numbers: [] }), "options_unsupported"],
  ["another phone's account", request({}, { accounts: [{ credential: unknown, name: "alice" }] }), "key_gone"],
];

test("lies are refused before anything is asked", async () => {
  const { phone } = world();
  for (const [what, lie, code] of lies()) {
    await hostile.say(lie);
    await phone.ended(code).catch((late: Error) => Promise.reject(new Error(`${what}: ${late.message}`)));
    expect([what, await answers(lie)]).toEqual([what, [code === "origin_mismatch" ? "declined" : code]]);
    expect(await phone.page.$$("#request")).toEqual([]);
    await tap(phone.page, "#done");
  }
});

function twice(): Message {
  const data = JSON.stringify({ type: "webauthn.get", challenge: "AAEC", origin: "http://localhost:8480" });
  return request({}, { clientDataJSON: base64url(data.replace("{", `{"origin":"${evil}",`)) });
}

/** What no side may say. */
const broken = (): [string, Message | string][] => [
  ["no JSON", "{"],
  ["a name over its limit", request({}, { browser: "x".repeat(65) })],
  ["an account that turns text around", request({}, { accounts: [{ credential, name: "alice\u202emoc.live" }] })],
  ["a desktop's name that turns text around", { ...welcome, name: "\u202eevil" }],
  ["more than 64 KiB", request({}, { padding: "x".repeat(65 << 10) })],
];

test("what breaks the protocol ends the connection, and the phone comes back by itself", {
  timeout: 120_000,
}, async () => {
  const { phone } = world();
  for (const [what, message] of broken()) {
    const { made } = await hostile.connections();
    await hostile.say(message);
    await hostile.turn(false);
    await until(30_000, `another connection after ${what}`, async () => {
      const now = await hostile.connections();
      return now.made > made && now.open;
    });
    await phone.page.waitForSelector("[data-reach=connected]");
    expect([what, await phone.page.$$("#request, #outcome")]).toEqual([what, []]);
    await hostile.turn(true);
  }
});

test("a request that is over is not shown again, and a forged end ends none of another's", async () => {
  const { phone } = world();
  const one = request();
  await hostile.say(one);
  await phone.numbers();
  await hostile.say({ type: "ended", id: unknown, code: "approved" });
  expect(await phone.numbers()).toHaveLength(3);
  await phone.decline();
  await phone.ended("declined");
  await tap(phone.page, "#done");
  await hostile.say(one);
  await until(30_000, "the same answer again", async () => (await answers(one)).length === 3);
  expect(await answers(one)).toEqual(["received", "declined", "declined"]);
  expect(await phone.page.$$("#request, #outcome")).toEqual([]);
});

test("a name that looks like another is shown as the browser writes it, with its RP ID and a warning", async () => {
  const { phone } = world();
  const odd = "xn--contso-zqf.example"; // contosо with a Cyrillic letter
  const create = request({ action: "create", origin: `https://login.${odd}` }, { rpId: odd, domain: odd });
  await hostile.say({ ...create, accounts: [{ name: "ali\u200bce\u200d שלום", userId: "AQID" }] });
  const screen = await phone.sees(/letters that can look like others/);
  expect(screen).toContain(`Key of ${odd}`);
  const shown = await phone.page.evaluate(() => {
    const heading = document.querySelector("#request h1");
    const account = document.querySelector("#account");
    const style = account && getComputedStyle(account);
    return {
      host: heading?.textContent?.trim(),
      bold: heading?.querySelector("b")?.textContent,
      read: heading?.getAttribute("aria-label"),
      direction: heading && getComputedStyle(heading).direction,
      account: account?.textContent,
      apart: style?.unicodeBidi,
    };
  });
  expect(shown).toEqual({
    ...{ host: `login.${odd}`, bold: odd, read: `login.${odd}`, direction: "ltr" },
    ...{ account: "alice שלום", apart: "isolate" },
  });
});
