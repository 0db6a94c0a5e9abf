// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, expect, it, vi } from "vitest";
import Install from "./Install.svelte";

const link = "https://phone.contoso.example/#v=1";
let screen: object;

afterEach(() => {
  unmount(screen);
  vi.unstubAllGlobals();
});

/** Presses "Copy" where the browser's clipboard is this. */
function copy(writeText: (text: string) => Promise<void>): void {
  vi.stubGlobal("navigator", { languages: ["en"], clipboard: { writeText } });
  screen = mount(Install, { target: document.body, props: { link } });
  document.querySelector<HTMLElement>("#copy")?.click();
}

it("copies the pairing link", async () => {
  const written = vi.fn(async () => {});
  copy(written);
  await vi.waitFor(() => expect(document.querySelector("[role=status]")?.textContent).toMatch(/Copied/));
  expect(written).toHaveBeenCalledWith(link);
});

it("shows the link, selected, where the browser refuses the clipboard", async () => {
  copy(() => Promise.reject(new DOMException("no", "NotAllowedError")));
  const field = await vi.waitUntil(() => {
    flushSync();
    return document.querySelector<HTMLTextAreaElement>("textarea#link");
  });
  expect(field.value.slice(field.selectionStart, field.selectionEnd)).toBe(link);
  expect(field.readOnly).toBe(true);
  expect(document.querySelector("label[for=link]")?.textContent).toMatch(/Copy this link yourself/);
});
