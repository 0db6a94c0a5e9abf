import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Desktop } from "./desktop.ts";
import type { Program } from "./program.ts";

/** How the tenant knows the server. */
export interface Client {
  id: string;
  secret: string;
  issuer: string;
}

const MODULES = ["mpm_event", "authn_core", "authz_core", "authz_user", "dir", "include", "mime", "auth_openidc"];

/** Apache with mod_auth_openidc, a product of others, in front of one page. It says no "ready": ask it. */
export function apache(desktop: Desktop, folder: string, port: number, client: Client): Program {
  const site = join(folder, "site");
  mkdirSync(site, { recursive: true });
  writeFileSync(
    join(site, "index.shtml"),
    `<!doctype html><title>Wiki</title><h1>Wiki of <!--#echo var="REMOTE_USER" --></h1>`,
  );
  const file = join(folder, "httpd.conf");
  writeFileSync(file, config(folder, site, port, client));
  chmodSync(file, 0o600);
  return desktop.session.program("apache", [...unprivileged(), "/usr/sbin/apache2", "-f", file, "-DFOREGROUND"]);
}

function config(folder: string, site: string, port: number, { id, secret, issuer }: Client): string {
  return `${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join("\n")}
ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/httpd.pid
ErrorLog ${folder}/error.log
ServerName localhost
Listen 127.0.0.1:${port}
TypesConfig /dev/null
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
DocumentRoot ${site}
DirectoryIndex index.shtml

OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${id}
OIDCClientSecret ${secret}
OIDCRedirectURI http://localhost:${port}/signed-in
OIDCCryptoPassphrase ${secret}
OIDCScope "openid profile"
OIDCPKCEMethod S256
OIDCRemoteUserClaim preferred_username
<Location />
  Options +Includes
  AuthType openid-connect
  Require valid-user
</Location>
`;
}

/** Apache refuses to serve as root, which a test in a container may be: there it is somebody else in its own eyes. */
function unprivileged(): string[] {
  return process.getuid?.() === 0 ? ["unshare", "--user", "--map-user=1000", "--map-group=1000"] : [];
}
