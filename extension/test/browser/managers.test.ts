/** Two managers of passkeys in one browser: whoever the page asks first, neither loses what is the other's. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agree, type DaemonCall } from "../stage/daemon.ts";
import { manager, type Way } from "../stage/manager.ts";
import { NativePasskey } from "../stage/passkey.ts";
import { Stage } from "../stage/stage.ts";

const isOthers = (call: DaemonCall) => (call.params.options as { challenge: string }).challenge.length === 2;

describe.each<[Way, string]>([
  ["assigns", "before"],
  ["assigns", "after"],
  ["replaces", "before"],
  ["replaces", "after"],
  ["keeps", "after"],
])("a manager that %s, installed %s ours", (way, order) => {
  let folder: string;
  let stage: Stage;

  beforeAll(async () => {
    folder = mkdtempSync(`${tmpdir()}/manager-`);
    const other = manager(folder, way);
    stage = await Stage.open(order === "before" ? [other] : []);
    if (order === "after") await stage.add(other);
  });
  afterAll(async () => {
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("each answers what is its own", async () => {
    const page = await stage.page();
    // Whoever runs last is asked first, so the daemon may see the other's request, too; it is none of ours.
    stage.daemon.behave = (call) => (isOthers(call) ? call.fail("not_ours") : agree(call));
    stage.daemon.calls.length = 0;
    expect(await page.evaluate("navigator.credentials.get({ publicKey: { challenge: bytes(1) } })")).toBe(
      "the other manager's",
    );
    expect(await page.evaluate("create()")).toHaveProperty("credential.response.attestationObject");
    expect(await page.evaluate("get()")).toHaveProperty("credential.response.signature");
    const ours = stage.daemon.calls.filter((call) => !isOthers(call));
    expect(ours.map(({ method }) => method)).toEqual(["webauthn.create", "webauthn.get"]);
    await page.close();
  });

  test("what neither holds is the browser's", async () => {
    const page = await stage.page();
    stage.daemon.behave = (call) => call.fail("not_ours");
    const passkey = await NativePasskey.add(page);
    const made = await page.evaluate("create()");
    expect(made).toHaveProperty("credential.id", (await passkey.ids())[0]);
    await page.close();
  });
});
