import { expect, test } from "vitest";
import { FIREFOX } from "../stage/browser.ts";
import { decline } from "../stage/daemon.ts";
import { useStage } from "../stage/fixture.ts";

const on = useStage("shop.localhost", decline);

const inFrame = (attributes: object, run: string) =>
  on.page.evaluate(`addFrame(${JSON.stringify(attributes)}).then((frame) => inFrame(frame, ${JSON.stringify(run)}))`);

function expectRefused(outcome: unknown, name = "NotAllowedError"): void {
  expect(outcome).toMatchObject({ name, dom: true });
  expect(on.daemon.calls).toEqual([]);
}

test.each(["get()", "create()"])("a foreign frame without permission is refused: %s", async (run) => {
  expectRefused(await inFrame({ src: on.stage.site.url("pay.localhost") }, run));
});

test("permission for one does not give the other", async () => {
  const src = on.stage.site.url("pay.localhost");
  expectRefused(await inFrame({ src, allow: "publickey-credentials-create *" }, "get()"));
  expectRefused(await inFrame({ src, allow: "publickey-credentials-get *" }, "create()"));
});

test("a foreign frame registers only after a gesture", async () => {
  const src = on.stage.site.url("pay.localhost");
  expectRefused(await inFrame({ src, allow: "publickey-credentials-create *" }, "create()"));
});

test("a sandboxed frame is refused", async () => {
  const src = on.stage.site.url("shop.localhost");
  const outcome = await inFrame({ src, sandbox: "allow-scripts", allow: "publickey-credentials-get *" }, "get()");
  expectRefused(outcome, FIREFOX ? "SecurityError" : "NotAllowedError");
});

// Firefox has no such header, and its own WebAuthn runs on such a page as on any other.
if (!FIREFOX)
  test.each(["get", "create"])("a page whose header forbids it is refused: %s", async (op) => {
    await on.page.goto(on.stage.site.url("shop.localhost", { policy: `publickey-credentials-${op}=()` }));
    expectRefused(await on.page.evaluate(`${op}()`));
  });

test("elements named like the policy do not hide it", async () => {
  const clobber = `document.body.innerHTML = '<form name=featurePolicy><input name=allowsFeature></form><form name=permissionsPolicy></form>'`;
  expectRefused(await inFrame({ src: on.stage.site.url("pay.localhost") }, `${clobber}; get()`));
});

test("a page that nobody sees raises no prompt", async () => {
  const front = await on.stage.page("pay.localhost");
  await front.bringToFront();
  const state = await on.page.evaluate("document.visibilityState");
  await on.page.evaluate("get({ timeout: 1000 }, { signal: AbortSignal.timeout(1500) })");
  await front.close();
  expect(state).toBe("hidden");
  expect(on.daemon.calls).toEqual([]);
});

test("a page can't open the gate itself", async () => {
  const heard = await on.page.evaluate(`(async () => {
    const { port1, port2 } = new MessageChannel();
    const untouched = dispatchEvent(new MessageEvent("tallykey", { ports: [port2], cancelable: true }));
    const answer = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
    port1.postMessage({ kind: "ask", n: 1, op: "get", options: {} });
    await outcome(navigator.credentials.get({ publicKey: { challenge: bytes(32) }, signal: AbortSignal.timeout(500) }));
    return { untouched, answer: await Promise.race([answer, "nothing"]) };
  })()`);
  expect(heard).toEqual({ untouched: true, answer: "nothing" });
  expect(on.daemon.calls).toHaveLength(1); // its own, through the hook
});
