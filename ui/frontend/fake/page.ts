import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, vi } from "vitest";
import App from "../src/App.svelte";
import { type FakeBridge, fake } from "./bridge";

// The page under test, over a fake bridge and with a clock that the test moves.

let app: Record<string, unknown> | undefined;
let behind: FakeBridge;

/** withPage gives every test of a file a clock of its own and takes the page away after it. */
export function withPage(): void {
  beforeEach(() => { vi.useFakeTimers({ now: new Date("2025-11-03T12:00:00Z") }); });
  afterEach(async () => {
    await close();
    vi.useRealTimers();
  });
}

/** bridge is the one behind the page that is shown. */
export const bridge = (): FakeBridge => behind;

/** show mounts the page over a fake bridge, as fake reads the query, and lets it settle. */
export async function show(query: string): Promise<void> {
  await import("../src/sections/Sections.svelte"); // so that the page's own import takes no time that the clock has not
  behind = fake(new URLSearchParams(query));
  app = mount(App, { target: document.body, props: { bridge: behind } });
  await settle();
}

/** close takes the page away. */
export async function close(): Promise<void> {
  if (app) await unmount(app);
  app = undefined;
  document.body.innerHTML = "";
}

/** settle lets everything happen that is under way, and a fifth of a second pass. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await vi.advanceTimersByTimeAsync(20);
    flushSync();
  }
}

/** text is all text of the page, with single spaces and without the marks around names. */
export const text = (): string => document.body.textContent?.replace(/[\u2068\u2069]/g, "").replace(/\s+/g, " ") ?? "";

/** heading is that of the section that is shown. */
export const heading = (): string | null | undefined => document.querySelector("main > h1")?.textContent;

/** called are the first arguments of all calls of a bridge's method. */
export const called = (method: string): unknown[] => behind.calls.filter(([m]) => m === method).map(([, a]) => a);

/** calls are all arguments of all calls of a bridge's method. */
export const calls = (method: string): unknown[][] => behind.calls.filter(([m]) => m === method).map(([, ...a]) => a);

/** press presses the button with the name that a screen reader says. */
export function press(name: string): void {
  const found = [...document.querySelectorAll("button")].findLast((b) => (b.getAttribute("aria-label") ?? b.textContent)?.trim() === name);
  if (!found) throw new Error(`no button ${name} in: ${text()}`);
  found.click();
}

/** field is the control that belongs to a label's text. */
export function field(label: string): HTMLInputElement {
  const found = [...document.querySelectorAll("label")].find((l) => l.textContent?.replace(/\s+/g, " ").trim().startsWith(label));
  const control = found?.control ?? found?.querySelector("input");
  if (!control) throw new Error(`no field ${label} in: ${text()}`);
  return control as HTMLInputElement;
}

/** write writes into a field as a person does. */
export function write(label: string, value: string): void {
  const control = field(label);
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
}
