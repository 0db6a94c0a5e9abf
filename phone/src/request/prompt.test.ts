import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newDeviceKey } from "../keys/device";
import type { Verified } from "../keys/platform";
import { KeyGoneError } from "../keys/registration";
import type { Approval } from "../link/approval";
import { challenge } from "../link/approval";
import type { Bytes } from "../link/bytes";
import { utf8 } from "../link/bytes";
import type { Account, Answer, Ended, FromPhone, Mode, Paired, Request } from "../link/message";
import { StorageError } from "../store/database";
import type { Ceremony, Covered } from "./ceremony";
import { Prompt } from "./prompt";

const id = "AAECAwQFBgcICQoLDA0ODw";
const verified: Verified = {
  ...{ id: utf8("id"), json: { v: 1 }, protection: "device", secret: undefined, publicKey: undefined },
};

/** A ceremony whose platform dialog the test answers. */
class FakeCeremony implements Ceremony {
  accounts: Account[] = ["alice", "bob"].map((name) => ({ credential: `credential-${name}`, name, displayName: "" }));
  asked: { challenge: Bytes; signal: AbortSignal }[] = [];
  settled: [Ended | Paired, boolean][] = [];
  fails: Error | undefined;
  recognise: (v: Verified) => void = () => {};
  reject: (e: Error) => void = () => {};

  constructor(readonly deviceKey: CryptoKey) {}

  async covers(a: Account): Promise<Covered> {
    return { credential: a.credential, account: a.name, payload: utf8("payload") };
  }

