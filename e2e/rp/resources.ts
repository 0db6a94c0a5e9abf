/**
 * What terminals sign in to: a registry of images and a Kubernetes API, as much of each as a client needs to read one
 * thing. The registry takes an access token as a password and asks the issuer whose it is; the API takes ID tokens and
 * verifies them by the issuer's keys, as clusters with OpenID Connect do.
 *
 *   node resources.js PORT KEY CERTIFICATE ISSUER CLIENT
 */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { createRemoteJWKSet, jwtVerify } from "jose";

const [port, key = "", cert = "", issuer = "", client = ""] = process.argv.slice(2);
const keys = createRemoteJWKSet(new URL(`${issuer}/keys`));

const MANIFEST = {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: { mediaType: "application/vnd.oci.image.config.v1+json", size: 2, digest: `sha256:${"0".repeat(64)}` },
  layers: [],
};

/** Who asks the registry; undefined where the password is no token of theirs. */
async function reader(authorization: string): Promise<string | undefined> {
  const [, basic = ""] = /^Basic (\S+)$/.exec(authorization) ?? [];
  const [, name, token] = /^([^:]+):(.+)$/.exec(Buffer.from(basic, "base64").toString()) ?? [];
  if (!name || !token) return undefined;
  const response = await fetch(`${issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) return undefined;
  const { preferred_username: account } = (await response.json()) as { preferred_username?: string };
  return account === name ? account : undefined;
}

/** The subject who asks the cluster; undefined where the token is none of the issuer's for this client. */
async function member(authorization: string): Promise<string | undefined> {
  const [, token = ""] = /^Bearer (\S+)$/.exec(authorization) ?? [];
  try {
    const { payload } = await jwtVerify(token, keys, { issuer, audience: client });
    return payload.sub;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, type: string, body: object): void {
  response.writeHead(status, { "content-type": type }).end(JSON.stringify(body));
}

async function registry(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const account = await reader(request.headers.authorization ?? "");
  if (!account) {
    response.setHeader("www-authenticate", 'Basic realm="registry"');
    return send(response, 401, "application/json", { errors: [{ code: "UNAUTHORIZED", message: "sign in" }] });
  }
  const annotations = { "example.contoso.reader": account };
  if (request.url?.includes("/manifests/")) send(response, 200, MANIFEST.mediaType, { ...MANIFEST, annotations });
  else send(response, 200, "application/json", {});
}

async function cluster(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const account = await member(request.headers.authorization ?? "");
  const status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    reason: "Unauthorized",
    code: 401,
  };
  if (!account) return send(response, 401, "application/json", { ...status, message: "Unauthorized" });
  const metadata = { name: "default", annotations: { reader: account } };
  send(response, 200, "application/json", { kind: "Namespace", apiVersion: "v1", metadata });
}

const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
  const answer = request.url?.startsWith("/v2/") ? registry : cluster;
  answer(request, response).catch(() => response.writeHead(500).end());
});
server.listen(Number(port), "127.0.0.1", () => console.log("resources are up"));
