// A trial: the page came from an address, and the app PIN stands for the screen lock.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { account, link, offer, World } from "./app.fixture";
import { numberMatchOutput } from "./link/numbermatch";
import { Database } from "./store/database";
import { Records } from "./store/records";

const pin = "482913";
let w: World;

beforeEach(() => {
  w = new World("https://192.0.2.7:47114");
});

afterEach(() => w.close());

/** The PIN is asked for, and entered. */
async function entered(text = pin): Promise<void> {
  await vi.waitFor(() => expect(w.app.question?.busy).toBe(false), 30_000);
  await w.app.enterPin(text);
}

/** Opens the app by a link, chooses the PIN and pairs. */
async function paired(): Promise<void> {
  await w.app.open(link);
  expect(w.app.view).toMatchObject({ name: "pin", offer: { desktop: offer.desktop } });
  expect(w.network.tries).toBe(0); // no key before there is a PIN
  await w.app.setPin(pin, w.app.view.name === "pin" ? w.app.view.offer : undefined);
  await w.hear("pairWith");
  const pairing = w.pairing(offer);
  await entered();
  await pairing;
}

it("pairs, registers and signs in under a PIN, and says so", { timeout: 60_000 }, async () => {
  await paired();
  expect(w.asked).toEqual([]); // the platform is never asked
  expect(w.app.desktops).toMatchObject([{ desktop: { keyProtection: "pin" } }]);
  const create = w.registered({ numberMatch: true });
  await entered();
  const { answer } = await create;
  expect(answer.keyProtection).toBe("pin");
  const output = numberMatchOutput("choose", "pin");
  expect(answer.authenticatorData.slice(-output.length)).toEqual(output);

  await w.restart();
  await w.hear("hello");
  w.welcome(offer);
  expect((await w.hear("registrations")).items).toMatchObject([{ keyProtection: "pin" }]);
  const signing = w.answered(w.request("get", { accounts: account(answer) }));
  await entered();
  const { authenticatorData, verification } = await signing;
  expect(authenticatorData[32]).toBe(0x05);
  expect(verification).toMatchObject({ response: { clientDataJSON: expect.any(String) } });
});

it("tells the first pairing's PIN from an answer: neither leaves the phone", { timeout: 60_000 }, async () => {
  await paired();
  const said = JSON.stringify(w.network.channels.flatMap((c) => c.heard));
  expect(said).not.toContain(pin);
});

it("erases everything at the tenth wrong PIN, and desktops hear that it is gone", { timeout: 120_000 }, async () => {
  await paired();
  const create = w.registered();
  await entered();
  const { answer } = await create;
  const get = w.request("get", { secondsLeft: 120, accounts: account(answer) });
  await w.shown(get);
  w.app.choose("26");
  const records = new Records(new Database());
  await vi.waitFor(() => expect(w.app.question).toBeDefined(), 30_000);
  await records.updateOwn<{ failures: number }>("pin", (r) => ({ ...r, failures: 9 }));
  await entered("000111222");
  await vi.waitFor(() => expect(w.app.outcome?.code).toBe("keys_erased"), 30_000);
  expect(w.network.last.heard.filter((m) => m.type === "decline")).toMatchObject([{ code: "key_gone" }]);
  expect(w.network.last.types).toContain("goodbye");
  expect([w.app.registrations, w.app.desktops]).toEqual([[], []]);
  expect(await records.own("pin")).toBeUndefined();
  expect(await records.platform()).toBeUndefined();
  // A new PIN begins anew.
  w.app.dismiss();
  await w.app.pair(link);
  expect(w.app.view.name).toBe("pin");
});

it("changes the PIN, and what stood under the old one opens under the new one", { timeout: 120_000 }, async () => {
  await paired();
  const create = w.registered();
  await entered();
  const { answer } = await create;
  w.app.changePin();
  const { view } = w.app;
  if (view.name !== "pinChange") throw new Error("there is nothing to change");
  const begun = view.change.begin();
  await entered();
  await begun;
  await view.change.keep("correct horse");
  const signing = w.answered(w.request("get", { accounts: account(answer) }));
  await entered();
  await vi.waitFor(() => expect(w.app.question?.wrong).toBe(true), 30_000);
  await entered("correct horse");
  expect((await signing).signature).toHaveLength(64);
});

it("says that the keys are erased also where no request was there", { timeout: 120_000 }, async () => {
  await paired();
  const records = new Records(new Database());
  await records.updateOwn<{ failures: number }>("pin", (r) => ({ ...r, failures: 9 }));
  w.app.changePin();
  const { view } = w.app;
  if (view.name !== "pinChange") throw new Error("there is nothing to change");
  const begun = expect(view.change.begin()).rejects.toThrow();
  await entered("000111222");
  await begun;
  expect([w.app.outcome?.code, w.app.desktops]).toEqual(["keys_erased", []]);
});

it("has no PIN where a host served the page", async () => {
  w.close();
  w = new World();
  await w.paired();
  expect([w.app.trial, w.app.view.name]).toEqual([false, "home"]);
  expect(await new Records(new Database()).own("pin")).toBeUndefined();
});
