import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Turn } from "./turn";

/** A LockManager as far as turns need it. */
class Locks {
  private steal = () => {};

  request(_name: string, _options: LockOptions, held: () => Promise<void>): Promise<void> {
    this.steal();
    return new Promise((resolve, reject) => {
      this.steal = () => reject(new DOMException("stolen", "AbortError"));
      void held().then(() => {
        this.steal = () => {};
        resolve();
      });
    });
  }
}

let lost: string[];
const turn = (name: string) => new Turn(() => lost.push(name));

beforeEach(() => {
  lost = [];
  vi.stubGlobal("navigator", { locks: new Locks() });
});
afterEach(() => vi.unstubAllGlobals());

it("belongs to the window that took it last", async () => {
  const [a, b] = [turn("a"), turn("b")];
  a.take();
  b.take();
  await vi.waitFor(() => expect(lost).toEqual(["a"]));
  a.take();
  await vi.waitFor(() => expect(lost).toEqual(["a", "b"]));
});

it("is not lost by a window that gave it back", async () => {
  const [a, b, c] = [turn("a"), turn("b"), turn("c")];
  a.take();
  a.end();
  await Promise.resolve();
  b.take();
  c.take();
  await vi.waitFor(() => expect(lost).toEqual(["b"]));
});

it("is every window's where the browser has no locks", () => {
  vi.stubGlobal("navigator", {});
  turn("a").take();
  turn("b").take();
  expect(lost).toEqual([]);
});

it("is kept where the browser refuses locks", async () => {
  const refused = Promise.reject(new DOMException("no", "SecurityError"));
  vi.stubGlobal("navigator", { locks: { request: () => refused } });
  turn("a").take();
  await refused.catch(() => {});
  expect(lost).toEqual([]);
});
