import type { ElementHandle, Page } from "puppeteer-core";
import { until } from "./wait.ts";

/** How long a person would wait for something on the screen, in milliseconds. */
const PATIENCE = 15_000;

const BUTTONS = "button, a, input[type=submit], [role=button], summary";

/** All text that a person sees on the page. */
export async function words(page: Page): Promise<string> {
  // innerText, because hidden text is not seen.
  return page.evaluate(() => document.body?.innerText ?? "").catch(() => "");
}

/** Waits until what a person sees fits, and returns it. */
export async function seen(page: Page, text: RegExp, ms = PATIENCE): Promise<string> {
  const ask = async () => {
    const now = await words(page);
    return text.test(now) && now;
  };
  return until(ms, `text like ${text}`, ask).catch((late: Error) => tell(page, late));
}

/** Waits for a button or link that can be pressed, by the name that a person reads on it. */
export async function button(page: Page, name: RegExp, ms = PATIENCE): Promise<ElementHandle<Element>> {
  const find = async () => {
    for (const one of await page.$$(BUTTONS).catch(() => [])) {
      if (name.test(await one.evaluate(label).catch(() => ""))) return one;
    }
    return undefined;
  };
  return until(ms, `a button like ${name}`, find).catch((late: Error) => tell(page, late));
}

/** The names of all buttons and links that can be pressed now. */
export async function buttons(page: Page): Promise<string[]> {
  const all = await page.$$(BUTTONS);
  return (await Promise.all(all.map((one) => one.evaluate(label)))).filter((name) => name !== "");
}

/** Presses a button as a person does: a real input event, that a covered button would not get. */
export async function press(page: Page, name: RegExp, ms = PATIENCE): Promise<void> {
  await (await button(page, name, ms)).click();
}

/** Presses what is found by a selector, once it is there and can be seen. */
export async function tap(page: Page, selector: string, ms = PATIENCE): Promise<void> {
  const found = await page.waitForSelector(selector, { visible: true, timeout: ms }).catch((late) => tell(page, late));
  await found?.click();
}

/** Writes into a field, over what is in it. */
export async function fill(page: Page, selector: string, text: string): Promise<void> {
  const field = await page
    .waitForSelector(selector, { visible: true, timeout: PATIENCE })
    .catch((late) => tell(page, late));
  await field?.click({ count: 3 });
  await field?.type(text);
}

/** The name on a button; empty while it cannot be pressed. It runs in the page. */
function label(element: Element): string {
  const html = element as HTMLButtonElement;
  const usable = html.checkVisibility() && !html.disabled && html.getAttribute("aria-disabled") !== "true";
  // innerText, because hidden text is not seen.
  return usable ? (html.innerText || html.value || html.getAttribute("aria-label") || "").trim() : "";
}

/** Adds what the page says to a failure, for that is nearly always the reason. */
async function tell(page: Page, late: Error): Promise<never> {
  const text = (await words(page)).replaceAll(/\s+/g, " ").slice(0, 600);
  throw new Error(`${late.message}; the page says: ${text || "nothing"}`);
}
