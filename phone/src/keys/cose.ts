import type { Bytes } from "../link/bytes";
import { concat } from "../link/bytes";

/**
 * COSE_Key, EC2, ES256, P-256 (RFC 9053 section 7.1), in canonical CBOR.
 * @param point 0x04, x, y
 */
export function cose(point: Bytes): Bytes {
  const x = point.subarray(1, 33);
  const y = point.subarray(33, 65);
  return concat(
    Uint8Array.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20),
    x,
    Uint8Array.of(0x22, 0x58, 0x20),
    y,
  );
}

// SubjectPublicKeyInfo of a P-256 key up to the point (RFC 5480 section 2): the same in every one.
const spkiHead = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

/** The COSE_Key of a P-256 key given as SubjectPublicKeyInfo; undefined for any other key. */
export function coseOfSPKI(spki: Bytes): Bytes | undefined {
  const head = Array.from(spki.subarray(0, 26), (b) => b.toString(16).padStart(2, "0")).join("");
  return head === spkiHead && spki.length === 91 && spki[26] === 4 ? cose(spki.subarray(26)) : undefined;
}
