// The platform credential: WebAuthn on this phone, with user verification, for approvals. It proves the person; the
// device key proves the phone. Both functions must be called inside a tap: Safari forgets the tap after an await.
import type { Bytes } from "../link/bytes";
import { encodeBase64url, random } from "../link/bytes";
import { coseOfSPKI } from "./cose";
import type { Keeper } from "./registration";
import { prfSalt } from "./registration";

/** Whether this phone has a screen lock that a web page can ask for. */
export async function hasScreenLock(): Promise<boolean> {
  const available = globalThis.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable;
  return available ? available.call(PublicKeyCredential).catch(() => false) : false;
}

/**
 * A platform credential that was made, or that verified the person. Its secret is what keys are encrypted under; it
 * never leaves this page.
 */
export interface Verified extends Keeper {
  /** Credential ID. */
  id: Bytes;
  /** RegistrationResponseJSON or AuthenticationResponseJSON, without client extension results. */
  json: object;
  /** On creation: its COSE_Key, where the browser gives it and it is one that desktops take. */
  publicKey: Bytes | undefined;
}

/** What verifies the person: this phone's own means, or in a trial the app PIN. Both are called inside a tap. */
export interface Verifier {
  /** Makes the platform credential. */
  create(challenge: Bytes, phone: string, ms: number, signal: AbortSignal): Promise<Verified>;
  /** Has the person verified by it. */
  get(challenge: Bytes, id: Bytes, ms: number, signal: AbortSignal): Promise<Verified>;
  /** Whether it can: the phone has a screen lock, or the app a PIN. */
  ready(): Promise<boolean>;
}

/**
 * Makes the platform credential, one for all desktops. Its user handle is random, because a credential with the handle of an
 * earlier one would replace it.
 */
export async function create(challenge: Bytes, phone: string, ms: number, signal: AbortSignal): Promise<Verified> {
  const publicKey: PublicKeyCredentialCreationOptions = {
    rp: { name: "tallykey" },
    user: { id: random(32), name: phone, displayName: phone },
    challenge,
    pubKeyCredParams: [-7, -257].map((alg) => ({ type: "public-key", alg })),
    authenticatorSelection: {
      authenticatorAttachment: "platform",
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    },
    attestation: "none",
    timeout: ms,
    extensions: { prf: {} },
  };
  const c = (await navigator.credentials.create({ publicKey, signal })) as PublicKeyCredential;
  const spki = (c.response as AuthenticatorAttestationResponse).getPublicKey();
  const protection = c.getClientExtensionResults().prf?.enabled === true ? "prf" : "device";
  const own = { protection, publicKey: spki ? coseOfSPKI(bytes(spki)) : undefined } as const;
  return { ...common(c), ...own, json: registrationJSON(c) };
}

/** Has the person verified by a platform credential that was made earlier. */
export async function get(challenge: Bytes, id: Bytes, ms: number, signal: AbortSignal): Promise<Verified> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge,
    allowCredentials: [{ type: "public-key", id, transports: ["internal"] }],
    userVerification: "required",
    timeout: ms,
    extensions: { prf: { eval: { first: prfSalt } } },
  };
  const c = (await navigator.credentials.get({ publicKey, signal })) as PublicKeyCredential;
  return { ...common(c), json: assertionJSON(c), publicKey: undefined };
}

/** Asks this phone's screen lock, fingerprint or face. */
export const platformVerifier: Verifier = { create, get, ready: hasScreenLock };

function common(c: PublicKeyCredential): Pick<Verified, "id" | "protection" | "secret"> {
  const first = c.getClientExtensionResults().prf?.results?.first;
  return { id: new Uint8Array(c.rawId), protection: first ? "prf" : "device", secret: first && bytes(first) };
}

/** The JSON is built from what it may hold. toJSON() would hold the extension results, and so the PRF output. */
function registrationJSON(c: PublicKeyCredential): object {
  const r = c.response as AuthenticatorAttestationResponse;
  return json(c, {
    clientDataJSON: text(r.clientDataJSON),
    attestationObject: text(r.attestationObject),
    authenticatorData: text(r.getAuthenticatorData()),
    transports: r.getTransports(),
    publicKey: text(r.getPublicKey() ?? new ArrayBuffer(0)),
    publicKeyAlgorithm: r.getPublicKeyAlgorithm(),
  });
}

function assertionJSON(c: PublicKeyCredential): object {
  const r = c.response as AuthenticatorAssertionResponse;
  return json(c, {
    clientDataJSON: text(r.clientDataJSON),
    authenticatorData: text(r.authenticatorData),
    signature: text(r.signature),
    ...(r.userHandle && { userHandle: text(r.userHandle) }),
  });
}

function json(c: PublicKeyCredential, response: object): object {
  const attachment = c.authenticatorAttachment ?? "platform";
  return { id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: attachment, response };
}

function text(b: ArrayBuffer): string {
  return encodeBase64url(new Uint8Array(b));
}

function bytes(source: BufferSource): Bytes {
  return source instanceof ArrayBuffer
    ? new Uint8Array(source)
    : new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength);
}
