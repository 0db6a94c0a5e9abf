import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { FIREFOX } from "../stage/browser.ts";
import { decline } from "../stage/daemon.ts";
import { Stage } from "../stage/stage.ts";

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.close());
beforeEach(async () => {
  stage.daemon.behave = decline;
  stage.daemon.calls.length = 0;
  page = await stage.page("shop.localhost");
  return () => page.close();
});

const inFrame = (attributes: object, run: string) =>
  page.evaluate(`addFrame(${JSON.stringify(attributes)}).then((frame) => inFrame(frame, ${JSON.stringify(run)}))`);

function expectRefused(outcome: unknown, name = "NotAllowedError"): void {
  expect(outcome).toMatchObject({ name, dom: true });
  expect(stage.daemon.calls).toEqual([]);
}

test.each(["get()", "create()"])("a foreign frame without permission is refused: %s", async (run) => {
  expectRefused(await inFrame({ src: stage.site.url("pay.localhost") }, run));
});

test("permission for one does not give the other", async () => {
  const src = stage.site.url("pay.localhost");
  expectRefused(await inFrame({ src, allow: "publickey-credentials-create *" }, "get()"));
  expectRefused(await inFrame({ src, allow: "publickey-credentials-get *" }, "create()"));
});

test("a foreign frame registers only after a gesture", async () => {
  const src = stage.site.url("pay.localhost");
  expectRefused(await inFrame({ src, allow: "publickey-credentials-create *" }, "create()"));
});

test("a sandboxed frame is refused", async () => {
  const src = stage.site.url("shop.localhost");
  const outcome = await inFrame({ src, sandbox: "allow-scripts", allow: "publickey-credentials-get *" }, "get()");
  expectRefused(outcome, FIREFOX ? "SecurityError" : "NotAllowedError");
});

// Firefox has no such header, and its own WebAuthn runs on such a page as on any other.
if (!FIREFOX)
  test.each(["get", "create"])("a page whose header forbids it is refused: %s", async (op) => {
    await page.goto(stage.site.url("shop.localhost", { policy: `publickey-credentials-${op}=()` }));
    expectRefused(await page.evaluate(`${op}()`));
  });

test("elements named like the policy do not hide it", async () => {
  const clobber = `document.body.innerHTML = '<form name=featurePolicy><input name=allowsFeature></form><form name=permissionsPolicy></form>'`;
  expectRefused(await inFrame({ src: stage.site.url("pay.localhost") }, `${clobber}; get()`));
});

test("a page that nobody sees raises no prompt", async () => {
  const front = await stage.page("pay.localhost");
  await front.bringToFront();
  const state = await page.evaluate("document.visibilityState");
  await page.evaluate("get({ timeout: 1000 }, { signal: AbortSignal.timeout(1500) })");
  await front.close();
  expect(state).toBe("hidden");
  expect(stage.daemon.calls).toEqual([]);
});

test("a page can't open the gate itself", async () => {
  const heard = await page.evaluate(`(async () => {
    const { port1, port2 } = new MessageChannel();
    const untouched = dispatchEvent(new MessageEvent("tallykey", { ports: [port2], cancelable: true }));
    const answer = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
    port1.postMessage({ kind: "ask", n: 1, op: "get", options: {} });
    await outcome(navigator.credentials.get({ publicKey: { challenge: bytes(32) }, signal: AbortSignal.timeout(500) }));
    return { untouched, answer: await Promise.race([answer, "nothing"]) };
  })()`);
  expect(heard).toEqual({ untouched: true, answer: "nothing" });
  expect(stage.daemon.calls).toHaveLength(1); // its own, through the hook
});
