/**
 * A push service with one subscription, whose phone it stands for, too.
 *
 *   node push.mjs HOST CERTIFICATE KEY
 *
 * It listens on port 443 and prints the subscription, then a line of JSON for each message: what http_ece, which shares
 * no code with this project, decrypts of it, its headers, and whose signature it has.
 */
import { createECDH, createPublicKey, randomBytes, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import ece from "http_ece";

const [host, cert, key] = process.argv.slice(2);
const privateKey = createECDH("prime256v1");
privateKey.generateKeys();
const authSecret = randomBytes(16).toString("base64url");
const path = `/${randomBytes(12).toString("hex")}`;

/** Checks the JWT as RFC 8292 wants it, and returns its claims. */
function signed(authorization = "") {
  const [, token = "", k = ""] = /^vapid t=([\w.-]+),k=([\w-]+)$/.exec(authorization) ?? [];
  const [header, claims, signature] = token.split(".");
  const point = Buffer.from(k, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url"));
  const jwk = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
  const data = Buffer.from(`${header}.${claims}`);
  const genuine = verify("sha256", data, { key: jwk, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
  return { k, genuine, ...JSON.parse(Buffer.from(claims, "base64url").toString()) };
}

const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.method !== "POST" || request.url !== path) return response.writeHead(404).end();
  const text = ece.decrypt(Buffer.concat(chunks), { version: "aes128gcm", privateKey, authSecret }).toString();
  const { authorization, ...headers } = request.headers;
  console.log(JSON.stringify({ message: text, headers, vapid: signed(authorization) }));
  response.writeHead(201).end();
});
server.listen(443, host, () => {
  const p256dh = privateKey.getPublicKey().toString("base64url");
  console.log(JSON.stringify({ endpoint: `https://${host}${path}`, p256dh, auth: authSecret }));
});
