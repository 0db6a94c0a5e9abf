/** A page of the extension as people see it: in light and in dark, fit for everyone, and as a picture if wanted. */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "puppeteer-core";
import { expect } from "vitest";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** How wide a popup is here, in pixels. */
export const WIDTH = 340;

/** Checks a page in both colour schemes; pictures go into the folder that the variable PICTURES names. */
export async function look(name: string, page: Page): Promise<void> {
  const folder = process.env.PICTURES;
  if (folder) mkdirSync(folder, { recursive: true });
  await page.bringToFront(); // what is behind is not painted
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await page.evaluate(axe);
  for (const scheme of ["light", "dark"]) {
    // Without motion: a colour that is still on its way is nobody's choice.
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: scheme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
    const found = violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html) }));
    expect({ name, scheme, found }).toEqual({ name, scheme, found: [] });
    if (folder) await page.screenshot({ path: `${folder}/popup-${name}-${scheme}.png`, fullPage: true });
  }
}
