import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCertificate } from "../lib/certificate.ts";
import { Ends } from "../lib/ends.ts";
import { Firefox } from "../lib/firefox.ts";
import { built } from "../lib/places.ts";
import { basics, Program, run } from "../lib/program.ts";
import { scene } from "../lib/scene.ts";
import { ask, type Heard, prepared } from "../lib/site.ts";

// Related origins over real TLS and names: the daemon reads lists from public addresses only, so this network has one.
const ADDRESS = "44.0.0.1";
const NAMES = ["contoso.example", "contoso-shop.example", "evil.example"];
const [RP, SHOP, EVIL] = NAMES.map((name) => `https://${name}`) as [string, string, string];

const ends = new Ends();
const files = tmpdir(); // which only this run sees
const hosts = join(files, "related.hosts");
const { key, certificate } = makeCertificate(files, "related", NAMES);

beforeAll(name); // before the daemon looks for them
const world = scene("related", { desktop: { daemonEnv: { SSL_CERT_FILE: certificate } } }, (started) => started.pair());

let firefox: Firefox;

beforeAll(async () => {
  const { desktop, out } = world();
  const address = ["ip", "addr", "add", `${ADDRESS}/32`, "dev", "lo"];
  const command = [process.execPath, built("e2e/dist/rp/related.js"), ADDRESS, key, certificate, SHOP];
  await desktop.session.host.run(address);
  await desktop.session.program("websites", command).line(/^websites are up/);
  // Firefox runs beside the desktop's network, where the same websites are.
  await run(address);
  const log = `${out}/websites-beside.log`;
  await ends.use(new Program({ name: "websites-beside", command, env: basics(), log })).line(/^websites are up/);
  firefox = ends.use(await Firefox.launch(desktop, "strangers"));
});
afterAll(() => ends[Symbol.asyncDispose]());

/** Gives the names their address, for this run alone: its mounts are its own. */
function name(): void {
  writeFileSync(hosts, `${readFileSync("/etc/hosts", "utf8")}\n${ADDRESS} ${NAMES.join(" ")}\n`);
  execFileSync("mount", ["--bind", hosts, "/etc/hosts"]);
  ends.add(() => execFileSync("umount", ["/etc/hosts"]));
}

type Open = (origin: string) => Promise<Page>;

async function inChromium(origin: string): Promise<Page> {
  const page = await world().desktop.browser.page();
  const session = await page.createCDPSession();
  await session.send("Security.setIgnoreCertificateErrors", { ignore: true });
  await page.goto(origin);
  return prepared(page);
}

const inFirefox: Open = async (origin) => prepared(await firefox.open(origin));

async function answered(page: Page, run: string): Promise<Heard> {
  const heard = ask(page, run);
  await world().approve();
  return heard;
}

const clientData = (heard: Heard): unknown =>
  JSON.parse(Buffer.from(heard.response?.["clientDataJSON"] ?? "", "base64url").toString());

test.each<[string, Open]>([
  ["Chromium", inChromium],
  ["Firefox", inFirefox],
])(
  "%s: a website that the RP ID lists signs in with its key, under its own origin; one that it does not list, not",
  async (_, open) => {
    const made = await answered(await open(RP), `create({ rp: { id: "contoso.example", name: "Contoso" } })`);
    expect(made).toMatchObject({ ok: true });

    const shop = await open(SHOP);
    const got = await answered(shop, `get({ rpId: "contoso.example" })`);
    expect(got).toMatchObject({ ok: true, id: made.id });
    expect(clientData(got)).toMatchObject({ origin: SHOP, crossOrigin: false });

    const told = await world().desktop.quiet();
    const refused = await ask(await open(EVIL), `get({ rpId: "contoso.example" })`);
    expect(refused).toMatchObject({ ok: false, error: expect.stringMatching(/^(SecurityError|NotAllowedError)$/) });
    expect(world().desktop.client.told.length).toBe(told);
  },
);
