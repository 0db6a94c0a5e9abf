// The table of profile.txt with openid-client at the app's side: it shares no code with the tenant, nor with the client of
// the other run. It reads what it needs from standard input (secrets belong into no argument list), has a small browser of
// its own that keeps cookies and stops where it would leave the tenant, and prints a line of JSON for each case.
//
//     { "issuer": "http://localhost:8470", "clock": "http://127.0.0.1:1234/", "user": "…", "password": "…", "other": "…",
//       "callback": "https://mail.contoso.example/callback", "apps": { "mail": { "id": "…", "secret": "…" }, … }, "names": ["OP-…"] }
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import * as client from "openid-client";

const given = JSON.parse(await text(process.stdin));
const { issuer, callback, apps } = given;

// Browser keeps cookies and follows redirects inside the tenant.
class Browser {
  cookies = new Map();

  async send(address, form) {
    const url = new URL(address, issuer);
    const headers = { cookie: [...this.cookies].map(([k, v]) => `${k}=${v}`).join("; "), ...this.headers };
    if (form) Object.assign(headers, { origin: issuer, "content-type": "application/x-www-form-urlencoded" });
    const body = form && new URLSearchParams(form).toString();
    const answer = await fetch(url, { method: form ? "POST" : "GET", headers, body, redirect: "manual" });
    for (const c of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(c);
      if (value) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
    const to = answer.headers.get("location");
    if (to && new URL(to, issuer).origin === issuer) return this.send(to);
    return { status: answer.status, path: url.pathname, to: to && new URL(to), body: await answer.text(), refresh: answer.headers.get("refresh") };
  }

  // onward follows the page that leads back to the app.
  onward(page) {
    assert.ok(page.refresh, `${page.path} leads nowhere`);
    return this.send(page.refresh.replace("0; url=", ""));
  }

  signIn(user = given.user) {
    return this.send("/password", { username: user, password: given.password });
  }
}

const forward = (seconds) => fetch(new URL(`?seconds=${seconds}`, given.clock), { method: "POST" });

async function configure(app, authentication) {
  const how = authentication ?? (app.secret ? client.ClientSecretBasic(app.secret) : client.None());
  const metadata = app.alg ? { id_token_signed_response_alg: app.alg } : { id_token_signed_response_alg: "ES256" };
  const config = await client.discovery(new URL(issuer), app.id, metadata, how, { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] });
  return { config, app };
}

