/**
 * Websites of one company under several names, one of which says in its /.well-known/webauthn who may ask for its
 * passkeys (WebAuthn section 5.11).
 *
 *   node related.js ADDRESS KEY CERTIFICATE ORIGIN...
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

const [address, key = "", cert = "", ...origins] = process.argv.slice(2);

const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, ({ url }, response) => {
  if (url === "/.well-known/webauthn")
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ origins }));
  else
    response
      .writeHead(200, { "content-type": "text/html; charset=utf-8" })
      .end('<!doctype html><title>Contoso</title><link rel="icon" href="data:,"><h1>Contoso</h1>');
});
server.listen(443, address, () => console.log("websites are up"));
