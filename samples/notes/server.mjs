/**
 * A second sample website, in JavaScript with npm's openid-client: notes that everybody in the organisation sees. Who is
 * signed in at the provider already, for the mail sample for instance, sees no sign-in page here: that is single sign-on.
 *
 *   node server.mjs --issuer http://localhost:8470 --client ID --secret-file FILE [--port 8491]
 *
 * Its sessions and notes live in memory.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import * as oidc from "openid-client";

const { values: args } = parseArgs({
  options: {
    issuer: { type: "string", default: "http://localhost:8470" },
    client: { type: "string", default: "" },
    "secret-file": { type: "string", default: "" },
    port: { type: "string", default: "8491" },
  },
});
const own = `http://localhost:${args.port}`;
const issuer = new URL(args.issuer);
const secret = readFileSync(args["secret-file"], "utf8").trim();
// Plain http is for a provider on this machine alone.
const execute = issuer.hostname === "localhost" ? [oidc.allowInsecureRequests] : [];
const config = await oidc.discovery(issuer, args.client, secret, undefined, { execute });
config.timeout = 10;

/** @type {Map<string, { upn: string, idToken: string }>} */
const people = new Map();
/** @type {Map<string, { state: string, nonce: string, verifier: string }>} */
const attempts = new Map();
const notes = [{ by: "bob@contoso.example", text: "The projector in room 2 works again." }];

const routes = {
  "GET /": (req, res) => {
    const person = people.get(cookie(req, "notes-session"));
    if (!person) return to(res, "/signin");
    page(res, 200, list(person.upn));
  },
  "GET /signin": async (_, res) => {
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
    const id = randomUUID();
    if (attempts.size > 1000) attempts.clear();
    attempts.set(id, { state, nonce, verifier });
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${own}/callback`,
      scope: "openid profile",
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    to(res, url.href, keep("notes-signin", id, 600));
  },
  "GET /callback": async (req, res, url) => {
    const id = cookie(req, "notes-signin");
    const attempt = attempts.get(id);
    attempts.delete(id); // once only
    if (!attempt) return page(res, 403, refused("This sign-in did not begin here."));
    const tokens = await oidc.authorizationCodeGrant(config, url, {
      expectedState: attempt.state,
      expectedNonce: attempt.nonce,
      pkceCodeVerifier: attempt.verifier,
    });
    const claims = tokens.claims();
    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    const session = randomUUID();
    people.set(session, { upn: info.preferred_username ?? claims.sub, idToken: tokens.id_token });
    to(res, "/", keep("notes-session", session, 8 * 3600), keep("notes-signin", "", 0));
  },
  "POST /add": async (req, res) => {
    const person = people.get(cookie(req, "notes-session"));
    if (!person) return to(res, "/signin");
    const text = (await form(req)).get("text")?.trim() ?? "";
    if (text && notes.length < 100) notes.unshift({ by: person.upn, text: text.slice(0, 500) });
    to(res, "/");
  },
  "POST /signout": (req, res) => {
    const id = cookie(req, "notes-session");
    const person = people.get(id);
    people.delete(id);
    const bye = { id_token_hint: person?.idToken ?? "", post_logout_redirect_uri: `${own}/` };
    to(res, person ? oidc.buildEndSessionUrl(config, bye).href : "/", keep("notes-session", "", 0));
  },
};

createServer(async (req, res) => {
  const url = new URL(req.url ?? "/", own);
  const route = routes[`${req.method} ${url.pathname}`];
  if (!route) return page(res, 404, refused("There is no such page."));
  if (req.method === "POST" && req.headers.origin !== own)
    return page(res, 403, refused("The form is not of this website."));
  try {
    await route(req, res, url);
  } catch (error) {
    console.error("notes:", error.code ?? error.name); // never what the provider sent
    page(res, 403, refused("You were not signed in."));
  }
}).listen(Number(args.port), "127.0.0.1", () => console.log(`notes at ${own}`));

const cookie = (req, name) => new RegExp(`(?:^|; )${name}=([^;]*)`).exec(req.headers.cookie ?? "")?.[1] ?? "";

const keep = (name, value, seconds) => `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax`;

function to(res, location, ...cookies) {
  res.writeHead(303, { location, "set-cookie": cookies }).end();
}

async function form(req) {
  let body = "";
  for await (const part of req) {
    body += part;
    if (body.length > 10_000) throw new Error("too long");
  }
  return new URLSearchParams(body);
}

const plain = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

function page(res, status, body) {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
  res.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
    "cache-control": "no-store",
  });
  res.end(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Notes</title><style>${STYLE}</style><body><main>${body}</main></html>`);
}

const refused = (why) => `<h1>Notes</h1><p id="why">${plain(why)}</p><p><a href="/signin">Sign in again</a></p>`;

const list = (upn) => `<header><h1>Notes</h1><b id="who">${plain(upn)}</b>
<form method="post" action="/signout"><button id="signout">Sign out</button></form></header>
<form method="post" action="/add"><label for="text">New note</label><textarea id="text" name="text" maxlength="500" rows="2" required></textarea><button id="add">Add</button></form>
<ul>${notes.map(({ by, text }) => `<li><p>${plain(text)}</p><small>${plain(by)}</small></li>`).join("")}</ul>`;

const STYLE = `:root { color-scheme: light dark; --ink: light-dark(#20261f, #e6eae4); --quiet: light-dark(#596255, #a4ada0); --sheet: light-dark(#fffef6, #23261f); --line: light-dark(#dad9c8, #3c4036); --mark: light-dark(#2f6b2a, #9bd394); }
* { box-sizing: border-box; margin: 0; } body { background: light-dark(#f3f2e7, #181a15); color: var(--ink); font: 1rem/1.5 system-ui, "Inter", sans-serif; overflow-wrap: anywhere; }
main { display: grid; gap: 1rem; max-width: 40rem; margin: 0 auto; padding: 1.25rem; } header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; }
h1 { font-size: 1.25rem; color: var(--mark); margin-inline-end: auto; } header b { font-weight: 600; } small { color: var(--quiet); } a { color: var(--mark); }
main > form { display: grid; gap: .5rem; } textarea, button { padding: .5rem .75rem; border: 1px solid var(--line); border-radius: 6px; background: var(--sheet); color: inherit; font: inherit; }
button { justify-self: end; cursor: pointer; } button:hover { border-color: var(--mark); } :focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
ul { display: grid; gap: .75rem; list-style: none; padding: 0; } li { padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--sheet); }`;
