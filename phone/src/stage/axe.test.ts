// Every screen in a browser of phone size, light and dark, English and German: axe finds nothing, and nothing is wider
// than the phone, also on the narrowest one with text twice as large. PICTURES names a folder for pictures of what was
// checked, LANGUAGES those that every screen is pictured in; some are in German and large, too.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser";
import { enlarge, narrow, stage, width } from "./browser";
import { screens } from "./screens";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { PICTURES: pictures, LANGUAGES: languages = "en" } = process.env;

/** Screens that are pictured in every language, and large. */
const samples = ["first", "home", "request", "request-typed", "approved", "phone"];

let chromium: Stage;

async function picture(page: Page, screen: string, language: string, how: string): Promise<void> {
  const name = language === "en" ? `${screen}.${how}` : `${screen}.${language}.${how}`;
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
}

beforeAll(async () => {
  chromium = await stage("chrome");
  if (pictures) mkdirSync(pictures, { recursive: true });
}, 120_000);

afterAll(() => chromium?.close());

describe.each(["en", "de"])("in %s", (language) => {
  it.each(Object.keys(screens))("the screen %s is for everyone", { timeout: 120_000 }, async (screen) => {
    const page = await chromium.open(screen, language);
    await page.evaluate(axe);
    for (const scheme of ["light", "dark"]) {
      // Without motion: a colour that is still on its way is nobody's choice.
      await page.emulateMediaFeatures([
        { name: "prefers-color-scheme", value: scheme },
        { name: "prefers-reduced-motion", value: "reduce" },
      ]);
      if (languages.includes(language) || samples.includes(screen)) await picture(page, screen, language, scheme);
      const found = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResults;
      expect(found.violations.map((v) => [v.id, v.nodes.map((n) => n.html)])).toEqual([]);
    }
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await wide()).toBeLessThanOrEqual(width);
    await enlarge(page);
    expect(await wide()).toBeLessThanOrEqual(narrow);
    if (samples.includes(screen)) await picture(page, screen, language, "large");
    await page.close();
  });
});
