import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { program } from "../lib/places.ts";
import type { Program } from "../lib/program.ts";
import { scene } from "../lib/scene.ts";
import { fill, tap } from "../lib/see.ts";
import { Tenant } from "../lib/tenant.ts";
import { until } from "../lib/wait.ts";

// A person signs in to a terminal with the phone. The keyring, the browser and git are real; in the place of xdg-open
// stands a script that writes down what it was started with.
const world = scene("login", {}, (started) => started.pair());
const alice = "alice@contoso.example";
const issuer = "http://localhost:8470";

let tenant: Tenant;
let client: string;
let page: Page;

const tools = () => join(world().folder, "tools");
const opened = () => join(world().folder, "opened");

beforeAll(async () => {
  const { desktop, out } = world();
  const data = join(out, "tenant-data");
  tenant = await Tenant.start(desktop, data);
  const said = await tenant.admin("apps add --name Terminal --native --redirect http://127.0.0.1/ --json");
  client = JSON.parse(said).clientId;
  mkdirSync(tools(), { recursive: true });
  writeFileSync(
    join(tools(), "xdg-open"),
    `#!/bin/sh\nprintf %s "$1" >'${opened()}.part' && mv '${opened()}.part' '${opened()}'\n`,
  );
  chmodSync(join(tools(), "xdg-open"), 0o755);
  symlinkSync(program("tallykey"), join(tools(), "git-credential-tallykey"));
  page = await tenant.open();
  await tenant.username(page, alice);
  await tenant.givePassword(page);
  await tenant.enable(page);
  await world().approve();
  await page.waitForSelector("#enabled", { visible: true });
  await tenant.signOut(page);
});

const env = () => ({ ...world().desktop.session.env, PATH: `${tools()}:${world().desktop.session.env["PATH"]}` });

function start(name: string, ...args: string[]): Program {
  return world().desktop.session.program(name, [program("tallykey"), ...args], { env: env(), secret: true });
}

const run = (...args: string[]) => world().desktop.session.host.run(args, env());
const tallykey = (...args: string[]) => run(program("tallykey"), ...args);

async function ended(terminal: Program): Promise<string> {
  expect((await terminal.ended).code, terminal.output.join("\n")).toBe(0);
  return terminal.output.join("\n");
}

test("tallykey login opens the browser, and the phone signs the terminal in", async () => {
  const terminal = start("login", "login", issuer, "--client-id", client, "--host", "git.contoso.example");
  await until(15_000, "the browser to be started", async () => existsSync(opened()));
  const address = readFileSync(opened(), "utf8");
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?start=[A-Z2-7]+$/); // all that other users could read
  await page.goto(address);
  await tenant.username(page, alice);
  await world().approve();
  await page.waitForFunction(() => document.title === "tallykey");
  expect(await ended(terminal)).toContain(`Signed in as ${alice}.`);
});

test("the token is for her, and says that the phone and the number signed her in", async () => {
  const tokens = JSON.parse(await tallykey("login", issuer, "--print", "--json"));
  const info = await run("curl", "-s", "-H", `Authorization: Bearer ${tokens.access_token}`, `${issuer}/userinfo`);
  expect(JSON.parse(info)).toMatchObject({ preferred_username: alice });
  const claims = JSON.parse(Buffer.from(tokens.id_token.split(".")[1], "base64url").toString());
  expect(claims).toMatchObject({ acr: "phr", amr: expect.arrayContaining(["swk", "user", "mfa", "numberMatch"]) });
});

test("git finds it for the host that was named, and for no other", async () => {
  const fill = ["git", "-c", "credential.helper=tallykey", "credential", "fill"];
  const ask = (host: string) => {
    const more = { GIT_TERMINAL_PROMPT: "0", GIT_ASKPASS: "true" };
    return world().desktop.session.program(`git-${host}`, fill, {
      env: { ...env(), ...more },
      input: `url=https://${host}/mail.git\n\n`,
      secret: true,
    });
  };
  const token = (await tallykey("login", issuer, "--print")).trim();
  expect(await ended(ask("git.contoso.example"))).toContain(`username=${alice}\npassword=${token}`);
  const other = ask("git.fabrikam.example");
  await other.ended;
  expect(other.output.join("\n")).not.toContain(token);
});

test("a code from a terminal, typed in the browser that is signed in, signs that terminal in", async () => {
  const terminal = start("device", "login", issuer, "--client-id", client, "--device");
  const [, code = ""] = await terminal.line(/^ {4}([B-Z]{4}-[B-Z]{4})$/);
  await page.goto(`${issuer}/device`);
  await fill(page, "#user_code", code.toLowerCase());
  await tap(page, "#next");
  await tap(page, "#let");
  await page.waitForSelector("#decided", { visible: true });
  expect(await ended(terminal)).toContain(`Signed in as ${alice}.`);
});

test("when the phone is taken away, the terminal is signed out at once", async () => {
  const { access_token } = JSON.parse(await tallykey("login", issuer, "--print", "--json"));
  await tenant.admin(`users unregister --upn ${alice}`);
  const status = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", `Authorization: Bearer ${access_token}`];
  expect(await run(...status, `${issuer}/userinfo`)).toBe("401");
  await tallykey("logout", issuer);
  expect(await tallykey("login")).not.toContain(issuer);
});
