// Every screen in Firefox, whose engine lays out and names things on its own: each is there, has its one heading, fits
// the phone, and nothing failed on the way.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Stage } from "./browser";
import { stage, width } from "./browser";
import { screens } from "./screens";

let firefox: Stage;

beforeAll(async () => {
  firefox = await stage("firefox");
}, 120_000);

afterAll(() => firefox?.close());

it.each(Object.keys(screens))("Firefox shows the screen %s", { timeout: 120_000 }, async (screen) => {
  const page = await firefox.open(screen, "de");
  const failures: unknown[] = [];
  page.on("pageerror", (e) => failures.push(e));
  const seen = await page.evaluate(() => ({
    headings: document.querySelectorAll("main h1").length + document.querySelectorAll("#home header").length,
    wide: document.documentElement.scrollWidth,
    keys: typeof crypto.subtle.generateKey,
  }));
  expect(seen.headings).toBeGreaterThan(0);
  expect(seen.wide).toBeLessThanOrEqual(width);
  expect([seen.keys, failures]).toEqual(["function", []]);
  await page.close();
});
