/**
 * How long a page waits when everything but the machine is instant: page, gate, background, host, a daemon in the test's
 * own process, and back. Beside it, in the same run, what the browser's own WebAuthn takes with a virtual authenticator.
 */
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NativePasskey, Stage } from "../stage/stage.ts";

const WARM = 20;
const N = 200;

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.close());

/** Times that one call in the page took, each call after the one before. */
async function measure(page: Page, run: string): Promise<number[]> {
  const source = `(async () => {
    const times = [];
    for (let i = 0; i < ${WARM + N}; i++) {
      const start = performance.now();
      await ${run};
      times.push(performance.now() - start);
    }
    return times.slice(${WARM});
  })()`;
  return (await page.evaluate(source)) as number[];
}

function report(name: string, times: number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(2);
  console.log(`${name}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms, n=${sorted.length}`);
}

test("get, with an answer that is ready", async () => {
  const page = await stage.page();
  expect(await page.evaluate("create()")).toHaveProperty("credential");
  const ready = stage.daemon.answers[0];
  stage.daemon.behave = (call) => {
    call.take();
    call.answer(ready);
  };
  report("page → daemon → page", await measure(page, "get()"));
  await page.close();
});

test("get, not ours: on to the browser", async () => {
  const page = await stage.page();
  await NativePasskey.add(page);
  stage.daemon.behave = (call) => call.fail("not_ours");
  await page.evaluate(`create({ authenticatorSelection: { residentKey: "required" } })`);
  report("page → daemon → browser's own → page", await measure(page, "get()"));
  await page.close();
});

test("get of the browser alone", async () => {
  const context = await stage.browser.createBrowserContext(); // the extension is not in there
  const page = await context.newPage();
  await page.goto(stage.site.url());
  await NativePasskey.add(page);
  await page.evaluate(`create({ authenticatorSelection: { residentKey: "required" } })`);
  report("browser's own → page", await measure(page, "get()"));
  await context.close();
});

test("loading a page", async () => {
  const context = await stage.browser.createBrowserContext();
  const pages = { with: await stage.browser.newPage(), without: await context.newPage() };
  const times: { with: number[]; without: number[] } = { with: [], without: [] };
  // In turns, so that both meet the same weather.
  for (let i = 0; i < 120; i++) {
    for (const how of ["with", "without"] as const) {
      await pages[how].bringToFront();
      await pages[how].goto(stage.site.url());
      times[how].push((await pages[how].evaluate(LOADED)) as number);
    }
  }
  report("response → DOMContentLoaded, with the extension", times.with.slice(20));
  report("response → DOMContentLoaded, without it", times.without.slice(20));
  await context.close();
});

const LOADED = `(() => {
  const [entry] = performance.getEntriesByType("navigation");
  return entry.domContentLoadedEventStart - entry.responseStart;
})()`;
