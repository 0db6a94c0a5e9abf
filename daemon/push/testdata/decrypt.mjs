// Reads {body, key, auth} as base64url from standard input, decrypts the body by http_ece, which shares no code with
// this project, and writes what was in it.
import { createECDH } from "node:crypto";
import { readFileSync } from "node:fs";
import ece from "http_ece";

const input = JSON.parse(readFileSync(0, "utf8"));
const privateKey = createECDH("prime256v1");
privateKey.setPrivateKey(Buffer.from(input.key, "base64url"));
process.stdout.write(
  ece.decrypt(Buffer.from(input.body, "base64url"), { version: "aes128gcm", privateKey, authSecret: input.auth }),
);
