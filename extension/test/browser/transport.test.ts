/** The way between page and daemon: hosts, browsers and the extension itself end and come back, and requests do not get lost. */
import type { Browser } from "puppeteer-core";
import { expect, test } from "vitest";
import { FIREFOX } from "../stage/browser.ts";
import { agree } from "../stage/daemon.ts";
import { useStage } from "../stage/fixture.ts";
import { badge } from "../stage/toolbar.ts";

const on = useStage();

const REFUSED = "NotAllowedError";

/** Starts a request that a person is asked for, and waits until it is there. */
async function pending(run = "get()") {
  on.daemon.behave = (call) => call.take();
  const called = on.daemon.next();
  const result = on.page.evaluate(run).catch(String);
  return { call: await called, result };
}

const signsIn = async () => expect(await on.page.evaluate("create()")).toHaveProperty("credential.response.attestationObject");

test("the extension says hello with every host, and the host stays", async () => {
  on.stage.killHosts();
  await expect.poll(() => on.stage.hosts()).toEqual([]);
  on.daemon.reset();
  await signsIn();
  await expect.poll(() => on.daemon.heard("browser.hello").length).toBeGreaterThan(0);
  expect(on.daemon.heard("browser.hello").at(-1)).toEqual({ name: expect.stringMatching(/Chrom|Firefox/), extension: "0.1.0" });
  expect(on.stage.hosts()).toHaveLength(1);
});

test("a daemon that starts again during a request ends it, and serves the next", async () => {
  const { call, result } = await pending();
  await expect.poll(() => badge(on.stage)).toBe("…"); // before, it would go to the daemon that comes
  await on.daemon.stop();
  expect(await result).toMatchObject({ name: REFUSED, message: "tallykey stopped" });
  expect(await call.cancelled).toBe("closed");
  await on.daemon.start();
  on.daemon.behave = agree;
  await signsIn();
});

test("a host that is killed ten times comes back ten times", async () => {
  for (let i = 0; i < 10; i++) {
    await signsIn();
    on.stage.killHosts();
    await expect.poll(() => on.stage.hosts(), { timeout: 30_000 }).toEqual([]);
  }
  await signsIn();
});

/** Of all requests, in the order in which the daemon heard them; one that it heard twice has one token. */
const tokens = () => on.daemon.calls.map(({ params }) => params.token);

test("a host that is killed right before a request loses nothing", async () => {
  for (let i = 0; i < 5; i++) {
    on.stage.killHosts();
    await signsIn();
  }
  expect(new Set(tokens()).size).toBe(5);
});

test("a host that is killed as it hands a request over loses nothing, and the daemon never has it twice", async () => {
  await signsIn();
  on.daemon.reset();
  const ends: Promise<string>[] = [];
  on.daemon.behave = (call) => {
    ends.push(call.cancelled);
    if (ends.length > 1) return agree(call);
    on.stage.killHosts();
  };
  await signsIn();
  expect(await ends[0]).toBe("closed");
  const [first, second, ...more] = tokens();
  expect([second, more]).toEqual([first, []]);
});

test("what a daemon has no time to read is not lost, and other pages go on", async () => {
  await signsIn();
  on.daemon.stall(true);
  const long = `"x".repeat(200_000)`;
  const options = `{ extensions: { long: ${long} } }`;
  const outcomes = (await on.page.evaluate(`(async () => {
    const all = [];
    for (let i = 0; i < 8; i++) all.push(await get(${options}, { signal: AbortSignal.timeout(500) }));
    return all.map(({ name }) => name);
  })()`)) as string[];
  expect(outcomes).toHaveLength(8);
  on.daemon.stall(false);
  await expect.poll(() => on.daemon.calls.length, { timeout: 30_000 }).toBeGreaterThan(1);
  await signsIn();
});

test("a request of 70 MiB is the browser's, and the next one is served", async () => {
  const outcome = await on.page.evaluate(
    `get({ extensions: { long: "x".repeat(70 << 20) } }, { signal: AbortSignal.timeout(5000) }).then(({ name }) => name)`,
  );
  expect(["NotAllowedError", "TimeoutError", "NotSupportedError"]).toContain(outcome);
  expect(on.daemon.calls).toEqual([]);
  await signsIn();
});

test("an update of the extension leaves open pages to the browser, and new ones work", async () => {
  // Chromium's own dialog waits for ever, for here is nobody to close it.
  const { call, result } = await pending("self.controller = new AbortController(), get({}, { signal: controller.signal })");
  await on.stage.update();
  expect(await call.cancelled).toBe("closed");
  await on.page.evaluate("controller.abort()");
  expect(await result).toMatchObject({ error: expect.any(String) });
  // Firefox gives open pages the new scripts beside the old ones; the old ones must not keep what the new ones pass on.
  on.daemon.behave = (call) => call.fail("not_ours");
  const calls = on.daemon.calls.length;
  expect(await on.page.evaluate("get({}, { signal: AbortSignal.timeout(10_000) })")).toMatchObject({
    name: FIREFOX ? "NotAllowedError" : "TimeoutError",
  });
  expect(on.daemon.calls).toHaveLength(FIREFOX ? calls + 1 : calls);
  on.daemon.behave = agree;
  await on.reopen();
  await signsIn();
});

test("a browser that ends cancels, and starts again as if nothing had been", async () => {
  const { call } = await pending();
  await on.stage.restart();
  expect(await call.cancelled).toMatch(/closed|cancelled/); // some browsers close their pages first
  await expect.poll(() => on.stage.hosts().length, { timeout: 30_000 }).toBeLessThanOrEqual(1);
  on.daemon.behave = agree;
  await on.reopen();
  await signsIn();
});

test("several browsers with their own profiles ask at once, and each gets its own answer", async () => {
  const others: Browser[] = [await on.stage.another(), await on.stage.another()];
  try {
    const pages = [on.page];
    for (const other of others) {
      const page = await other.newPage();
      await page.goto(on.stage.site.url());
      pages.push(page);
    }
    const ask = `(async () => {
      const challenge = bytes(32);
      const made = await navigator.credentials.create({ publicKey: creation({ challenge }) });
      const { challenge: signed } = JSON.parse(new TextDecoder().decode(made.response.clientDataJSON));
      return signed === challenge.toBase64({ alphabet: "base64url", omitPadding: true });
    })()`;
    expect(await Promise.all(pages.map((page) => page.evaluate(ask)))).toEqual([true, true, true]);
    expect(on.stage.hosts()).toHaveLength(3);
  } finally {
    for (const other of others) await other.close();
  }
  await expect.poll(() => on.stage.hosts(), { timeout: 30_000 }).toHaveLength(1);
});
