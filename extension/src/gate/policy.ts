/**
 * May this frame use WebAuthn at all? The browser enforces permissions policy inside its own functions, which a request
 * to tallykey never enters, so the gate checks it: in the isolated world, with getters of the prototypes, because an
 * element named like a property of document hides it in every world.
 */
import type { Operation } from "../messages.ts";

interface FeaturePolicy {
  allowsFeature(feature: string): boolean;
}

/** Whether the frame's permissions policy allows op. */
export async function policyAllows(op: Operation): Promise<boolean> {
  const policy = policyOf(document);
  return policy ? policy.allowsFeature(`publickey-credentials-${op}`) : browserAllows(op);
}

function policyOf(document: Document): FeaturePolicy | undefined {
  for (const name of ["permissionsPolicy", "featurePolicy"]) {
    const getter = Object.getOwnPropertyDescriptor(Document.prototype, name)?.get;
    if (getter) return getter.call(document) as FeaturePolicy;
  }
  return undefined;
}

/** Not an RP ID anywhere: no host has such a character. */
const NOBODY = "%";

/**
 * Firefox has no policy object, but its own errors tell: policy is checked first (NotAllowedError), the RP ID second
 * (SecurityError). So nothing is ever begun: no dialog flashes, and no authenticator hears of it.
 */
async function browserAllows(op: Operation): Promise<boolean> {
  try {
    await impossible(op);
    return false;
  } catch (error) {
    return (error as Error).name === "SecurityError";
  }
}

function impossible(op: Operation): Promise<unknown> {
  const challenge = new Uint8Array(16);
  if (op === "get") return navigator.credentials.get({ publicKey: { challenge, rpId: NOBODY } });
  const user = { id: new Uint8Array(1), name: "", displayName: "" };
  const pubKeyCredParams = [{ type: "public-key" as const, alg: -7 }];
  return navigator.credentials.create({
    publicKey: { rp: { id: NOBODY, name: "" }, user, challenge, pubKeyCredParams },
  });
}
