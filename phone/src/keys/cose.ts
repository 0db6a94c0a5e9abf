import type { Bytes } from "../link/bytes";
import { concat } from "../link/bytes";

/** COSE algorithm identifiers (RFC 9053 sections 2.1 and 2.2) of the keys that this phone makes. */
export const es256 = -7;
/** Ed25519; see es256. */
export const eddsa = -8;
/** One of es256 and eddsa. */
export type Algorithm = typeof es256 | typeof eddsa;

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

/**
 * COSE_Key, OKP, EdDSA, Ed25519 (RFC 9053 section 7.2), in canonical CBOR.
 * @param x the public key, 32 bytes
 */
export function coseOKP(x: Bytes): Bytes {
  return concat(Uint8Array.of(0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20), x);
}

// SubjectPublicKeyInfo of a P-256 key up to the point (RFC 5480 section 2): the same in every one.
const spkiHead = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

/** The COSE_Key of a P-256 key given as SubjectPublicKeyInfo; undefined for any other key. */
export function coseOfSPKI(spki: Bytes): Bytes | undefined {
  const head = Array.from(spki.subarray(0, 26), (b) => b.toString(16).padStart(2, "0")).join("");
  return head === spkiHead && spki.length === 91 && spki[26] === 4 ? cose(spki.subarray(26)) : undefined;
}
