/**
 * An OpenID Provider that nobody of this project wrote: npm's oidc-provider, with its own pages, as the issuer of a
 * federated domain.
 *
 *   node issuer.js PORT CLIENT_ID CLIENT_SECRET REDIRECT_URI
 *
 * It listens on 127.0.0.1 and calls itself http://localhost:PORT. Whoever types a name is that account: what a UPN is
 * worth there is the issuer's business, and what the tenant makes of it is what is tested.
 */
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port = "8471", client = "", secret = "", redirect = ""] = process.argv.slice(2);

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    { client_id: client, client_secret: secret, redirect_uris: [redirect], id_token_signed_response_alg: "ES256" },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256" }] },
  claims: { openid: ["sub"], profile: ["preferred_username"], email: ["email"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: `${id}@fabrikam.example` }),
  }),
  pkce: { required: () => true },
  cookies: { keys: [secret] },
});

createServer(provider.callback()).listen(Number(port), "127.0.0.1", () =>
  console.log(`issuer at http://localhost:${port}`),
);
