import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hasForeignAncestor, mayAsk } from "./frame.ts";

const ORIGIN = "https://shop.example";

class FakeDocument {
  state = "visible";
  get visibilityState() {
    return this.state;
  }
}

let shown: FakeDocument;

beforeEach(() => {
  shown = new FakeDocument();
  vi.stubGlobal("Document", FakeDocument);
  vi.stubGlobal("document", shown);
  vi.stubGlobal("self", { origin: ORIGIN });
  vi.stubGlobal("navigator", { userActivation: { isActive: false } });
});
afterEach(() => vi.unstubAllGlobals());

function frame(ancestorOrigins: string[] | undefined, top?: object): void {
  vi.stubGlobal("location", { ancestorOrigins });
  vi.stubGlobal("window", { top });
}

test("a page has no ancestors", () => {
  const window = {};
  vi.stubGlobal("window", Object.assign(window, { top: window }));
  expect(hasForeignAncestor()).toBe(false);
});

test.each([
  [[ORIGIN], false],
  [["https://other.example"], true],
  [["https://other.example", ORIGIN], true],
  [["null"], true],
])("ancestors %o", (ancestors, foreign) => {
  frame(ancestors);
  expect(hasForeignAncestor()).toBe(foreign);
});

test("without a list of ancestors the top one decides", () => {
  frame(undefined, { origin: ORIGIN });
  expect(hasForeignAncestor()).toBe(false);
  const top = Object.defineProperty({}, "origin", {
    get() {
      throw new DOMException("", "SecurityError");
    },
  });
  frame(undefined, top);
  expect(hasForeignAncestor()).toBe(true);
});

test("asks from a page that is seen", () => {
  expect(mayAsk("get", false)).toBe(true);
  expect(mayAsk("create", false)).toBe(true);
  expect(mayAsk("get", true)).toBe(true);
});

test("does not ask from a page that is hidden, whatever it says itself", () => {
  shown.state = "hidden";
  Object.defineProperty(shown, "visibilityState", { value: "visible" });
  expect(mayAsk("get", false)).toBe(false);
});

test("does not ask from an opaque origin", () => {
  vi.stubGlobal("self", { origin: "null" });
  expect(mayAsk("get", false)).toBe(false);
});

test("registers from inside a foreign page only after a gesture", () => {
  expect(mayAsk("create", true)).toBe(false);
  vi.stubGlobal("navigator", { userActivation: { isActive: true } });
  expect(mayAsk("create", true)).toBe(true);
});