// ask makes an app's request and says with what its answer is checked.
async function ask({ config, app }, more = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
  const parameters = { redirect_uri: app.redirect ?? callback, scope: "openid profile email offline_access", response_type: "code", state: checks.expectedState };
  Object.assign(parameters, { nonce: checks.expectedNonce, code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256" }, more);
  for (const [name, value] of Object.entries(more)) if (value === undefined) delete parameters[name];
  if ("nonce" in more) checks.expectedNonce = more.nonce;
  const url = client.buildAuthorizationUrl(config, parameters);
  if ("response_type" in more && more.response_type === undefined) url.searchParams.delete("response_type");
  return { url, checks };
}

// arrive opens an app's request; where the tenant asks, the user signs in by password.
async function arrive(browser, app, more) {
  const { url, checks } = await ask(app, more);
  let page = await browser.send(url);
  if (page.path === "/signin") page = await browser.onward(await browser.signIn());
  assert.ok(page.to, `${page.status} ${page.path}: no redirect to the app`);
  return { at: page.to, checks };
}

const exchange = ({ config }, { at, checks }) => client.authorizationCodeGrant(config, at, checks);
const tokens = async (browser, app, more) => exchange(app, await arrive(browser, app, more));
const refused = (promise, error) => assert.rejects(promise, (e) => (e.error ?? e.cause?.error) === error || assert.fail(`${e.error ?? e.code}, want ${error}`));

// errorAt is the error with which the browser comes to the app, which the library has checked too.
async function errorAt(browser, app, more, error) {
  const { url, checks } = await ask(app, more);
  const page = await browser.send(url);
  assert.ok(page.to, `${page.status} ${page.path}: no redirect to the app`);
  await refused(client.authorizationCodeGrant(app.config, page.to, checks), error);
}

async function granted(browser, app, scope) {
  const t = await tokens(browser, app, { scope });
  return { info: await client.fetchUserInfo(app.config, t.access_token, t.claims().sub), scope: t.scope };
}

async function stays(browser, app, more) {
  const { url } = await ask(app, more);
  const page = await browser.send(url);
  assert.equal(page.status, 400);
  assert.equal(page.to, null);
  assert.match(page.body, /app_request_invalid/);
}

const head = (t) => JSON.parse(Buffer.from(t.id_token.split(".")[0], "base64url").toString());
const mail = await configure(apps.mail);
const old = await configure(apps.old);
const query = await configure(apps.query);
const tv = await configure(apps.tv);

const userinfo = (init) => fetch(`${issuer}/userinfo`, { method: "POST", ...init });

async function byStyle(b, style) {
  const right = await configure(apps.mail, style(apps.mail.secret));
  await tokens(b, right);
  const wrong = await configure(apps.mail, style("guess"));
  await assert.rejects(tokens(b, wrong), (e) => e.status === 401 && (e.error === "invalid_client" || e.code === "OAUTH_WWW_AUTHENTICATE_CHALLENGE"));
}

// onDevice begins a sign-in on a device and signs in where its code is typed.
async function onDevice(b) {
  const d = await client.initiateDeviceAuthorization(tv.config, { scope: "openid profile" });
  assert.equal(d.verification_uri, `${issuer}/device`);
  const page = await b.send(d.verification_uri_complete);
  assert.equal(page.path, "/signin");
  assert.match((await b.signIn()).body, new RegExp(d.user_code));
  return d;
}

const poll = async (d) => {
  await forward(5);
  return client.genericGrantRequest(tv.config, "urn:ietf:params:oauth:grant-type:device_code", { device_code: d.device_code });
};

const cases = {
  "OP-Response-code": (b) => tokens(b, mail),
  "OP-Response-Missing": (b) => errorAt(b, mail, { response_type: undefined }, "invalid_request"),
  "OP-IDToken-Signature": async (b) => assert.equal(head(await tokens(b, mail)).alg, "ES256"), // the library verifies it
  "OP-IDToken-kid": async (b) => {
    await tokens(b, old); // so that there are two keys
    const { kid, alg } = head(await tokens(b, mail));
    const { keys } = await (await fetch(`${issuer}/keys`)).json();
    assert.ok(keys.length >= 2 && keys.every((k) => k.kid && k.use === "sig" && !("d" in k)));
    assert.equal(keys.find((k) => k.kid === kid).alg, alg);
  },
  "OP-IDToken-RS256": async (b) => {
    const t = await tokens(b, old);
    assert.equal(head(t).alg, "RS256");
    assert.equal(head(await client.refreshTokenGrant(old.config, t.refresh_token)).alg, "RS256");
  },
  "OP-UserInfo-Endpoint": async (b) => assert.equal((await granted(b, mail, "openid email")).info.email, given.user), // fetchUserInfo compares sub
  "OP-UserInfo-Header": async (b) => {
    const t = await tokens(b, mail);
    const answer = await userinfo({ headers: { authorization: `Bearer ${t.access_token}` } });
    assert.equal((await answer.json()).sub, t.claims().sub);
    const none = await userinfo({ headers: { authorization: "Bearer made-up" } });
    assert.match(none.headers.get("www-authenticate"), /^Bearer .*error="invalid_token"/);
  },
  "OP-UserInfo-Body": async (b) => {
    const t = await tokens(b, mail);
    const answer = await userinfo({ body: new URLSearchParams({ access_token: t.access_token }) });
    assert.equal((await answer.json()).sub, t.claims().sub);
    assert.equal((await fetch(`${issuer}/userinfo?access_token=${t.access_token}`)).status, 400);
  },
  "OP-nonce-NoReq-code": async (b) => assert.equal((await tokens(b, mail, { nonce: undefined })).claims().nonce, undefined),
  "OP-nonce-code": async (b) => assert.equal((await tokens(b, mail, { nonce: "n-1" })).claims().nonce, "n-1"),
  "OP-scope-profile": async (b) => {
    const { info } = await granted(b, mail, "openid profile");
    assert.deepEqual([info.preferred_username, typeof info.name, info.email], [given.user, "string", undefined]);
  },
  "OP-scope-email": async (b) => {
    const { info } = await granted(b, mail, "openid email");
    assert.deepEqual([info.email, info.name], [given.user, undefined]);
  },
  "OP-scope-address": async (b) => assert.equal((await granted(b, mail, "openid address")).scope, "openid"),
  "OP-scope-phone": async (b) => assert.equal((await granted(b, mail, "openid phone")).scope, "openid"),
  "OP-scope-All": async (b) => assert.equal((await granted(b, mail, "openid profile email address phone")).scope, "openid profile email"),
  "other-scope-order": async (b) => assert.equal((await granted(b, mail, "email openid")).scope, "email openid"),
  "OP-display-page": (b) => tokens(b, mail, { display: "page" }),
  "OP-display-popup": (b) => tokens(b, mail, { display: "popup" }),
  "OP-prompt-login": async (b) => {
    const first = await tokens(b, mail);
    await forward(60);
    const again = await tokens(b, mail, { prompt: "login" });
    assert.ok(again.claims().auth_time >= first.claims().auth_time + 60);
  },
  "OP-prompt-none-NotLoggedIn": (b) => errorAt(b, mail, { prompt: "none" }, "login_required"),
  "OP-prompt-none-LoggedIn": async (b) => {
    const first = await tokens(b, mail);
    const again = await tokens(b, mail, { prompt: "none" });
    assert.deepEqual([again.claims().sub, again.claims().auth_time], [first.claims().sub, first.claims().auth_time]);
  },
  "OP-Req-max_age=1": async (b) => {
    const first = await tokens(b, mail, { max_age: "1" });
    await forward(2);
    await errorAt(b, mail, { max_age: "1", prompt: "none" }, "login_required");
    assert.ok((await tokens(b, mail, { max_age: "1" })).claims().auth_time > first.claims().auth_time);
  },
  "OP-Req-max_age=10000": async (b) => {
    const first = await tokens(b, mail);
    await forward(2);
    assert.equal((await tokens(b, mail, { max_age: "10000", prompt: "none" })).claims().auth_time, first.claims().auth_time);
  },
  "OP-Req-NotUnderstood": (b) => tokens(b, mail, { extra: "foobar" }),
  "OP-Req-id_token_hint": async (b) => {
    const first = await tokens(b, mail);
    const again = await tokens(b, mail, { prompt: "none", id_token_hint: first.id_token });
    assert.equal(again.claims().sub, first.claims().sub);
    const other = new Browser();
    await other.signIn(given.other);
    await errorAt(other, mail, { prompt: "none", id_token_hint: first.id_token }, "login_required");
  },
  "OP-Req-login_hint": async (b) => assert.match((await b.send((await ask(mail, { login_hint: given.user })).url)).body, new RegExp(`value="${given.user}"`)),
  "OP-Req-ui_locales": async (b) => assert.match((await b.send((await ask(mail, { ui_locales: "fr de-AT" })).url)).body, /lang="de"/),
  "OP-Req-claims_locales": (b) => tokens(b, mail, { claims_locales: "se" }),
  "OP-Req-acr_values": (b) => tokens(b, mail, { acr_values: "1 2" }),
  VerifyState: async (b) => {
    const answer = await arrive(b, mail);
    await assert.rejects(client.authorizationCodeGrant(mail.config, answer.at, { ...answer.checks, expectedState: "another" }));
    await exchange(mail, answer);
  },
  "OP-OAuth-2nd": async (b) => {
    const answer = await arrive(b, mail);
    await exchange(mail, answer);
    await refused(exchange(mail, answer), "invalid_grant");
  },
  "OP-OAuth-2nd-30s": async (b) => {
    const answer = await arrive(b, mail);
    await exchange(mail, answer);
    await forward(31);
    await refused(exchange(mail, answer), "invalid_grant");
  },
  "OP-OAuth-2nd-Revokes": async (b) => {
    const answer = await arrive(b, mail);
    const t = await exchange(mail, answer);
    await refused(exchange(mail, answer), "invalid_grant");
    await assert.rejects(client.fetchUserInfo(mail.config, t.access_token, t.claims().sub), { status: 401 });
    await refused(client.refreshTokenGrant(mail.config, t.refresh_token), "invalid_grant");
  },
  "OP-redirect_uri-NotReg": (b) => stays(b, mail, { redirect_uri: "https://mail.contoso.example/other" }),
  "OP-redirect_uri-Missing": (b) => stays(b, mail, { redirect_uri: undefined }),
  "OP-redirect_uri-Query-OK": async (b) => assert.equal((await arrive(b, query)).at.searchParams.get("tenant"), "1"),
  "OP-redirect_uri-Query-Mismatch": (b) => stays(b, query, { redirect_uri: `${callback}?tenant=2` }),
  "OP-redirect_uri-Query-Added": (b) => stays(b, mail, { redirect_uri: `${callback}?tenant=1` }),
  "OP-ClientAuth-Basic-Static": (b) => byStyle(b, client.ClientSecretBasic),
  "OP-ClientAuth-SecretPost-Static": (b) => byStyle(b, client.ClientSecretPost),
  "OP-request-Unsigned": (b) => errorAt(b, mail, { request: "e30.e30." }, "request_not_supported"),
  "OP-request_uri-Unsigned": (b) => errorAt(b, mail, { request_uri: "https://mail.contoso.example/r" }, "request_uri_not_supported"),
  "OP-claims-essential": (b) => tokens(b, mail, { claims: '{"userinfo":{"name":{"essential":true}}}' }),
  "OP-Token-refresh": async (b) => {
    const t = await tokens(b, mail);
    const again = await client.refreshTokenGrant(mail.config, t.refresh_token);
    assert.deepEqual([again.claims().sub, again.claims().auth_time], [t.claims().sub, t.claims().auth_time]);
    assert.notEqual(again.refresh_token, t.refresh_token);
  },
  "post-request": async (b) => {
    await b.signIn();
    const { url, checks } = await ask(mail);
    const page = await b.send("/authorize", Object.fromEntries(url.searchParams));
    await exchange(mail, { at: page.to, checks });
  },
  "valid-pkce": async (b) => {
    const answer = await arrive(b, mail);
    answer.checks.pkceCodeVerifier = client.randomPKCECodeVerifier();
    await refused(exchange(mail, answer), "invalid_grant");
    await errorAt(b, mail, { code_challenge_method: "plain" }, "invalid_request");
  },
  iss: async (b) => {
    const answer = await arrive(b, mail);
    assert.equal(answer.at.searchParams.get("iss"), issuer);
    answer.at.searchParams.set("iss", "https://login.fabrikam.example");
    await assert.rejects(exchange(mail, answer)); // the library refuses another's answer
    assert.equal((await b.send((await ask(mail, { response_type: "token" })).url)).to.href.includes(`iss=${encodeURIComponent(issuer)}`), true);
  },
  "acr-step-up": async (b) => {
    await refused(tokens(b, mail, { acr_values: "phr" }), "unmet_authentication_requirements");
    await forward(1);
    await errorAt(b, mail, { acr_values: "phr", prompt: "none" }, "login_required");
  },
  "prompt-consent": async (b) => {
    await b.signIn();
    for (const [decision, error] of [["deny", "access_denied"], ["let"]]) {
      const { url, checks } = await ask(mail, { prompt: "consent" });
      const page = await b.send(url);
      const id = /name="id" value="([^"]+)"/.exec(page.body)[1];
      const answer = { at: (await b.onward(await b.send("/authorize/consent", { id, decision }))).to, checks };
      if (error) await refused(exchange(mail, answer), error);
      else await exchange(mail, answer);
    }
  },
  "refresh-reuse": async (b) => {
    const first = await tokens(b, mail);
    const second = await client.refreshTokenGrant(mail.config, first.refresh_token);
    await refused(client.refreshTokenGrant(mail.config, first.refresh_token), "invalid_grant");
    await refused(client.refreshTokenGrant(mail.config, second.refresh_token), "invalid_grant");
    assert.equal((await client.tokenIntrospection(mail.config, second.access_token)).active, false);
  },
  introspection: async (b) => {
    const t = await tokens(b, mail);
    assert.equal((await client.tokenIntrospection(mail.config, t.access_token)).active, true);
    await client.tokenRevocation(mail.config, t.access_token);
    assert.equal((await client.tokenIntrospection(mail.config, t.access_token)).active, false);
  },
  "device-flow": async (b) => {
    const d = await onDevice(b);
    await refused(poll(d), "authorization_pending");
    assert.match((await b.send("/device", { user_code: d.user_code.toLowerCase() })).body, /Television/);
    assert.match((await b.send("/device/decision", { user_code: d.user_code, decision: "let" })).body, /device_approved/);
    const t = await poll(d);
    assert.deepEqual(t.claims().aud, [tv.app.id]);
    await refused(poll(d), "invalid_grant");
  },
  "device-denied": async (b) => {
    const d = await onDevice(b);
    assert.match((await b.send("/device/decision", { user_code: d.user_code, decision: "deny" })).body, /device_denied/);
    await refused(poll(d), "access_denied");
  },
  "end-session": async (b) => {
    const t = await tokens(b, mail);
    const url = client.buildEndSessionUrl(mail.config, { post_logout_redirect_uri: apps.mail.bye, id_token_hint: t.id_token });
    assert.equal((await b.send(url)).to.href, apps.mail.bye);
    await errorAt(b, mail, { prompt: "none" }, "login_required");
  },
};

for (const name of new Set([...given.names, ...Object.keys(cases)])) {
  let error = null;
  try {
    await (cases[name] ?? assert.fail("is not tried"))(new Browser());
  } catch (e) {
    error = e.stack;
  }
  console.log(JSON.stringify({ name, error }));
}
