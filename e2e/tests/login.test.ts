import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { makeCertificate } from "../lib/certificate.ts";
import { built, program } from "../lib/places.ts";
import type { Program } from "../lib/program.ts";
import { scene } from "../lib/scene.ts";
import { fill, tap } from "../lib/see.ts";
import { Tenant } from "../lib/tenant.ts";
import { until } from "../lib/wait.ts";

// A person signs in to a terminal with the phone. The keyring, the browser, git, skopeo and the clients of Kubernetes are
// real; in the place of xdg-open stands a script that writes down what it was started with.
const world = scene("login", {}, (started) => started.pair());
const alice = "alice@contoso.example";
const issuer = "http://localhost:8470";
const registry = "localhost:8471";

let tenant: Tenant;
let client: string;
let page: Page;
let certificate: string;

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
  for (const name of ["tallykey", "git-credential-tallykey", "docker-credential-tallykey"])
    symlinkSync(program("tallykey"), join(tools(), name));
  certificate = await startResources();
  page = await tenant.open();
  await tenant.enroll(page, alice, () => world().approve());
  await tenant.signOut(page);
});

/** A registry and a cluster that take tokens of the tenant. The certificate comes back as a file. */
async function startResources(): Promise<string> {
  const made = makeCertificate(world().folder, "resources", ["localhost"]);
  const { session } = world().desktop;
  const files = [built("e2e/dist/rp/resources.js"), registry.split(":")[1] ?? "", made.key, made.certificate];
  await session.program("resources", [process.execPath, ...files, issuer, client]).line(/^resources are up/);
  return made.certificate;
}

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
  const terminal = start(
    "login",
    "login",
    issuer,
    "--client-id",
    client,
    "--host",
    "git.contoso.example",
    "--host",
    registry,
  );
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

/** Asks the registry for an image's manifest, with what docker and podman are configured by. */
function skopeo(name: string, helpers: object): Program {
  const folder = join(world().desktop.session.env["HOME"] ?? "", ".docker");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(helpers));
  const command = ["skopeo", "inspect", "--raw", `docker://${registry}/mail/server:1`];
  return world().desktop.session.program(name, command, { env: { ...env(), SSL_CERT_FILE: certificate } });
}

const HELPERS = { credHelpers: { [registry]: "tallykey" } };

test("skopeo reads an image as her, by docker's credential helper, and as nobody without it", async () => {
  const manifest = JSON.parse(await ended(skopeo("skopeo", HELPERS)));
  expect(manifest.annotations).toEqual({ "example.contoso.reader": alice });
  const anonymous = skopeo("skopeo-anonymous", {});
  expect((await anonymous.ended).code).not.toBe(0);
  expect(anonymous.output.join("\n")).toMatch(/unauthorized|authentication required/i);
});

/** Writes a kubeconfig, as docs/login.md has it. */
function kubeconfig(version: string): string {
  const cluster = { server: `https://${registry}`, "certificate-authority": certificate };
  const exec = {
    apiVersion: `client.authentication.k8s.io/${version}`,
    command: "tallykey",
    args: ["credential", "kubectl", "--issuer", issuer],
    interactiveMode: "Never",
  };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "contoso",
    clusters: [{ name: "contoso", cluster }],
    users: [{ name: "alice", user: { exec } }],
    contexts: [{ name: "contoso", context: { cluster: "contoso", user: "alice" } }],
  };
  const file = join(world().folder, `kubeconfig-${version}`);
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML, too
  return file;
}

/** By default a cluster knows people by their subject. */
async function subject(): Promise<string> {
  const { id_token } = JSON.parse(await tallykey("login", issuer, "--print", "--json"));
  return JSON.parse(Buffer.from(id_token.split(".")[1], "base64url").toString()).sub;
}

const PYTHON = `import sys
from kubernetes import client, config
config.load_kube_config(sys.argv[1])
print(client.CoreV1Api().read_namespace("default").metadata.annotations["reader"])`;

test.each(["v1", "v1beta1"])("Kubernetes' Python client reads the cluster as her, by %s", async (version) => {
  expect((await run("/usr/bin/python3", "-c", PYTHON, kubeconfig(version))).trim()).toBe(await subject());
});

/** Debian 12 has kubectl 1.20, v1 came with 1.22, and Ubuntu has no package of it. */
function versionsOfKubectl(): string[] {
  const { stdout, error } = spawnSync("kubectl", ["version", "--client", "--output=json"], { encoding: "utf8" });
  if (error) return [];
  return Number.parseInt(JSON.parse(stdout).clientVersion.minor, 10) < 22 ? ["v1beta1"] : ["v1", "v1beta1"];
}

test.each(versionsOfKubectl())("kubectl reads the cluster as her, by %s", async (version) => {
  const said = await run("kubectl", "--kubeconfig", kubeconfig(version), "get", "--raw", "/api/v1/namespaces/default");
  expect(JSON.parse(said).metadata.annotations).toEqual({ reader: await subject() });
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
  const refused = skopeo("skopeo-refused", HELPERS);
  expect((await refused.ended).code).not.toBe(0);
  await tallykey("logout", issuer);
  expect(await tallykey("login")).not.toContain(issuer);
});
