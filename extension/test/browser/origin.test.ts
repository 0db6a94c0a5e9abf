import { expect, test } from "vitest";
import { decline } from "../stage/daemon.ts";
import { useStage } from "../stage/fixture.ts";

const on = useStage("shop.localhost", decline);

const callers = () =>
  on.daemon.calls.map(({ params: { origin, topOrigin, crossOrigin } }) => ({ origin, topOrigin, crossOrigin }));

test("a frame of another origin is named, with the page around it", async () => {
  const address = on.stage.site.url("pay.localhost");
  await on.page.evaluate(
    `addFrame({ src: "${address}", allow: "publickey-credentials-get *" }).then((frame) => inFrame(frame, "get()"))`,
  );
  expect(callers()).toEqual([
    { origin: on.stage.site.origin("pay.localhost"), topOrigin: on.stage.site.origin("shop.localhost"), crossOrigin: true },
  ]);
});

test("a frame of the page's own origin inside a foreign one is cross-origin all the same", async () => {
  const [middle, inner] = [on.stage.site.url("pay.localhost"), on.stage.site.url("shop.localhost")];
  const allow = "publickey-credentials-get *";
  const nested = `addFrame({ src: "${inner}", allow: "${allow}" }).then((frame) => inFrame(frame, "get()"))`;
  await on.page.evaluate(
    `addFrame({ src: "${middle}", allow: "${allow}" }).then((frame) => inFrame(frame, ${JSON.stringify(nested)}))`,
  );
  const origin = on.stage.site.origin("shop.localhost");
  expect(callers()).toEqual([{ origin, topOrigin: origin, crossOrigin: true }]);
});

test.each([
  ["srcdoc", `{ srcdoc: "<body>" }`],
  ["about:blank", "{}"],
])("a frame of %s has its maker's origin", async (_, attributes) => {
  const value = await on.page.evaluate(`addFrame(${attributes}).then((frame) => {
    const { navigator } = frame.contentWindow;
    return outcome(navigator.credentials.get({ publicKey: { challenge: bytes(32) } }));
  })`);
  expect(value).toMatchObject({ message: "Declined on the phone" });
  expect(callers()).toEqual([
    { origin: on.stage.site.origin("shop.localhost"), topOrigin: undefined, crossOrigin: false },
  ]);
});

test("a window opened on about:blank has its opener's origin", async () => {
  await on.page.evaluate(`(async () => {
    const opened = open("about:blank");
    await outcome(opened.navigator.credentials.get({ publicKey: { challenge: bytes(32) } }));
    opened.close();
  })()`);
  const origins = callers().map(({ origin }) => origin);
  expect(origins.filter((origin) => origin !== on.stage.site.origin("shop.localhost"))).toEqual([]);
});

test("nothing that a page says about its origin counts", async () => {
  await on.page.evaluate(`
    Object.defineProperty(self, "origin", { value: "https://bank.example" });
    Object.defineProperty(document, "domain", { value: "bank.example" });
    get({ origin: "https://bank.example", topOrigin: "https://bank.example" });
  `);
  await on.page.evaluate("get()");
  expect(new Set(callers().map(({ origin }) => origin))).toEqual(new Set([on.stage.site.origin("shop.localhost")]));
});

test("a window that is used again after about:blank asks once", async () => {
  on.daemon.behave = (call) => call.fail("not_ours");
  const address = on.stage.site.url("shop.localhost");
  const kept = await on.page.evaluate(`(async () => {
    const frame = document.createElement("iframe");
    frame.src = "${address}";
    const loaded = new Promise((resolve) => { frame.onload = resolve; });
    document.body.append(frame);
    frame.contentWindow.kept = true;
    await loaded;
    const signal = AbortSignal.timeout(1500);
    await frame.contentWindow.eval("outcome")(frame.contentWindow.navigator.credentials.get({ publicKey: { challenge: bytes(32) }, signal }));
    return frame.contentWindow.kept;
  })()`);
  expect(kept).toBe(true);
  expect(callers()).toHaveLength(1);
});
