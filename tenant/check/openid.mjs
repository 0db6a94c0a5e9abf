// An app signs its user in at the tenant, in a real Chromium, with openid-client: a library that shares no code with the
// tenant's provider. It goes through discovery, code + PKCE + nonce, userinfo, single sign-on, refresh with rotation,
// introspection, revocation and sign-out, and makes sure that the pages' content policy lets the browser back to the app.
//
//     node tenant/check/openid.mjs [--chromium /usr/bin/chromium]
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as client from "openid-client";
import puppeteer from "puppeteer-core";

const { values: flags } = parseArgs({ options: { chromium: { type: "string", default: "/usr/bin/chromium" } } });
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const work = mkdtempSync(join(tmpdir(), "tallykey-tenant-openid-"));
const program = join(work, "tallykey-tenant");
const data = ["--data", join(work, "data")];
const began = performance.now();
const step = (text) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);

// startApp is the app's own website: it notes where browsers arrive.
async function startApp() {
  const server = createServer((_request, response) => response.end("<!doctype html><title>Mail</title><h1>Mail</h1>"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://localhost:${server.address().port}` };
}

// startTenant starts the tenant on a port of its own.
async function startTenant() {
  execFileSync("go", ["build", "-o", program, "./tenant"], { cwd: root, stdio: "inherit" });
  execFileSync(program, ["seed", ...data, "--password-file", join(work, "passwords")]);
  const running = spawn(program, ["serve", ...data, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: running.stdout }).on("line", (line) => resolve(line.split(" at ")[1]));
    running.on("exit", (code) => reject(new Error(`the tenant ended with ${code}`)));
  });
  return { running, url };
}

const register = (...more) => JSON.parse(execFileSync(program, ["apps", "add", ...data, "--json", ...more], { encoding: "utf8" }));
const insecure = { execute: [client.allowInsecureRequests] }; // http on this machine
const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

// authorize makes a request of the app, and what its answer is checked with.
async function authorize(config, redirect, more = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    scope: "openid profile email offline_access",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...more,
  });
  return { url: url.href, checks };
}

async function firstSignIn(page, config, app) {
  const password = /^alice@contoso.example (.*)$/m.exec(readFileSync(join(work, "passwords"), "utf8"))[1];
  const { url, checks } = await authorize(config, `${app.url}/callback`, { login_hint: "alice@contoso.example" });
  await page.goto(url);
  assert.equal(await page.$eval("#username", (e) => e.value), "alice@contoso.example");
  await press(page, "#next");
  await page.type("#password", password);
  const arrived = page.waitForRequest((r) => r.url().startsWith(`${app.url}/callback`), { timeout: 10_000 });
  await page.click("#go");
  const tokens = await client.authorizationCodeGrant(config, new URL((await arrived).url()), checks);
  await page.waitForFunction(() => document.title === "Mail"); // no content policy stopped it
  assert.deepEqual(tokens.claims().amr, ["pwd"]);
  const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(info.preferred_username, "alice@contoso.example");
  step("signed in for an app, and back at it");
  return tokens;
}

async function silently(page, app, issuer) {
  const other = register("--name", "Wiki", "--public", "--redirect", `${app.url}/wiki`);
  const config = await client.discovery(new URL(issuer), other.clientId, undefined, client.None(), insecure);
  const { url, checks } = await authorize(config, `${app.url}/wiki`, { prompt: "none" });
  await page.goto(url);
  const tokens = await client.authorizationCodeGrant(config, new URL(page.url()), checks);
  assert.ok(tokens.claims().sub);
  step("a second app without a page: single sign-on");
}

async function lifeOfTokens(config, first) {
  assert.equal((await client.tokenIntrospection(config, first.access_token)).active, true);
  const second = await client.refreshTokenGrant(config, first.refresh_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  await assert.rejects(client.refreshTokenGrant(config, first.refresh_token), { error: "invalid_grant" });
  await assert.rejects(client.refreshTokenGrant(config, second.refresh_token), { error: "invalid_grant" });
  assert.equal((await client.tokenIntrospection(config, second.access_token)).active, false);
  await client.tokenRevocation(config, second.access_token);
  step("refreshed; a used refresh token came again and ended all");
}

async function goodbye(page, config, app, tokens) {
  const url = client.buildEndSessionUrl(config, { post_logout_redirect_uri: `${app.url}/bye`, id_token_hint: tokens.id_token });
  await page.goto(url.href);
  assert.equal(new URL(page.url()).pathname, "/bye");
  const { url: again } = await authorize(config, `${app.url}/callback`, { prompt: "none" });
  await page.goto(again);
  assert.equal(new URL(page.url()).searchParams.get("error"), "login_required");
  step("signed out");
}

const app = await startApp();
const tenant = await startTenant();
const browser = await puppeteer.launch({
  executablePath: flags.chromium,
  userDataDir: join(work, "profile"),
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"].concat([
    "--disable-component-update",
    "--disable-sync",
    "--lang=en",
  ]),
});
try {
  const mail = register("--name", "Mail", "--redirect", `${app.url}/callback`, "--logout", `${app.url}/bye`);
  const config = await client.discovery(
    new URL(tenant.url),
    mail.clientId,
    undefined,
    client.ClientSecretBasic(mail.clientSecret),
    insecure,
  );
  const page = await browser.newPage();
  const tokens = await firstSignIn(page, config, app);
  await silently(page, app, tenant.url);
  await lifeOfTokens(config, tokens);
  await goodbye(page, config, app, tokens);
} finally {
  await browser.close();
  tenant.running.removeAllListeners("exit");
  tenant.running.kill();
  app.server.close();
  rmSync(work, { recursive: true, force: true });
}
