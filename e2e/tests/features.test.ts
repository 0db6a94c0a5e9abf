import type { Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { scene } from "../lib/scene.ts";
import { Shop } from "../lib/shop.ts";
import { ask, type Heard, prepared } from "../lib/site.ts";
import { until } from "../lib/wait.ts";

// What websites can ask for beyond a plain registration and sign-in, with the real daemon and the phone that has the keys.
const world = scene("features", {}, (started) => started.pair());

let shop: Shop;
let page: Page;

beforeAll(async () => {
  shop = await Shop.start(world().desktop);
  page = await prepared(await shop.open());
});

interface Prf {
  results?: { first: string; second?: string };
}

interface Listed {
  id: string;
  account: string;
  hidden?: boolean;
}

const registrations = async (): Promise<Listed[]> =>
  JSON.parse(await world().desktop.cli("registrations", "--json")) as Listed[];

const listed = async (id: string | undefined) => (await registrations()).find((one) => one.id === id);

/** Which of all registrations a sign-in without a name would offer, if this one is among them. */
async function candidates(id: string | undefined): Promise<(string | undefined)[]> {
  const asked = {
    origin: "http://localhost:8480",
    crossOrigin: false,
    options: { challenge: "AAEC", rpId: "localhost" },
  };
  const all = await world().desktop.client.call<Listed[]>("webauthn.candidates", asked);
  return all.map((one) => one.id).filter((one) => one === id);
}

/** Asks, and answers on the phone. */
async function answered(run: string): Promise<Heard> {
  const heard = ask(page, run);
  await world().approve();
  return heard;
}

/** Asks, and shows that neither the phone nor the desktop was bothered with it. */
async function passedOn(run: string): Promise<Heard> {
  const before = await world().desktop.quiet();
  const heard = await ask(page, run);
  expect(world().desktop.client.told.length).toBe(before);
  return heard;
}

test("prf: the same for the same input, another for another, and none of it for another account", async () => {
  const made = await answered(`create({ extensions: { prf: { eval: { first: Uint8Array.of(1) } } } })`);
  expect(made).toMatchObject({ ok: true, clientExtensionResults: { prf: { enabled: true } } });
  const other = await answered("create()");
  const results = async (id: string | undefined, input: string) => {
    const heard = await answered(`get({ allowCredentials: allow("${id}"), extensions: { prf: { ${input} } } })`);
    return (heard.clientExtensionResults?.["prf"] as Prf | undefined)?.results;
  };
  const both = "eval: { first: Uint8Array.of(1), second: Uint8Array.of(2) }";
  const once = await results(made.id, both);
  expect(once?.first).toMatch(/^[\w-]{43}$/);
  expect(once?.second).not.toBe(once?.first);
  expect(await results(made.id, both)).toEqual(once);
  const named = `evalByCredential: { "${made.id}": { first: Uint8Array.of(2) } }, eval: { first: Uint8Array.of(9) }`;
  expect(await results(made.id, named)).toEqual({ first: once?.second });
  expect((await results(other.id, both))?.first).not.toBe(once?.first);
});

test("EdDSA: a website that wants it first gets it, and its own cryptography verifies what the phone signs", async () => {
  const first = `[{ type: "public-key", alg: -8 }, { type: "public-key", alg: -7 }]`;
  const made = await answered(`create({ pubKeyCredParams: ${first} })`);
  expect(made.response).toMatchObject({ publicKeyAlgorithm: -8 });
  const got = await answered(`get({ allowCredentials: allow("${made.id}") })`);
  const genuine = await page.evaluate(
    `(async (key, { clientDataJSON, authenticatorData, signature }) => {
      const imported = await crypto.subtle.importKey("spki", unpack(key), "Ed25519", true, ["verify"]);
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", unpack(clientDataJSON)));
      return crypto.subtle.verify("Ed25519", imported, unpack(signature), new Uint8Array([...unpack(authenticatorData), ...hash]));
    })(${JSON.stringify(made.response?.["publicKey"])}, ${JSON.stringify(got.response)})`,
  );
  expect(genuine).toBe(true);
});

test("whatever attestation is wanted, there is none", async () => {
  for (const attestation of ["direct", "enterprise"]) {
    const made = await answered(`create({ attestation: "${attestation}" })`);
    const object = Buffer.from(made.response?.["attestationObject"] ?? "", "base64url");
    // {"fmt": "none", "attStmt": {}, …
    expect(object.subarray(1, 20).toString("latin1")).toBe("cfmtdnonegattStmt\xa0h");
  }
});

test("extensions that nobody knows are left out of the answer", async () => {
  const asked = "{ credProps: true, minPinLength: true, perhaps: { a: 1 }, uvm: true }";
  const made = await answered(`create({ extensions: ${asked} })`);
  expect(made).toMatchObject({ ok: true, clientExtensionResults: { credProps: { rk: true } } });
  expect(Object.keys(made.clientExtensionResults ?? {})).toEqual(["credProps"]);
});

test("names and handles of any script come back whole", async () => {
  const name = "李 Zoë 😀 אבג";
  const made = await answered(
    `create({ user: { id: new Uint8Array(64).fill(254), name: "${name}", displayName: "" } })`,
  );
  expect(await listed(made.id)).toMatchObject({ account: name });
  const got = await answered(`get({ allowCredentials: allow("${made.id}") })`);
  expect(got.response).toMatchObject({ userHandle: Buffer.alloc(64, 254).toString("base64url") });
});

test("a registration that is excluded is not made twice, whatever the website says of transports", async () => {
  const made = await answered("create()");
  const before = (await registrations()).length;
  const exclude = `excludeCredentials: allow("${made.id}").map((one) => ({ ...one, transports: ["usb"] }))`;
  expect(await answered(`create({ ${exclude} })`)).toMatchObject({ ok: false, error: "InvalidStateError" });
  expect(await registrations()).toHaveLength(before);
});

test("what a website does not accept any more is hidden, never deleted, and comes back when it says so", async () => {
  const user = Buffer.from("a user of this test").toString("base64url");
  const made = await answered(`create({ user: { id: unpack("${user}"), name: "carol", displayName: "" } })`);
  const accepted = (ids: string) =>
    page.evaluate(`PublicKeyCredential.signalAllAcceptedCredentials({
      rpId: "localhost", userId: "${user}", allAcceptedCredentialIds: [${ids}],
    })`);
  const hidden = (is: boolean) =>
    until(15_000, `the registration with hidden=${is}`, async () => ((await listed(made.id))?.hidden ?? false) === is);

  await page.evaluate(`PublicKeyCredential.signalUnknownCredential({ rpId: "localhost", credentialId: "${made.id}" })`);
  await hidden(true);
  // Nobody offers it any more; a website that names it all the same is answered, for it takes it back by that.
  expect(await candidates(made.id)).toEqual([]);
  await accepted(`"${made.id}"`);
  await hidden(false);
  expect(await candidates(made.id)).toEqual([made.id]);
  await accepted("");
  await hidden(true);
  await accepted(`"${made.id}"`);
  await hidden(false);
  expect(await answered(`get({ allowCredentials: allow("${made.id}") })`)).toMatchObject({ ok: true, id: made.id });
});

test("what a website calls its user now, desktop and phone do, too", async () => {
  const user = Buffer.from("another user").toString("base64url");
  const made = await answered(`create({ user: { id: unpack("${user}"), name: "dave", displayName: "" } })`);
  await page.evaluate(
    `PublicKeyCredential.signalCurrentUserDetails({ rpId: "localhost", userId: "${user}", name: "dave.new", displayName: "D" })`,
  );
  await until(15_000, "the new name", async () => (await listed(made.id))?.account === "dave.new");
});

test("another website's signals change nothing", async () => {
  const made = await answered("create()");
  const stranger = await prepared(await world().desktop.open("http://shop.localhost:8480/"));
  const signals = [
    `signalUnknownCredential({ rpId: "localhost", credentialId: "${made.id}" })`,
    `signalUnknownCredential({ rpId: "shop.localhost", credentialId: "${made.id}" })`,
  ];
  for (const signal of signals) await stranger.evaluate(`PublicKeyCredential.${signal}.then(() => {}, () => {})`);
  // Signals go the same way one after the other, so the answer to a later question has them behind it.
  expect(await ask(stranger, "get({}, { signal: AbortSignal.timeout(500) })")).toMatchObject({ ok: false });
  expect((await listed(made.id))?.hidden ?? false).toBe(false);
  await stranger.close();
  await page.bringToFront();
});

test("conditional: the page waits with the browser's list, and what the person picks from the menu signs in", async () => {
  const made = await answered("create()");
  const before = await world().desktop.quiet();
  await page.evaluate(`void (async () => {
    self.controller = new AbortController();
    self.waited = await get({ allowCredentials: allow("${made.id}") }, { mediation: "conditional", signal: controller.signal });
  })()`);
  const background = await world().desktop.browser.background();
  const badge = () =>
    background.evaluate(async () => {
      const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
      return tab?.id === undefined ? "" : chrome.action.getBadgeText({ tabId: tab.id });
    });
  await until(15_000, "the badge of one offer", async () => (await badge()) === "1");
  expect(world().desktop.client.told.length).toBe(before); // nobody is asked yet
  // No tool reaches the menu of a browser without a window, so its click comes from inside.
  await background.evaluate(async (menuItemId) => {
    const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
    const clicked = chrome.contextMenus.onClicked as unknown as { dispatch(info: object, tab: unknown): void };
    clicked.dispatch({ menuItemId, editable: true }, tab);
  }, made.id ?? "");
  await world().approve();
  await page.waitForFunction("self.waited");
  expect(await page.evaluate("waited")).toMatchObject({ ok: true, id: made.id });
  await until(15_000, "a button without a badge", async () => (await badge()) === "");
});

test("conditional: a page that lets go of its list raises no prompt and leaves no offer", async () => {
  await passedOn(`(() => {
    const controller = new AbortController();
    const waiting = get({}, { mediation: "conditional", signal: controller.signal });
    setTimeout(() => controller.abort(), 500);
    return waiting;
  })()`);
});

test.for(["silent", "immediate"])("%s: left to the browser, which raises no prompt either", async (mediation) => {
  const heard = await passedOn(`get({}, { mediation: "${mediation}", signal: AbortSignal.timeout(500) })`);
  expect(heard.ok).toBe(false);
});

test("required: asked like any other", async () => {
  const made = await answered("create()");
  const asked = `get({ allowCredentials: allow("${made.id}"), userVerification: "discouraged" }, { mediation: "required" })`;
  const got = await answered(asked);
  expect(got).toMatchObject({ ok: true, id: made.id });
  // User present and verified; never a backup of what one phone alone holds.
  expect(Buffer.from(got.response?.["authenticatorData"] ?? "", "base64url")[32]).toBe(0x05);
});
