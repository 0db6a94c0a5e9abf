import type { Bytes } from "./bytes";
import { concat, sha256, utf8 } from "./bytes";
import type { Action } from "./message";

/** Everything that a person is shown and decides on, and what the decision is for; see phone/link/approval.go. */
export interface Approval {
  request: string;
  action: Action;
  desktop: string;
  origin: string;
  rpId: string;
  credential: string;
  account: string;
  number: string;
  /** authenticatorData and the SHA-256 of clientDataJSON; for pairing the device key. */
  payload: Bytes;
}

/** The challenge of the platform credential's ceremony, which the device key signs as well. */
export function challenge(a: Approval): Promise<Bytes> {
  const texts = ["tallykey/1 approval", a.request, a.action, a.desktop, a.origin, a.rpId, a.credential, a.account];
  return sha256(concat(...[...texts, a.number].map((t) => field(utf8(t))), field(a.payload)));
}

/** Each field is preceded by its length, so that no two different approvals have the same encoding. */
function field(bytes: Bytes): Bytes {
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, bytes.length);
  return concat(new Uint8Array(length.buffer), bytes);
}
