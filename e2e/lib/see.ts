import type { ElementHandle, Page } from "puppeteer-core";
import { until } from "./wait.ts";

/** How long a person would wait for something on the screen, in milliseconds. */
const PATIENCE = 15_000;

/** Waits until the page's visible text fits, and returns that text. */
export async function seen(page: Page, text: RegExp, ms = PATIENCE): Promise<string> {
  let last = "";
  const ask = async () => {
    last = await page.evaluate(() => document.body?.innerText ?? "").catch(() => "");
    return text.test(last) && last;
  };
  return until(ms, `text like ${text}`, ask).catch((late: Error) => {
    throw new Error(`${late.message}; the page says: ${last.replaceAll(/\s+/g, " ").slice(0, 600)}`);
  });
}

/** Waits for a visible, enabled button or link by its name. */
export async function button(page: Page, name: RegExp, ms = PATIENCE): Promise<ElementHandle<HTMLElement>> {
  const find = async () => {
    for (const one of await page.$$("button, a, input[type=submit], [role=button], summary").catch(() => [])) {
      const text = await one.evaluate(label).catch(() => "");
      if (name.test(text)) return one as ElementHandle<HTMLElement>;
    }
    return undefined;
  };
  return until(ms, `a button like ${name}`, find).catch(async (late: Error) => {
    const text = await page.evaluate(() => document.body?.innerText ?? "").catch(() => "");
    throw new Error(`${late.message}; the page says: ${text.replaceAll(/\s+/g, " ").slice(0, 600)}`);
  });
}

/** Presses a button as a person does. */
export async function press(page: Page, name: RegExp, ms = PATIENCE): Promise<void> {
  const found = await button(page, name, ms);
  // A press is a real input event: sign-in needs one, and a covered button would not get it.
  await found.click();
}

/** Fills a field that is found by its label or its name. */
export async function fill(page: Page, selector: string, text: string): Promise<void> {
  const field = await page.waitForSelector(selector, { visible: true, timeout: PATIENCE });
  await field?.evaluate((input) => {
    (input as HTMLInputElement).value = "";
  });
  await field?.type(text);
}

/** The name a person reads on a button; empty while it cannot be pressed. */
function label(element: Element): string {
  const html = element as HTMLButtonElement;
  const usable = html.checkVisibility() && !html.disabled && html.getAttribute("aria-disabled") !== "true";
  return usable ? (html.innerText || html.value || html.getAttribute("aria-label") || "").trim() : "";
}
