import { afterEach, expect, it, vi } from "vitest";
import { newDeviceKey } from "../keys/device";
import { encodeBase64url, random, utf8 } from "../link/bytes";
import type { FromPhone, Request } from "../link/message";
import type { Ceremony } from "./ceremony";
import type { Source } from "./inbox";
import { Inbox } from "./inbox";
import { AlgorithmError } from "./registering";

afterEach(() => vi.useRealTimers());

const origin = "https://mail.contoso.example";

function request(name = "alice"): Request {
  const clientData = JSON.stringify({ type: "webauthn.get", challenge: "AAEC", origin });
  return {
    ...{ type: "request", id: encodeBase64url(random(16)), action: "get", origin, domain: "contoso.example" },
    ...{ rpId: "contoso.example", accounts: [{ credential: "c", name, displayName: "" }], browser: "Firefox" },
    ...{ mode: "choose", numbers: ["71", "26", "48"], secondsLeft: 60, clientDataJSON: utf8(clientData) },
  };
}

/** A desktop, and what it hears. */
async function desktop(id: string, name = id): Promise<Source & { heard: FromPhone[] }> {
  const { private: deviceKey } = await newDeviceKey();
  const heard: FromPhone[] = [];
  const ceremony = async ({ accounts }: Request): Promise<Ceremony> => ({
    ...{ accounts, deviceKey, answer: async () => ({}), settle: async () => {} },
    covers: async () => ({ credential: "", account: "", payload: utf8("") }),
    verify: () => new Promise(() => {}),
  });
  return { id, name, heard, send: (m) => heard.push(m), ceremony };
}

it("lets a desktop that asks a hundred times wait with four, and shows another one's request too", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const inbox = new Inbox();
  const [flood, good] = [await desktop("flood"), await desktop("good")];
  const asked = Array.from({ length: 100 }, () => request());
  await Promise.all(asked.map((r) => inbox.arrive(flood, r)));
  expect(flood.heard).toHaveLength(96);
  expect(flood.heard.every((m) => m.type === "decline" && m.code === "declined")).toBe(true);
  expect(inbox.outcome).toBeUndefined(); // a flood changes nothing on the screen
  const own = request();
  await inbox.arrive(good, own);
  for (let i = 0; i < 4; i++) inbox.current?.prompt.decline("declined");
  expect(inbox.current?.prompt.request.id).toBe(own.id);
  await inbox.arrive(flood, request());
  expect(flood.heard).toHaveLength(100);
  await inbox.arrive(flood, asked[99] as Request);
  expect(flood.heard).toHaveLength(101); // told again that it was declined
});

it("says why a key can't be made", async () => {
  const inbox = new Inbox();
  const source = await desktop("a");
  source.ceremony = () => Promise.reject(new AlgorithmError("none in common"));
  await inbox.arrive(source, request());
  expect(source.heard).toMatchObject([{ type: "decline", code: "options_unsupported" }]);
  expect(inbox.outcome?.code).toBe("options_unsupported");
});

it("refuses an approval without a number where the website would not learn of it", async () => {
  const inbox = new Inbox();
  const source = await desktop("a");
  const approve = { ...request(), mode: "approve", numbers: [] } as Request;
  await inbox.arrive(source, approve);
  expect(source.heard).toMatchObject([{ type: "decline", code: "options_unsupported" }]);
  expect([inbox.current, inbox.outcome?.code]).toEqual([undefined, "options_unsupported"]);
  inbox.dismiss();
  await inbox.arrive(source, { ...approve, id: encodeBase64url(random(16)), numberMatch: true });
  expect(inbox.current?.prompt.request.mode).toBe("approve");
  inbox.current?.prompt.decline("declined");
});

it("tells names without what makes them look like others", async () => {
  const inbox = new Inbox();
  await inbox.arrive(await desktop("a", "Office\u202e\u200b desktop"), request("ali\u200dce"));
  inbox.current?.prompt.decline("declined");
  expect(inbox.outcome).toMatchObject({ desktop: "Office desktop", account: "alice", source: "a" });
});
