import type { Page } from "puppeteer-core";
import { expect, test, vi } from "vitest";
import { agree, type DaemonCall } from "../stage/daemon.ts";
import { useStage } from "../stage/fixture.ts";
import { badge } from "../stage/toolbar.ts";

const on = useStage("localhost", (call) => call.take());

/** Starts a call in the page; it waits for the person until something ends it. */
async function pending(run: string): Promise<{ call: DaemonCall; result: Promise<unknown> }> {
  const called = on.daemon.next();
  const result = on.page.evaluate(run).catch(String);
  return { call: await called, result };
}

/** The extension has heard that a person is asked: before, a call whose host ends goes to another one. */
const taken = () => expect.poll(() => badge(on.stage)).toBe("…");

test.each([
  ["declined", "NotAllowedError", "Declined on the phone"],
  ["wrong_number", "NotAllowedError", "A different number was tapped"],
  ["timed_out", "NotAllowedError", "Request timeout"],
  ["registration_exists", "InvalidStateError", "The phone already has a key for this account"],
  ["daemon_stopped", "NotAllowedError", "tallykey stopped"],
  ["cancelled_by_page", "AbortError", "The website stopped asking"],
])("the page learns of %s", async (code, name, message) => {
  on.daemon.behave = (call) => {
    call.take();
    call.fail(code);
  };
  expect(await on.page.evaluate("create()")).toEqual({ error: `${name}: ${message}`, name, message, dom: true });
});

test("abort rejects with the page's own reason and cancels the call", async () => {
  const { call, result } = await pending(`(() => {
    self.controller = new AbortController();
    self.why = { mine: true };
    return navigator.credentials.get({ publicKey: { challenge: bytes(32) }, signal: controller.signal }).catch((error) => error === why);
  })()`);
  await on.page.evaluate("controller.abort(why)");
  expect(await result).toBe(true);
  expect(await call.cancelled).toBe("cancelled");
});

test("a new request right after an abort is served", async () => {
  const { call, result } = await pending(`(async () => {
    self.controller = new AbortController();
    const first = get({}, { signal: controller.signal });
    self.again = () => { controller.abort(); return create(); };
    return first;
  })()`);
  on.daemon.behave = agree;
  expect(await on.page.evaluate("again()")).toHaveProperty("credential");
  expect(await result).toMatchObject({ name: "AbortError" });
  expect(await call.cancelled).toBe("cancelled");
});

test("a second request meanwhile is refused, as the browser refuses it", async () => {
  const { call, result } = await pending("get()");
  expect(await on.page.evaluate("get()")).toMatchObject({
    name: "OperationError",
    message: "A request is already pending.",
  });
  call.fail("declined");
  expect(await result).toMatchObject({ message: "Declined on the phone" });
});

test.each([
  ["another page", (page: Page) => page.goto(on.stage.site.url("other.localhost"))],
  ["a reload", (page: Page) => page.reload()],
  ["a closed tab", (page: Page) => page.close()],
])("leaving the page cancels the call: %s", async (_, leave) => {
  const { call } = await pending("get()");
  await leave(on.page);
  expect(await call.cancelled).toBe("cancelled");
});

test("removing the frame cancels the call", async () => {
  const { call } = await pending(`addFrame({ src: location.href }).then((frame) => inFrame(frame, "get()"))`);
  await on.page.evaluate("document.querySelector('iframe').remove()");
  expect(await call.cancelled).toBe("cancelled");
});

test("a page that comes back from the cache is not left waiting", async () => {
  const { call } = await pending("void (self.waited = get())");
  await on.page.goto(on.stage.site.url("other.localhost"));
  expect(await call.cancelled).toBe("cancelled");
  await back();
  expect(await on.page.evaluate("self.waited")).toMatchObject({ name: "NotAllowedError" });
  on.daemon.behave = agree;
  expect(await on.page.evaluate("create()")).toHaveProperty("credential");
});

/** goBack() waits for a load, which a page out of Firefox's cache does not have. */
async function back(): Promise<void> {
  await on.page.evaluate("void setTimeout(() => history.back())");
  const waited = () => on.page.evaluate("self.waited !== undefined").catch(() => false);
  await vi.waitFor(async () => expect(await waited()).toBe(true), 5000);
}

test("a killed host ends a request that was taken, and the next one gets a new host", async () => {
  const { call, result } = await pending("get()");
  await taken();
  expect(on.stage.hosts()).toHaveLength(1);
  on.stage.killHosts();
  expect(await result).toMatchObject({ name: "NotAllowedError", message: "tallykey stopped" });
  expect(await call.cancelled).toBe("closed");
  on.daemon.behave = agree;
  expect(await on.page.evaluate("create()")).toHaveProperty("credential");
});

test("a killed daemon ends the request", async () => {
  const { result } = await pending("get()");
  await taken();
  await on.daemon.stop();
  expect(await result).toMatchObject({ name: "NotAllowedError", message: "tallykey stopped" });
  await on.daemon.start();
});
