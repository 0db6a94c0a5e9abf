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

/**
 * Whether the policy is known to forbid op, without a question to the browser: in Firefox any request of ours would end the
 * conditional one that waits in the page. There that one tells by itself: forbidden, it ends at once and takes its offer
 * along. A page that forges an offer gains nothing, for the browser is asked when one is picked.
 */
export function policyForbids(op: Operation): boolean {
  return policyOf(document)?.allowsFeature(`publickey-credentials-${op}`) === false;
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

/** Firefox has no policy object, but its own errors tell: policy is checked first (NotAllowedError). */
async function browserAllows(op: Operation): Promise<boolean> {
  const [attempt, second] = op === "get" ? [aborted(), "AbortError"] : [impossible(), "SecurityError"];
  try {
    await attempt;
    return false;
  } catch (error) {
    return (error as Error).name === second;
  }
}

/** A call that is aborted right after it began shows nothing. It ends a conditional one of the document, as any would. */
function aborted(): Promise<unknown> {
  const controller = new AbortController();
  const attempt = navigator.credentials.get({
    publicKey: { challenge: new Uint8Array(16) },
    signal: controller.signal,
  });
  controller.abort();
  return attempt;
}

/** A registration for an RP ID that cannot be one never begins, so no authenticator makes a key before an abort comes. */
function impossible(): Promise<unknown> {
  const user = { id: new Uint8Array(1), name: "", displayName: "" };
  const pubKeyCredParams = [{ type: "public-key" as const, alg: -7 }];
  const rp = { id: NOBODY, name: "" };
  return navigator.credentials.create({ publicKey: { rp, user, challenge: new Uint8Array(16), pubKeyCredParams } });
}
