/** Conditional requests: the browser's own list works as ever, and what the phone holds is offered outside of the page. */
import { expect, test } from "vitest";
import { useStage } from "../stage/fixture.ts";
import { badge, pick } from "../stage/toolbar.ts";

const on = useStage("login.localhost");

const account = "alice@contoso.example";
const alice = { id: "AQID", rpId: "localhost", account, phoneName: "Alice’s phone" };

/** A page that waits with a list; the outcome is in self.waited once there is one. */
const WAIT = `void (() => {
  self.controller = new AbortController();
  self.waited = undefined;
  get({}, { mediation: "conditional", signal: controller.signal }).then((outcome) => { self.waited = outcome; });
})()`;

const waited = () => on.page.evaluate("self.waited ?? null");

test("the daemon hears what could be asked, and asks nobody", async () => {
  on.daemon.results.set("webauthn.candidates", [alice]);
  await on.page.evaluate(WAIT);
  await expect.poll(() => on.daemon.heard("webauthn.candidates")).toHaveLength(1);
  const [asked] = on.daemon.heard("webauthn.candidates");
  expect(asked).toMatchObject({ origin: on.stage.site.origin("login.localhost"), crossOrigin: false });
  expect(on.daemon.calls).toEqual([]);
  // Whatever the extension asked the browser by now has not ended the page's own request.
  expect(await waited()).toBeNull();
  await on.page.evaluate(`controller.abort("enough")`);
  await expect.poll(waited).toMatchObject({ error: "enough" });
});

test("a page that aborts its list for a button gets the button's request served", async () => {
  on.daemon.results.set("webauthn.candidates", [alice]);
  await on.page.evaluate(WAIT);
  const got = await on.page.evaluate(`(() => { controller.abort(); return create(); })()`);
  expect(got).toHaveProperty("credential.response.attestationObject");
  await expect.poll(waited).toMatchObject({ name: "AbortError", dom: true });
});

test("a page that forgets to abort gets its button's request served all the same", async () => {
  await on.page.evaluate(WAIT);
  expect(await on.page.evaluate("create()")).toHaveProperty("credential.response.attestationObject");
  await on.page.evaluate("controller.abort()");
});

test("nothing of it is in the page", async () => {
  on.daemon.results.set("webauthn.candidates", [alice]);
  const before = await on.page.evaluate("document.documentElement.outerHTML");
  await on.page.evaluate(WAIT);
  await expect.poll(() => on.daemon.heard("webauthn.candidates")).toHaveLength(1);
  expect(await on.page.evaluate("document.documentElement.outerHTML")).toBe(before);
  await on.page.evaluate("controller.abort()");
});

test("a page that asks and lets go a hundred times leaves nothing behind", async () => {
  on.daemon.results.set("webauthn.candidates", [alice]);
  await on.page.evaluate(`(async () => {
    for (let i = 0; i < 100; i++) {
      const controller = new AbortController();
      const waiting = get({}, { mediation: "conditional", signal: controller.signal });
      controller.abort();
      await waiting;
    }
  })()`);
  await expect.poll(() => on.page.evaluate("create()"), { timeout: 30_000 }).toHaveProperty("credential");
  expect(on.daemon.calls.filter(({ method }) => method === "webauthn.get")).toEqual([]);
});

test("one that is picked in the menu signs in, with the browser's list gone", async () => {
  await on.page.evaluate(`create().then(({ credential }) => { self.made = credential.id; })`);
  const id = (await on.page.evaluate("self.made")) as string;
  on.daemon.results.set("webauthn.candidates", [{ ...alice, id }]);
  await on.page.evaluate(WAIT);
  await expect.poll(() => badge(on.stage)).toBe("1");
  await pick(on.stage, on.page, { id, account });
  await expect.poll(waited).toMatchObject({ credential: { id } });
  const call = on.daemon.calls.at(-1);
  expect(call?.params.options).toMatchObject({ allowCredentials: [{ type: "public-key", id }] });
  await expect.poll(() => badge(on.stage)).toBe("");
});

test("one that is picked in the popup signs in", async () => {
  await on.page.evaluate(`create().then(({ credential }) => { self.made = credential.id; })`);
  const id = (await on.page.evaluate("self.made")) as string;
  const ready = { state: "ready" };
  on.daemon.results.set("status", { version: "1", phones: [{ id: "p", name: "P", connected: true }], keyring: ready, link: ready });
  on.daemon.results.set("webauthn.candidates", [{ ...alice, id }]);
  await on.page.evaluate(WAIT);
  await expect.poll(() => badge(on.stage)).toBe("1");
  const popup = await on.stage.popup();
  await popup.waitForSelector("main[aria-busy=false]");
  await on.page.bringToFront();
  await popup.$eval("#check", (button) => (button as HTMLElement).click());
  await expect.poll(() => popup.$(".offer")).not.toBeNull();
  expect(await popup.$eval(".offer", (button) => button.textContent)).toBe("Sign in as alice@contoso.example with your phone");
  await popup.$eval(".offer", (button) => (button as HTMLElement).click());
  await expect.poll(waited).toMatchObject({ credential: { id } });
});

test("a pick that the person declines brings the list back, and the next one signs in", async () => {
  await on.page.evaluate(`create().then(({ credential }) => { self.made = credential.id; })`);
  const id = (await on.page.evaluate("self.made")) as string;
  on.daemon.results.set("webauthn.candidates", [{ ...alice, id }]);
  await on.page.evaluate(WAIT);
  await expect.poll(() => badge(on.stage)).toBe("1");
  const agree = on.daemon.behave;
  on.daemon.behave = (call) => {
    call.take();
    call.fail("declined");
  };
  await pick(on.stage, on.page, { id, account });
  await expect.poll(() => on.daemon.heard("webauthn.candidates")).toHaveLength(2);
  expect(await waited()).toBeNull();
  on.daemon.behave = agree;
  await expect.poll(() => badge(on.stage)).toBe("1");
  await pick(on.stage, on.page, { id, account });
  await expect.poll(waited).toMatchObject({ credential: { id } });
});
