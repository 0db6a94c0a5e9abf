package webauthn

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// RawSignature is the length of a P-256 signature as r and s of 32 bytes each, the form that WebCrypto makes.
const RawSignature = 64

// RawToDER turns r and s of 32 bytes each into the ASN.1 form that WebAuthn uses (section 6.5.5). The error wraps
// ErrData: another length, or a number that no signature has.
func RawToDER(raw []byte) ([]byte, error) {
	if len(raw) != RawSignature {
		return nil, badData("raw signature of %d bytes", len(raw))
	}
	r, s := new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])
	if !inRange(r) || !inRange(s) {
		return nil, badData("signature out of range")
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(r)
		b.AddASN1BigInt(s)
	})
	return b.Bytes()
}

// DERToRaw is the reverse of RawToDER. It takes strict DER only.
func DERToRaw(der []byte) ([]byte, error) {
	var r, s big.Int
	in, seq := cryptobyte.String(der), cryptobyte.String(nil)
	ok := in.ReadASN1(&seq, asn1.SEQUENCE) && in.Empty() &&
		seq.ReadASN1Integer(&r) && seq.ReadASN1Integer(&s) && seq.Empty()
	if !ok || !inRange(&r) || !inRange(&s) {
		return nil, badData("signature is not DER of P-256")
	}
	raw := make([]byte, RawSignature)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	return raw, nil
}

// inRange: r and s of ECDSA are from 1 to the order of the curve minus 1.
func inRange(n *big.Int) bool { return n.Sign() > 0 && n.Cmp(elliptic.P256().Params().N) < 0 }

// VerifySignature checks a website's signature: ECDSA with SHA-256 over authenticatorData and the hash of
// clientDataJSON, section 6.3.3. The error is ErrSignature.
func VerifySignature(pub *ecdsa.PublicKey, authData, clientDataJSON, der []byte) error {
	hash := sha256.Sum256(clientDataJSON)
	digest := sha256.Sum256(append(authData[:len(authData):len(authData)], hash[:]...))
	if !ecdsa.VerifyASN1(pub, digest[:], der) {
		return ErrSignature
	}
	return nil
}
