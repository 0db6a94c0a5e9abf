import { expect, test } from "vitest";
import { callerOf } from "./caller.ts";

type Sender = chrome.runtime.MessageSender;
const tab = (url?: string) => ({ url }) as chrome.tabs.Tab;
const shop = "https://shop.example";

test.each<[string, Sender, boolean, object]>([
  ["a page", { origin: shop, frameId: 0 }, false, { origin: shop, crossOrigin: false }],
  [
    "with a port",
    { origin: "http://localhost:8080", frameId: 0 },
    false,
    { origin: "http://localhost:8080", crossOrigin: false },
  ],
  [
    "a frame of its own origin",
    { origin: shop, frameId: 3, tab: tab(`${shop}/cart?x#y`) },
    false,
    { origin: shop, crossOrigin: false },
  ],
  [
    "a foreign frame",
    { origin: "https://pay.example", frameId: 3, tab: tab(`${shop}/cart`) },
    true,
    { origin: "https://pay.example", topOrigin: shop, crossOrigin: true },
  ],
  [
    "a foreign frame that says it is none",
    { origin: "https://pay.example", frameId: 3, tab: tab(`${shop}/cart`) },
    false,
    { origin: "https://pay.example", topOrigin: shop, crossOrigin: true },
  ],
  [
    "a frame of the page's own origin in a foreign one",
    { origin: shop, frameId: 3, tab: tab(shop) },
    true,
    { origin: shop, topOrigin: shop, crossOrigin: true },
  ],
  [
    "about:blank of a page",
    { origin: shop, url: "about:blank", frameId: 3, tab: tab(shop) },
    false,
    { origin: shop, crossOrigin: false },
  ],
])("answers %s", (_, sender, framed, caller) => {
  expect(callerOf(sender, framed)).toEqual(caller);
});

test.each<[string, Sender | undefined]>([
  ["nobody", undefined],
  ["an opaque origin", { origin: "null", frameId: 0, url: shop }],
  ["no origin, whatever the address", { frameId: 0, url: shop }],
  ["no frame", { origin: shop }],
  ["an extension", { origin: "chrome-extension://abc", frameId: 0 }],
  ["a file", { origin: "file://", frameId: 0 }],
  ["a frame in a page without an address", { origin: shop, frameId: 3, tab: tab() }],
  ["a frame in a blank page", { origin: shop, frameId: 3, tab: tab("about:blank") }],
  ["a frame in no tab", { origin: shop, frameId: 3 }],
  ["a page that is prerendered", { origin: shop, frameId: 0, documentLifecycle: "prerender" as never }],
])("does not answer %s", (_, sender) => {
  expect(callerOf(sender, false)).toBeUndefined();
});

test("does not answer a page that has an ancestor nevertheless", () => {
  expect(callerOf({ origin: shop, frameId: 0 }, true)).toBeUndefined();
});
