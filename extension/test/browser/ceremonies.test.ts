import { expect, test } from "vitest";
import { useStage } from "../stage/fixture.ts";

const on = useStage();

test("a page registers and signs in, and the daemon knows who asked", async () => {
  const made = await on.page.evaluate("create()");
  expect(made).toHaveProperty("credential.response.attestationObject");
  const got = await on.page.evaluate("get()");
  expect(got).toHaveProperty("credential.response.signature");
  const origin = on.stage.site.origin();
  expect(
    on.daemon.calls.map(({ method, params }) => ({
      method,
      origin: params.origin,
      crossOrigin: params.crossOrigin,
    })),
  ).toEqual([
    { method: "webauthn.create", origin, crossOrigin: false },
    { method: "webauthn.get", origin, crossOrigin: false },
  ]);
});
