import type { Frame, Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { scene } from "../lib/scene.ts";
import { probe, register, Shop } from "../lib/shop.ts";

const world = scene("origins", {}, (started) => started.pair());

let shop: Shop;
let held: string;

beforeAll(async () => {
  shop = await Shop.start(world().desktop);
  const registering = register(await shop.open(), "alice");
  await world().approve();
  held = (await registering).id ?? "";
});

const elsewhere = "http://shop.localhost:8480/";

/** Asks, and shows that neither the phone nor the daemon was bothered with it. */
async function refused(page: Page | Frame, ceremony: "create" | "get", wish: { rpId?: string } = {}) {
  const before = await world().desktop.quiet();
  const attempt = await probe(page, ceremony, { ...(ceremony === "get" && { allow: [held] }), ...wish });
  expect(attempt.ok).toBe(false);
  expect(world().desktop.client.told.length).toBe(before);
  return attempt;
}

async function framed(query: string): Promise<Frame> {
  const page = await shop.open(`around?${query}`);
  const frame = page.frames()[1];
  if (!frame) throw new Error("the page has no frame");
  await frame.waitForFunction(() => "shop" in globalThis);
  return frame;
}

test.for(["create", "get"] as const)("%s: a page may not name another website's RP ID", async (ceremony) => {
  const page = await shop.open();
  expect(await refused(page, ceremony, { rpId: "contoso.example" })).toMatchObject({ error: "SecurityError" });
});

test.for(["create", "get"] as const)("%s: a subdomain's sibling may not ask for it", async (ceremony) => {
  const page = await world().desktop.open(elsewhere);
  expect(await refused(page, ceremony, { rpId: "other.localhost" })).toMatchObject({ error: "SecurityError" });
});

test.for(["create", "get"] as const)("%s: a sandboxed frame is nobody", async (ceremony) => {
  const frame = await framed("src=/&sandbox=allow-scripts");
  expect(await refused(frame, ceremony)).toMatchObject({
    error: expect.stringMatching(/^(NotAllowedError|SecurityError)$/),
  });
});

test.for(["create", "get"] as const)("%s: a frame of another origin without permission", async (ceremony) => {
  const frame = await framed(`src=${elsewhere}`);
  expect(await refused(frame, ceremony)).toMatchObject({ error: "NotAllowedError" });
});

test.for(["create", "get"] as const)("%s: a page that forbids it to itself", async (ceremony) => {
  const page = await shop.open("?policy=publickey-credentials-get=(), publickey-credentials-create=()");
  expect(await refused(page, ceremony)).toMatchObject({ error: "NotAllowedError" });
});

test("a frame with permission is asked for, and the desktop says whose page it is in", async () => {
  const inner = await world().desktop.open(
    `${elsewhere}around?src=${encodeURIComponent(shop.url)}&allow=publickey-credentials-get`,
  );
  const frame = inner.frames()[1];
  if (!frame) throw new Error("the page has no frame");
  const skip = await world().desktop.quiet();
  const attempt = probe(frame, "get", { allow: [held] });
  const { request } = await world().desktop.client.request("the request", ({ state }) => state === "delivered", skip);
  expect(request).toMatchObject({ host: "localhost:8480", top: "shop.localhost:8480" });
  await world().approve();
  expect(await attempt).toMatchObject({ ok: true, id: held });
});
