/**
 * The extension with a daemon that answers at once: what it costs a page that never uses WebAuthn, how long the way to the
 * daemon and back takes, and beside it, in the same run, the browser's own WebAuthn and another native messaging host.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FIREFOX, KIND } from "../../extension/test/stage/browser.ts";
import { FakeDaemon } from "../../extension/test/stage/daemon.ts";
import { HOST_PROGRAM } from "../../extension/test/stage/host.ts";
import { NativePasskey } from "../../extension/test/stage/passkey.ts";
import { Stage } from "../../extension/test/stage/stage.ts";
import { columns, Figures, type Row, table } from "../lib/figures.ts";
import { root } from "../lib/places.ts";
import { pause } from "../lib/wait.ts";
import { BareHost, coldTimes, warmTimes } from "./hosts.ts";
import { emptied, type Load, Loads } from "./loads.ts";

const WARM = 20;
const N = 200;

let stage: Stage;
const rows: Row[] = [];
const facts: string[][] = [["extension", "value", "aim", ""]];

const put = (what: string, times: number[], aim?: number) =>
  void rows.push({ what, figures: new Figures(times), ...(aim !== undefined && { aim }) });
const fact = (what: string, value: number, digits: number, aim?: number) =>
  void facts.push([
    what,
    value.toFixed(digits),
    aim === undefined ? "" : String(aim),
    aim === undefined ? "" : value <= aim ? "met" : "missed",
  ]);

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(async () => {
  await stage?.close();
  console.log(`${table(rows)}\n\n${columns(facts)}`);
});

/** Times that one call in the page took, each call after the one before. */
async function measure(page: Page, run: string): Promise<number[]> {
  const source = `(async () => {
    const times = [];
    for (let i = 0; i < ${WARM + N}; i++) {
      const start = performance.now();
      await ${run};
      times.push(performance.now() - start);
    }
    return times.slice(${WARM});
  })()`;
  return (await page.evaluate(source)) as number[];
}

test("the way to the daemon and back", async () => {
  const page = await stage.page();
  expect(await page.evaluate("create()")).toHaveProperty("credential");
  const ready = stage.daemon.answers[0];
  stage.daemon.behave = (call) => {
    call.take();
    call.answer(ready);
  };
  put("page → daemon → page", await measure(page, "get()"));
  const cold: number[] = [];
  for (let i = 0; i < 30; i++) {
    // Again and again: one may be starting at this moment.
    const left = () => {
      stage.killHosts();
      return stage.hosts();
    };
    await expect.poll(left, { timeout: 30_000 }).toEqual([]);
    const start = performance.now();
    const got = await page.evaluate("get()");
    if ((got as { credential?: object }).credential) cold.push(performance.now() - start);
  }
  fact("cold requests of 30 that the daemon got in time", cold.length, 0);
  put("page → daemon → page, host not running", cold, 200);
  await page.close();
});

test("a host that waits", async () => {
  const [pid] = stage.hosts();
  if (!pid) throw new Error("no host");
  const before = ticks(pid);
  await pause(20_000);
  fact("idle host: resident memory (MB)", memory(pid, "VmRSS"), 1);
  fact("idle host: of that its own (MB)", memory(pid, "RssAnon"), 1);
  fact("idle host: processor time in 20 s (ms)", (ticks(pid) - before) * 10, 0);
});

test("the browser's own, through the extension and without it", async () => {
  const page = await stage.page();
  const passkey = await NativePasskey.add(page);
  stage.daemon.behave = (call) => call.fail("not_ours");
  await page.evaluate(`create({ authenticatorSelection: { residentKey: "required" } })`);
  put("page → daemon → browser’s own → page", await measure(page, "get()"));
  await passkey.remove();
  await page.close();
  const plain = await stage.plain();
  await NativePasskey.add(plain);
  await plain.evaluate(`create({ authenticatorSelection: { residentKey: "required" } })`);
  put("browser’s own → page", await measure(plain, "get()"));
  await plain.close();
});

if (!FIREFOX)
  test("hosts without a browser", async () => {
    const folder = mkdtempSync(`${tmpdir()}/bench-`);
    const daemon = new FakeDaemon(folder);
    await daemon.start();
    const ours = () => new BareHost(HOST_PROGRAM, { XDG_RUNTIME_DIR: folder });
    const question = { jsonrpc: "2.0", id: 1, method: "status" };
    put("our host: start → daemon’s answer", await coldTimes(ours, question, 50));
    const host = ours();
    put("our host, running: question → daemon’s answer", (await warmTimes(host, question, WARM + N)).slice(WARM));
    await host.end();
    await daemon.stop();
    const other = join(root, "build/cache/peers/browserpass/usr/lib/browserpass/browserpass-native");
    if (existsSync(other)) {
      // It ends after each answer, and looks for a store of passwords instead of a socket.
      mkdirSync(join(folder, ".password-store"));
      const configure = { action: "configure", settings: { stores: {} } };
      put(
        "browserpass 3.7.2: start → answer",
        await coldTimes(() => new BareHost(other, { HOME: folder }), configure, 50),
      );
    }
    rmSync(folder, { recursive: true, force: true });
  });

test("a page that never uses WebAuthn", async () => {
  const folder = mkdtempSync(`${tmpdir()}/bench-`);
  const dist = join(root, `extension/dist/${KIND.dist}`);
  const empty = await KIND.launch(join(folder, "empty"));
  await empty.installExtension(emptied(dist, join(folder, "extension")));
  const plain = await KIND.launch(join(folder, "plain"));
  const loads = await Loads.of({ with: stage.browser, empty, plain }, stage.site.url());
  const times = await loads.times(120, 20);
  put("response → DOMContentLoaded, with the extension", times.with);
  put("… with an extension whose scripts are empty", times.empty);
  put("… without any", times.plain);
  added("time", times);
  if (FIREFOX) {
    // Firefox tells nobody what its threads do; this is the time by the clock, and compiled from nothing.
    const page = readFileSync(join(dist, "page.js"), "utf8");
    put("page.js alone, compiled and evaluated", await loads.evaluations(page, 60));
  } else {
    const work = await loads.work(50, 10);
    added("processor time", work.tasks);
    put("page.js and gate.js, processor time in a page", work.scripts.with, 1);
  }
  for (const name of ["page.js", "gate.js"]) fact(`${name} (bytes)`, statSync(join(dist, name)).size, 0);
  await Promise.all([empty.close(), plain.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** What DOMContentLoaded comes later by; loads are compared with those of the same moment. */
function added(what: string, { with: ours, empty, plain }: Load<number[]>): void {
  const between = (more: number[], less: number[]) =>
    new Figures(more.map((value, i) => value - (less[i] ?? Number.NaN))).quantile(0.5);
  fact(`added to DOMContentLoaded, ${what} (ms)`, between(ours, plain), 2);
  fact(`… of it by tallykey’s scripts, above what two empty ones cost`, between(ours, empty), 2, 1);
}

const memory = (pid: number, what: string): number =>
  Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

/** Processor time of a process, in hundredths of a second. */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
