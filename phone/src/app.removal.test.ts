import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { offer, World } from "./app.fixture";
import { random } from "./link/bytes";
import { Database } from "./store/database";
import { Records } from "./store/records";

let w: World;

beforeEach(() => {
  w = new World();
});

afterEach(() => w.close());

describe("what the person removes", () => {
  it("says nothing of registrations to a desktop that would not understand", async () => {
    await w.paired();
    await w.registered();
    w.network.last.close();
    await vi.waitFor(() => expect(w.network.last.open).toBe(true), 30_000);
    await w.hear("hello");
    const { desktop, name, port, addresses } = offer;
    w.say({ type: "welcome", v: 1, desktop, name, port, addresses });
    await w.app.removeRegistration(w.app.registrations[0]?.credential ?? "");
    await w.app.removeDesktop(desktop);
    expect(w.network.last.types).toEqual(["hello"]);
  });

  it("tells its desktops of a removal, and does what a desktop tells", async () => {
    await w.paired();
    const one = (await w.registered()).answer.credential;
    await w.app.removeRegistration(one);
    expect(await w.hear("forget")).toEqual({ type: "forget", credential: one });
    expect(w.app.registrations).toEqual([]);

    w.network.last.heard.length = 0;
    const two = (await w.registered()).answer.credential;
    w.say({ type: "forget", credential: two });
    expect(await w.hear("forget")).toEqual({ type: "forget", credential: two });
    await vi.waitFor(() => expect(w.app.registrations).toEqual([]));
    expect(await new Records(new Database()).registration(two)).toBeUndefined();
  });

  it("keeps the token of a removal and tells it, but nothing where the website did not ask", async () => {
    await w.paired();
    const unregister = random(16);
    const { credential } = (await w.registered({ unregister })).answer;
    await w.registered();
    w.app.close();
    await w.restart();
    await w.hear("hello");
    w.welcome(offer);
    const { items } = await w.hear("registrations");
    expect(items.find((i) => i.credential === credential)?.unregister).toEqual(unregister);
    expect(items.filter((i) => "unregister" in i)).toHaveLength(1);
  });

  it("tells a desktop that was away of a removal before its list, at each contact, for thirty days", async () => {
    await w.paired();
    const gone = (await w.registered()).answer.credential;
    w.app.close();
    w.network.up = false;
    await w.restart();
    await w.app.removeRegistration(gone);
    w.network.up = true;
    const now = Date.now();
    const clock = vi.spyOn(Date, "now");
    for (const [days, said] of [
      [0, ["hello", "forget", "registrations"]],
      [29, ["hello", "forget", "registrations"]],
      [31, ["hello", "registrations"]],
    ] as const) {
      clock.mockReturnValue(now + days * 86_400_000);
      w.app.close();
      await w.restart();
      await w.hear("hello");
      w.welcome(offer);
      await w.hear("registrations");
      expect(w.network.last.types).toEqual(said);
    }
    clock.mockRestore();
  });

  it("says goodbye to a desktop that is removed, and keeps the registrations for others", async () => {
    await w.paired();
    await w.registered();
    const channel = w.network.last;
    await w.app.removeDesktop(offer.desktop);
    expect(channel.types.at(-1)).toBe("goodbye");
    expect(w.app.desktops).toEqual([]);
    expect(w.app.registrations).toHaveLength(1);
    w.say({ type: "refused", code: "phone_removed" });
    await vi.waitFor(async () => expect(await new Records(new Database()).desktops()).toEqual([]));
    expect(w.app.registrations).toHaveLength(1);
  });

  it.each([
    [89, 1],
    [91, 0],
  ])("keeps a desktop to be told %i days after it was removed, however long it had been away", async (days, kept) => {
    await w.paired();
    w.app.close();
    w.network.up = false;
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() + 200 * 86_400_000);
    await w.restart();
    await w.app.removeDesktop(offer.desktop);
    vi.setSystemTime(Date.now() + days * 86_400_000);
    w.network.up = true;
    const before = w.network.channels.length;
    await w.restart();
    expect(w.network.channels.slice(before)).toHaveLength(kept);
    vi.useRealTimers();
  });

  it("says goodbye later to a desktop that was away", async () => {
    await w.paired();
    w.app.close();
    w.network.up = false;
    await w.restart();
    await w.app.removeDesktop(offer.desktop);
    expect(w.app.desktops).toEqual([]);
    w.network.up = true;
    await w.restart(); // another day
    expect(w.app.desktops).toEqual([]);
    await vi.waitFor(() => expect(w.network.last.types).toEqual(["hello"]));
    const { desktop, name, port, addresses } = offer;
    w.say({ type: "welcome", v: 1, desktop, name, port, addresses, sync: true });
    await vi.waitFor(() => expect(w.network.last.types).toEqual(["hello", "goodbye"]));
    w.say({ type: "refused", code: "phone_removed" });
    await vi.waitFor(async () => expect(await new Records(new Database()).desktops()).toEqual([]));
  });
});
