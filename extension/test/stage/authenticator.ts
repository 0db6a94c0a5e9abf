/** A software authenticator: enough of WebAuthn to answer as a daemon and its phone would. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type { CredentialJSON } from "../../src/messages.ts";
import type { CeremonyParams } from "../../src/protocol.ts";

interface Key {
  id: Buffer;
  user: string;
  rpId: string;
  privateKey: KeyObject;
}

type Options = {
  challenge: string;
  rp?: { id?: string };
  rpId?: string;
  user?: { id: string };
  pubKeyCredParams?: { alg: number }[];
  allowCredentials?: { id: string }[];
};

export class SoftwareAuthenticator {
  readonly #keys: Key[] = [];

  /** RegistrationResponseJSON, of a key of the first algorithm that the site takes and this can make. */
  create(params: CeremonyParams): CredentialJSON {
    const options = params.options as Options;
    const alg = options.pubKeyCredParams?.find((one) => one.alg === -7 || one.alg === -8)?.alg ?? -7;
    const { publicKey, privateKey } =
      alg === -8 ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
    const id = randomBytes(32);
    const rpId = options.rp?.id ?? new URL(params.origin).hostname;
    this.#keys.push({ id, rpId, privateKey, user: options.user?.id ?? "" });
    const length = Buffer.from([0, id.length]);
    const data = Buffer.concat([authData(rpId, 0x45), Buffer.alloc(16), length, id, cose(publicKey)]);
    return wrap(id, {
      clientDataJSON: clientData("webauthn.create", params, options.challenge),
      authenticatorData: data.toString("base64url"),
      attestationObject: attestation(data).toString("base64url"),
      transports: ["internal"],
      publicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64url"),
      publicKeyAlgorithm: alg,
    });
  }

  /** AuthenticationResponseJSON, of the key that was made last or that the site allows. */
  get(params: CeremonyParams): CredentialJSON {
    const options = params.options as Options;
    const allowed = options.allowCredentials?.map((descriptor) => descriptor.id);
    const key = this.#keys.findLast((one) => !allowed || allowed.includes(one.id.toString("base64url")));
    if (!key) throw new Error("no such key");
    const data = authData(key.rpId, 0x05);
    const client = clientData("webauthn.get", params, options.challenge);
    const signed = Buffer.concat([data, sha256(Buffer.from(client, "base64url"))]);
    return wrap(key.id, {
      clientDataJSON: client,
      authenticatorData: data.toString("base64url"),
      signature: sign(key.privateKey.asymmetricKeyType === "ec" ? "sha256" : null, signed, key.privateKey).toString("base64url"),
      userHandle: key.user,
    });
  }
}

function wrap(id: Buffer, response: CredentialJSON["response"]): CredentialJSON {
  const text = id.toString("base64url");
  const rest = { type: "public-key", authenticatorAttachment: "cross-platform", clientExtensionResults: {} };
  return { id: text, rawId: text, response, ...rest };
}

function clientData(type: string, { origin, crossOrigin, topOrigin }: CeremonyParams, challenge: string): string {
  const json = JSON.stringify({ type, challenge, origin, crossOrigin, ...(topOrigin && { topOrigin }) });
  return Buffer.from(json).toString("base64url");
}

function authData(rpId: string, flags: number): Buffer {
  return Buffer.concat([sha256(Buffer.from(rpId)), Buffer.from([flags, 0, 0, 0, 0])]);
}

/** CBOR of {"fmt": "none", "attStmt": {}, "authData": data}. */
function attestation(data: Buffer): Buffer {
  const head = Buffer.from("a363666d74646e6f6e656761747453746d74a068617574684461746159", "hex");
  return Buffer.concat([head, Buffer.from([data.length >> 8, data.length & 255]), data]);
}

function cose(key: KeyObject): Buffer {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  if (!y) return Buffer.from(`a4010103272006215820${Buffer.from(x, "base64url").toString("hex")}`, "hex");
  const parts = ["a5010203262001215820", Buffer.from(x, "base64url").toString("hex"), "225820"];
  return Buffer.from([...parts, Buffer.from(y, "base64url").toString("hex")].join(""), "hex");
}

const sha256 = (data: Buffer): Buffer => createHash("sha256").update(data).digest();
