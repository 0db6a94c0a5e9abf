import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** A key and a certificate that it signed itself, as files. */
export interface Certificate {
  key: string;
  certificate: string;
}

/** Makes a certificate of a website under these names, good for two days. */
export function makeCertificate(folder: string, name: string, hosts: readonly string[]): Certificate {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const alternatives = hosts.map((host) => `DNS:${host}`).join();
  const subject = ["-subj", `/CN=${hosts[0]}`, "-addext", `subjectAltName=${alternatives}`];
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...made, ...subject], { stdio: "pipe" });
  return { key, certificate };
}
