// Every screen in a browser of phone size, light and dark, English and German: axe finds nothing, and nothing is wider
// than the phone. PICTURES names a folder for pictures of what was checked, LANGUAGES those that are pictured.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser";
import { stage, width } from "./browser";
import { screens } from "./screens";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { PICTURES: pictures, LANGUAGES: languages = "en" } = process.env;

let chromium: Stage;

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
      if (pictures && languages.includes(language)) {
        const name = language === "en" ? `${screen}.${scheme}` : `${screen}.${language}.${scheme}`;
        await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
      }
      const found = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResults;
      expect(found.violations.map((v) => [v.id, v.nodes.map((n) => n.html)])).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.close();
  });
});
