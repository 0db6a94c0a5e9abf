import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { agree } from "../stage/daemon.ts";
import { Stage } from "../stage/stage.ts";

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.close());
beforeEach(async () => {
  stage.daemon.behave = agree;
  stage.daemon.calls.length = 0;
  page = await stage.page();
  return () => page.close();
});

test("a page registers and signs in, and the daemon knows who asked", async () => {
  const made = await page.evaluate("create()");
  expect(made).toHaveProperty("credential.response.attestationObject");
  const got = await page.evaluate("get()");
  expect(got).toHaveProperty("credential.response.signature");
  const origin = stage.site.origin();
  expect(
    stage.daemon.calls.map(({ method, params }) => ({
      method,
      origin: params.origin,
      crossOrigin: params.crossOrigin,
    })),
  ).toEqual([
    { method: "webauthn.create", origin, crossOrigin: false },
    { method: "webauthn.get", origin, crossOrigin: false },
  ]);
});
