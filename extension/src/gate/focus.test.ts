import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FOCUS_WITHIN, whenFocused } from "./focus.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function scopeWith(focus: boolean): Window {
  return Object.assign(new EventTarget(), { document: { hasFocus: () => focus } }) as unknown as Window;
}

test("a page that has the focus goes on at once", () => {
  const then = vi.fn();
  whenFocused(scopeWith(true), then);
  vi.advanceTimersByTime(0);
  expect(then).toHaveBeenCalledOnce();
});

test("a page without it waits for it, once", () => {
  const then = vi.fn();
  const scope = scopeWith(false);
  whenFocused(scope, then);
  vi.advanceTimersByTime(FOCUS_WITHIN - 1);
  expect(then).not.toHaveBeenCalled();
  scope.dispatchEvent(new Event("focus"));
  scope.dispatchEvent(new Event("focus"));
  vi.advanceTimersByTime(FOCUS_WITHIN);
  expect(then).toHaveBeenCalledOnce();
});

test("a focus that never comes is not waited for", () => {
  const then = vi.fn();
  whenFocused(scopeWith(false), then);
  vi.advanceTimersByTime(FOCUS_WITHIN);
  expect(then).toHaveBeenCalledOnce();
});

test("a request that is over goes nowhere", () => {
  const then = vi.fn();
  const scope = scopeWith(false);
  whenFocused(scope, then)();
  scope.dispatchEvent(new Event("focus"));
  vi.advanceTimersByTime(FOCUS_WITHIN);
  expect(then).not.toHaveBeenCalled();
});
