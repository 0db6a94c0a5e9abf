import { sign } from "../keys/device";
import type { Verifier } from "../keys/platform";
import { version } from "../link/limits";
import type { Hello, PairWith } from "../link/message";
import type { Offer } from "../link/offer";
import type { Place } from "../link/sdp";
import type { Secret } from "../link/ufrag";
import { helloProof, importSecret } from "../link/ufrag";
import type { Desktop } from "../store/records";
import { place } from "../store/records";

/** What this phone calls itself. */
export interface Self {
  name: string;
  /** Product and version: "web/0.1.0". */
  app: string;
  /** Of this page: the platform credential is bound to it. */
  origin: string;
  /** Has the person verified. */
  verifier: Verifier;
}

/** A desktop as a session needs it. */
export interface Peer {
  place: Place;
  secret: Secret;
  /** The first message on a connection. */
  greeting(ufrag: string): Promise<Hello | PairWith>;
}

/** A paired desktop. */
export function pairedPeer(d: Desktop, { name, app }: Self): Peer {
  const greeting = async (ufrag: string): Promise<Hello> => {
    const signature = await sign(d.deviceKey, helloProof(ufrag));
    return { type: "hello", v: version, phone: d.phone, name, app, signature };
  };
  return { place: place(d), secret: d.secret, greeting };
}

/** A desktop that shows a pairing link. */
export async function offerPeer(o: Offer, { name, app, origin }: Self): Promise<Peer> {
  const greeting = async (): Promise<PairWith> => ({ type: "pairWith", v: version, name, app, origin });
  return { place: o, secret: await importSecret(o.secret), greeting };
}