  verify(c: Bytes, _ms: number, signal: AbortSignal): Promise<Verified> {
    this.asked.push({ challenge: c, signal });
    return new Promise((resolve, reject) => {
      this.recognise = resolve;
      this.reject = reject;
      signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  }

  async answer(a: Account): Promise<Partial<Answer>> {
    if (this.fails) throw this.fails;
    return { credential: a.credential };
  }

  async settle(end: Ended | Paired, sure: boolean): Promise<void> {
    this.settled.push([end, sure]);
  }
}

let ceremony: FakeCeremony;
let sent: FromPhone[];

beforeEach(async () => {
  vi.useFakeTimers();
  ceremony = new FakeCeremony((await newDeviceKey()).private);
  sent = [];
});

afterEach(() => vi.useRealTimers());

function request(mode: Mode): Request {
  return {
    ...{ type: "request", id, action: "get", origin: "https://contoso.example", domain: "contoso.example", mode },
    ...{ rpId: "contoso.example", accounts: [], browser: "", numbers: mode === "choose" ? ["71", "26", "48"] : [] },
    ...{ secondsLeft: 60, clientDataJSON: new Uint8Array() },
  };
}

const begin = (mode: Mode = "choose") =>
  Prompt.prepare(request(mode), "abcdefghij234567", ceremony, (m) => sent.push(m));

/** Lets promises settle; signing takes more than one turn. */
const settle = () => vi.waitFor(() => vi.advanceTimersByTimeAsync(1));
const types = () => sent.map((m) => m.type);
const until = (type: string) => vi.waitFor(() => expect(types()).toContain(type));

describe("a prompt", () => {
  it("goes from the number to the answer, which the person's verification and the device key approve", async () => {
    const prompt = await begin();
    prompt.show();
    prompt.account = 1;
    prompt.choose("26");
    expect(ceremony.asked).toHaveLength(1); // in the same turn as the tap
    expect(sent[1]).toEqual({ type: "number", id, number: "26", credential: "credential-bob" });
    const { origin, rpId, action } = request("choose");
    const covers = await ceremony.covers(ceremony.accounts[1] as Account);
    const want = await challenge({
      ...{ request: id, action, desktop: "abcdefghij234567", origin, rpId, number: "26" },
      ...covers,
    });
    expect(ceremony.asked[0]?.challenge).toEqual(want);
    ceremony.recognise(verified);
    await settle();
    expect(prompt.state).toBe("verifying"); // nothing is answered before the number is right
    prompt.hear({ type: "numberRight", id });
    await until("answer");
    expect(types()).toEqual(["received", "number", "answer"]);
    expect(sent[2]).toMatchObject({ verification: verified.json, credential: "credential-bob", keyProtection: "" });
    prompt.hear({ type: "ended", id, code: "approved" });
    expect([prompt.state, prompt.code]).toEqual(["ended", "approved"]);
    expect(ceremony.settled).toEqual([[{ type: "ended", id, code: "approved" }, true]]);
  });

  it("takes the first number only, and none that was not offered", async () => {
    const prompt = await begin();
    prompt.choose("99");
    expect(prompt.state).toBe("asking");
    prompt.choose("26");
    prompt.choose("48");
    expect(types()).toEqual(["number"]);
    expect(prompt.chosen).toBe("26");
  });

  it("takes any two digits where they are typed", async () => {
    const prompt = await begin("type");
    for (const text of ["", "7", "ab", "123"]) prompt.choose(text);
    expect(prompt.state).toBe("asking");
    prompt.choose("07");
    expect(prompt.chosen).toBe("07");
  });

  it("answers at once where the person only approves, with no number in what is signed", async () => {
    const prompt = await begin("approve");
    prompt.choose("");
    prompt.choose("26");
    expect(prompt.state).toBe("asking");
    prompt.approve();
    expect([prompt.state, types()]).toEqual(["verifying", []]);
    const approval: Approval = {
      ...{ request: id, action: "get" as const, desktop: "abcdefghij234567", origin: "https://contoso.example" },
      ...{ rpId: "contoso.example", credential: "credential-alice", account: "alice", number: "" },
      payload: utf8("payload"),
    };
    expect(ceremony.asked[0]?.challenge).toEqual(await challenge(approval));
    ceremony.recognise(verified);
    await settle();
    await vi.waitFor(() => expect(types()).toEqual(["answer"]));
    expect(prompt.state).toBe("sent");
  });

  it("can't be approved without the number where one is asked for", async () => {
    for (const mode of ["choose", "type"] as const) {
      const prompt = await begin(mode);
      prompt.approve();
      expect([prompt.state, ceremony.asked]).toEqual(["asking", []]);
    }
  });

  it("closes the platform's dialog when the number was wrong", async () => {
    const prompt = await begin();
    prompt.choose("71");
    prompt.hear({ type: "ended", id, code: "wrong_number" });
    expect(ceremony.asked[0]?.signal.aborted).toBe(true);
    await settle();
    expect([prompt.state, prompt.code]).toEqual(["ended", "wrong_number"]);
    expect(types()).toEqual(["number"]);
  });

  it("offers another try when the person was not recognised, with the same challenge", async () => {
    const prompt = await begin();
    prompt.choose("26");
    prompt.hear({ type: "numberRight", id });
    ceremony.reject(new DOMException("no", "NotAllowedError"));
    await settle();
    expect(prompt.state).toBe("again");
    expect(types()).toEqual(["number"]);
    prompt.again();
    expect(ceremony.asked[1]?.challenge).toEqual(ceremony.asked[0]?.challenge);
    ceremony.recognise(verified);
    await until("answer");
  });

  it("is over when the time is, and asks nothing more", async () => {
    const prompt = await begin();
    await vi.advanceTimersByTimeAsync(59_999);
    expect(prompt.state).toBe("asking");
    await vi.advanceTimersByTimeAsync(1);
    expect([prompt.state, prompt.code]).toEqual(["ended", "timed_out"]);
    prompt.choose("26");
    expect(sent).toEqual([]);
  });

  it("waits a little longer for the last word on an answer that was sent", async () => {
    const prompt = await begin();
    prompt.choose("26");
    prompt.hear({ type: "numberRight", id });
    ceremony.recognise(verified);
    await until("answer");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(prompt.state).toBe("sent");
    await vi.advanceTimersByTimeAsync(5000);
    expect([prompt.state, prompt.code]).toEqual(["ended", "phone_unreachable"]);
    expect(ceremony.settled[0]?.[1]).toBe(false);
  });

  it("declines at any time, once", async () => {
    const prompt = await begin();
    prompt.choose("26");
    prompt.decline("reported");
    prompt.decline("declined");
    expect(sent.slice(1)).toEqual([{ type: "decline", id, code: "reported" }]);
    expect([prompt.code, ceremony.asked[0]?.signal.aborted]).toEqual(["reported", true]);
  });

  it.each([
    [new KeyGoneError("gone"), "key_gone"],
    [new StorageError("full"), "phone_storage_failed"],
  ])("declines when the key can't be had or kept: %s", async (failure, code) => {
    const prompt = await begin();
    ceremony.fails = failure;
    prompt.choose("26");
    prompt.hear({ type: "numberRight", id });
    ceremony.recognise(verified);
    await until("decline");
    expect([prompt.state, prompt.code]).toEqual(["ended", code]);
  });

  it("asks a desktop that was connected anew how it ended, once the person could see it", async () => {
    const prompt = await begin();
    prompt.remind();
    expect(types()).toEqual([]);
    prompt.show();
    prompt.remind();
    expect(types()).toEqual(["received", "received"]);
    prompt.hear({ type: "ended", id, code: "cancelled_by_page" });
    prompt.remind();
    expect(types()).toHaveLength(2);
  });

  it("is not sure of the end where the desktop can't tell it", async () => {
    for (const code of ["request_unknown", "declined"]) {
      const prompt = await begin();
      prompt.hear({ type: "ended", id, code });
    }
    expect(ceremony.settled.map(([, sure]) => sure)).toEqual([false, true]);
  });

  it("tells a desktop that was connected anew all that it may have missed", async () => {
    const prompt = await begin();
    const anew: FromPhone[] = [];
    prompt.show();
    prompt.choose("26");
    prompt.hear({ type: "numberRight", id });
    ceremony.recognise(verified);
    await until("answer");
    prompt.resume((m) => anew.push(m));
    expect(anew.map((m) => m.type)).toEqual(["received", "number", "answer"]);
  });
});
