// e2e/rp/server.ts
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse
} from "@simplewebauthn/server";
var port = Number(process.argv[2] ?? "8480");
var site = { rpID: "localhost", origin: `http://localhost:${port}` };
var accounts = /* @__PURE__ */ new Map();
var ceremonies = /* @__PURE__ */ new Map();
var steps = {
  "/register/options": async ({ account = "" }) => {
    const entry = accounts.get(account) ?? { name: account, credentials: [] };
    accounts.set(account, entry);
    const options = await generateRegistrationOptions({
      rpName: "Shop",
      rpID: site.rpID,
      userName: account,
      userID: new TextEncoder().encode(account),
      excludeCredentials: entry.credentials.map(({ id }) => ({ id })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" }
    });
    return begin(options, options.challenge, entry);
  },
  "/register/verify": async (ask) => {
    const { challenge, account } = finish(ask);
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: ask.response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpID,
      requireUserVerification: true
    });
    if (registrationInfo) account?.credentials.push(registrationInfo.credential);
    return {
      verified,
      account: account?.name,
      backedUp: registrationInfo?.credentialBackedUp,
      aaguid: registrationInfo?.aaguid
    };
  },
  "/signin/options": async ({ account }) => {
    const entry = account === void 0 ? void 0 : accounts.get(account);
    const allow = entry ? { allowCredentials: entry.credentials.map(({ id }) => ({ id })) } : {};
    const options = await generateAuthenticationOptions({ rpID: site.rpID, userVerification: "required", ...allow });
    return begin(options, options.challenge, entry);
  },
  "/signin/verify": async (ask) => {
    const { challenge } = finish(ask);
    const response = ask.response;
    const [account, credential] = find(response.id);
    const { verified } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpID,
      credential,
      requireUserVerification: true
    });
    return { verified, account: account.name };
  }
};
function begin(options, challenge, account) {
  const ceremony = randomUUID();
  ceremonies.set(ceremony, account ? { challenge, account } : { challenge });
  return { ceremony, options };
}
function finish(ask) {
  const found = ceremonies.get(ask.ceremony ?? "");
  ceremonies.delete(ask.ceremony ?? "");
  if (!found) throw new Error("no such ceremony");
  return found;
}
function find(id) {
  for (const account of accounts.values()) {
    const credential = account.credentials.find((held) => held.id === id);
    if (credential) return [account, credential];
  }
  throw new Error("nobody has this credential");
}
async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url ?? "/", site.origin);
  const step = request.method === "POST" ? steps[pathname] : void 0;
  if (step) {
    const done = await step(JSON.parse(await body(request))).catch((failure) => ({
      refused: failure.message
    }));
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(done));
  } else if (pathname === "/page.js") {
    response.writeHead(200, { "content-type": "text/javascript" }).end(readFileSync(new URL("./page.js", import.meta.url)));
  } else if (pathname === "/" || pathname === "/around") {
    const headers = { "content-type": "text/html; charset=utf-8", ...policy(searchParams) };
    response.writeHead(200, headers).end(pathname === "/" ? page("") : page(frame(searchParams)));
  } else {
    response.writeHead(404).end();
  }
}
function frame(query) {
  const attributes = ["src", "sandbox", "allow"].filter((name) => query.has(name));
  return `<iframe ${attributes.map((name) => `${name}="${query.get(name)?.replaceAll('"', "")}"`).join(" ")}></iframe>`;
}
function policy(query) {
  const value = query.get("policy");
  return value ? { "permissions-policy": value } : {};
}
var page = (content) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">
<h1>Shop</h1>${content}<output></output><script src="/page.js"></script></html>`;
async function body(request) {
  let text = "";
  for await (const piece of request) text += String(piece);
  return text;
}
var server = createServer((request, response) => {
  answer(request, response).catch((failure) => response.writeHead(500).end(failure.message));
});
server.listen(port, "127.0.0.1", () => console.log(`shop at ${site.origin}`));
