/** Documents that are not loaded from an address into a window: written anew, shown in advance, or in a frame's realm. */
import { expect, test } from "vitest";
import { FIREFOX } from "../stage/browser.ts";
import { useStage } from "../stage/fixture.ts";

const on = useStage();

const calls = () => on.daemon.calls.map(({ method, params }) => `${method} ${params.origin}`);

test("a page that writes itself anew is served, and so are functions that it kept", async () => {
  const outcomes = await on.page.evaluate(`(async () => {
    const kept = navigator.credentials.create.bind(navigator.credentials);
    const script = "<script>self.written = true</" + "script>";
    document.open();
    document.write("<!doctype html><title>written</title><body>" + script);
    document.close();
    return [self.written, await outcome(kept({ publicKey: creation() })), await create()];
  })()`);
  expect(outcomes).toMatchObject([true, { credential: { type: "public-key" } }, { credential: { type: "public-key" } }]);
  expect(calls()).toEqual(Array(2).fill(`webauthn.create ${on.stage.site.origin()}`));
});

test("a page that writes itself anew while a person is asked gets the answer", async () => {
  on.daemon.behave = (call) => call.take();
  const called = on.daemon.next();
  const result = on.page.evaluate("create()");
  const call = await called;
  await on.page.evaluate(`document.open(), document.write("<body>"), document.close()`);
  call.approve();
  expect(await result).toMatchObject({ credential: { type: "public-key" } });
});

test("a page that writes itself anew and is left takes its prompt along", async () => {
  on.daemon.behave = (call) => call.take();
  await on.page.evaluate(`document.open(), document.write("<body>"), document.close()`);
  const called = on.daemon.next();
  void on.page.evaluate("get()").catch(() => {});
  const call = await called;
  await on.page.goto(on.stage.site.url("other.localhost"));
  expect(await call.cancelled).toMatch(/cancelled|closed/);
});

// Firefox renders nothing in advance.
if (!FIREFOX) {
  test("a page that was rendered in advance is served once it is shown", async () => {
    const address = on.stage.site.url("localhost", { next: "1" });
    await on.page.evaluate(`(async () => {
      const rules = document.createElement("script");
      rules.type = "speculationrules";
      rules.textContent = JSON.stringify({ prerender: [{ source: "list", urls: ["${address}"], eagerness: "immediate" }] });
      document.head.append(rules);
    })()`);
    await expect.poll(() => on.stage.site.early).toContain("/?next=1");
    const shown = on.page.waitForNavigation();
    await on.page.evaluate(`void (location.href = "${address}")`);
    await shown;
    expect(await on.page.evaluate("performance.getEntriesByType('navigation')[0].activationStart")).toBeGreaterThan(0);
    expect(await on.page.evaluate("create()")).toMatchObject({ credential: { type: "public-key" } });
    expect(calls()).toEqual([`webauthn.create ${on.stage.site.origin()}`]);
  });
}

test("a frame's own functions give the frame's own objects", async () => {
  const same = await on.page.evaluate(`(async () => {
    const frame = await addFrame({ src: location.href });
    const inside = frame.contentWindow;
    const made = await inside.navigator.credentials.create({ publicKey: creation() });
    return {
      its: made instanceof inside.PublicKeyCredential && made.rawId instanceof inside.ArrayBuffer,
      ours: made instanceof PublicKeyCredential || made.rawId instanceof ArrayBuffer,
      response: made.response instanceof inside.AuthenticatorAttestationResponse,
    };
  })()`);
  expect(same).toEqual({ its: true, ours: false, response: true });
});
