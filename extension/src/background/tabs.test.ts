import { expect, test, vi } from "vitest";
import type { Registration } from "../protocol.ts";
import { entriesOf, plain } from "./menu.ts";
import { type Offered, Tabs } from "./tabs.ts";
import { Toolbar } from "./toolbar.ts";

const registration = (id: string, account = "alice@contoso.example") => ({ id, account }) as Registration;

function offered(tab: number, registrations: Registration[], origin = "https://login.contoso.example"): Offered {
  return { tab, origin, registrations, pick: vi.fn() };
}

/** Tabs with a toolbar that keeps what it was told. */
function started() {
  const shown: unknown[][] = [];
  const tabs: Tabs = new Tabs(() => toolbar.update());
  const toolbar = new Toolbar(tabs, (...sign) => shown.push(sign));
  return { tabs, toolbar, shown };
}

test("a pending request shows in its tab until it is over", () => {
  const { tabs, shown } = started();
  const over = tabs.ask("a", 1);
  expect([tabs.pending(1), tabs.pending(2)]).toEqual([true, false]);
  over();
  over();
  expect(tabs.pending(1)).toBe(false);
  expect(shown).toEqual([
    [1, "pending", 0],
    [1, undefined, 0],
  ]);
});

test("a hint that was closed does not come back for the same request", () => {
  const { tabs, shown } = started();
  tabs.ask("a", 1);
  tabs.dismiss(2);
  expect(tabs.pending(1)).toBe(true);
  tabs.dismiss(1);
  expect(tabs.pending(1)).toBe(false);
  expect(shown.at(-1)).toEqual([1, undefined, 0]);
  tabs.ask("b", 1);
  expect(tabs.pending(1)).toBe(true);
});

test("registrations of several frames are offered once each, and picked where they are offered", () => {
  const { tabs, shown } = started();
  const [first, second] = [offered(1, [registration("AQ")]), offered(1, [registration("AQ"), registration("Ag")])];
  const withdraw = tabs.offer(first);
  tabs.offer(second);
  expect(tabs.registrations(1).map(({ id }) => id)).toEqual(["AQ", "Ag"]);
  expect(shown.at(-1)).toEqual([1, "offer", 2]);
  tabs.pick(1, "Ag");
  tabs.pick(1, "AQ");
  tabs.pick(2, "AQ");
  tabs.pick(1, "unknown");
  expect([vi.mocked(first.pick).mock.calls, vi.mocked(second.pick).mock.calls]).toEqual([[["AQ"]], [["Ag"]]]);
  withdraw();
  expect(tabs.offers(1)).toEqual([second]);
});

test("a request that is pending is what a tab shows first", () => {
  const { tabs, shown } = started();
  tabs.offer(offered(1, [registration("AQ")]));
  tabs.ask("a", 1)();
  expect(shown.map(([, sign]) => sign)).toEqual(["offer", "pending", "offer"]);
});

test("the button of all tabs says whether prompts can come, when that changes", () => {
  const { toolbar, shown } = started();
  toolbar.health = "ready";
  toolbar.health = "stopped";
  toolbar.health = "stopped";
  toolbar.health = "paused";
  toolbar.health = "ready";
  expect(shown.map(([tab, sign]) => [tab, sign])).toEqual([
    [undefined, "stopped"],
    [undefined, "paused"],
    [undefined, "ready"],
  ]);
});

test("an entry of the menu is there on the hosts that it is offered to", () => {
  const offers = [
    offered(1, [registration("AQ")]),
    offered(2, [registration("AQ"), registration("Ag", "bob@contoso.example")], "http://localhost:8080"),
    offered(3, [registration("AQ")]),
  ];
  expect(entriesOf(offers)).toEqual([
    { id: "AQ", account: "alice@contoso.example", pages: ["https://login.contoso.example/*", "http://localhost/*"] },
    { id: "Ag", account: "bob@contoso.example", pages: ["http://localhost/*"] },
  ]);
});

test("what an account is called does not become an order to the menu", () => {
  expect(plain("A&B %s 100%")).toBe("A&&B %\u200bs 100%");
});
