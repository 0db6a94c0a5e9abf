import type { Frame, Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Ends } from "../lib/ends.ts";
import { Firefox } from "../lib/firefox.ts";
import { built } from "../lib/places.ts";
import { basics, Program } from "../lib/program.ts";
import { scene } from "../lib/scene.ts";
import { register, signIn } from "../lib/shop.ts";
import { ask, type Heard, prepared } from "../lib/site.ts";

// The same daemon and phone as everywhere, asked by Firefox.
const world = scene("firefox", { desktop: { browser: false } }, (started) => started.pair());
const ends = new Ends();

const site = "http://localhost:8480/";
let firefox: Firefox;
let page: Page;

beforeAll(async () => {
  const command = [process.execPath, built("e2e/dist/rp/server.js"), "8480"];
  const shop = ends.use(new Program({ name: "shop", command, env: basics(), log: `${world().out}/shop.log` }));
  await shop.line(/^shop at/);
  firefox = ends.use(await Firefox.launch(world().desktop));
  page = await prepared(await firefox.open(site));
});
afterAll(() => ends[Symbol.asyncDispose]());

async function answered<T>(asked: Promise<T>): Promise<T> {
  await world().approve();
  return asked;
}

const asks = (run: string, where: Page | Frame = page): Promise<Heard> => answered(ask(where, run));

test("register and sign in, verified by @simplewebauthn/server", async () => {
  expect(await answered(register(page, "alice"))).toMatchObject({ ok: true, account: "alice", genuine: true });
  expect(await answered(signIn(page, { account: "alice" }))).toMatchObject({
    ok: true,
    account: "alice",
    genuine: true,
  });
  expect(await answered(signIn(page))).toMatchObject({ ok: true, account: "alice" });
});

test("EdDSA, and prf with the same result each time", async () => {
  const made = await asks(`create({
    pubKeyCredParams: [{ type: "public-key", alg: -8 }, { type: "public-key", alg: -7 }],
    extensions: { prf: { eval: { first: Uint8Array.of(1) } } },
  })`);
  expect(made).toMatchObject({ ok: true, response: { publicKeyAlgorithm: -8 } });
  expect(made.clientExtensionResults).toMatchObject({ prf: { enabled: true } });
  const again = `get({ allowCredentials: allow("${made.id}"), extensions: { prf: { eval: { first: Uint8Array.of(1) } } } })`;
  const [once, twice] = [await asks(again), await asks(again)];
  expect(once.clientExtensionResults).toMatchObject({
    prf: { results: { first: expect.stringMatching(/^[\w-]{43}$/) } },
  });
  expect(twice.clientExtensionResults).toEqual(once.clientExtensionResults);
});

test("a registration that is excluded is not made twice", async () => {
  const made = await asks("create()");
  expect(await asks(`create({ excludeCredentials: allow("${made.id}") })`)).toMatchObject({
    error: "InvalidStateError",
  });
});

test("a frame with permission signs for itself, and says whose page it is in", async () => {
  const made = await asks("create()");
  const around = `http://shop.localhost:8480/around?src=${encodeURIComponent(site)}&allow=publickey-credentials-get`;
  const frame = (await firefox.open(around)).frames()[1];
  if (!frame) throw new Error("the page has no frame");
  await frame.waitForFunction(() => "shop" in globalThis);
  const got = await asks(`get({ allowCredentials: allow("${made.id}") })`, await prepared(frame));
  const signed = JSON.parse(Buffer.from(got.response?.["clientDataJSON"] ?? "", "base64url").toString());
  expect(signed).toMatchObject({
    origin: "http://localhost:8480",
    crossOrigin: true,
    topOrigin: "http://shop.localhost:8480",
  });
});

test("a decline, and an abort with the page's own reason", async () => {
  await page.bringToFront();
  const declined = ask(page, "get()");
  await world().desktop.number();
  await world().phone.decline();
  expect(await declined).toMatchObject({ error: "NotAllowedError" });
  const aborted = ask(
    page,
    `(() => { self.stop = new AbortController(); return get({}, { signal: stop.signal }); })()`,
  );
  await world().desktop.number();
  await page.evaluate(`stop.abort("enough")`);
  expect(await aborted).toMatchObject({ ok: false, error: "enough" });
  await world().phone.ended("cancelled_by_page");
});

test("a daemon that stops while a person is asked ends the request; the next daemon serves the next", async () => {
  const asked = ask(page, "get()");
  await world().desktop.number();
  await world().desktop.daemon.stop();
  expect(await asked).toMatchObject({ error: "NotAllowedError", message: "tallykey stopped" });
  await world().desktop.startDaemon();
  await world().desktop.phoneConnected();
  expect(await asks("get()")).toMatchObject({ ok: true });
});

test("what is not on the phone is Firefox's", async () => {
  const told = await world().desktop.quiet();
  expect(await ask(page, `get({ allowCredentials: allow("AQID") })`)).toMatchObject({ error: "NotAllowedError" });
  expect(world().desktop.client.told.length).toBe(told);
});
