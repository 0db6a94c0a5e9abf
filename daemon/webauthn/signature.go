package webauthn

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// RawSignature is the length of a signature as WebCrypto makes it: r and s of 32 bytes each by a P-256 key, and 64 bytes
// by an Ed25519 key (RFC 8032).
const RawSignature = 64

// WebSignature turns a signature of RawSignature bytes into the form that a website takes for this kind of key, section
// 6.5.5: ASN.1 for ES256, the bytes as they are for EdDSA. The error wraps ErrData.
func WebSignature(pub crypto.PublicKey, raw []byte) ([]byte, error) {
	if Algorithm(pub) == ES256 {
		return RawToDER(raw)
	}
	if len(raw) != RawSignature {
		return nil, badData("raw signature of %d bytes", len(raw))
	}
	return raw, nil
}

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

// inRange: r and s of ECDSA are from 1 to the order of the curve minus 1.
func inRange(n *big.Int) bool { return n.Sign() > 0 && n.Cmp(elliptic.P256().Params().N) < 0 }

// VerifySignature checks a website's signature over authenticatorData and the hash of clientDataJSON, section 6.3.3, in
// the form that WebSignature gives it. The error is ErrSignature.
func VerifySignature(pub crypto.PublicKey, authData, clientDataJSON, signature []byte) error {
	hash := sha256.Sum256(clientDataJSON)
	if !verifies(pub, append(authData[:len(authData):len(authData)], hash[:]...), signature) {
		return ErrSignature
	}
	return nil
}

func verifies(pub crypto.PublicKey, data, signature []byte) bool {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(data)
		return ecdsa.VerifyASN1(k, digest[:], signature)
	case ed25519.PublicKey:
		return ed25519.Verify(k, data, signature)
	}
	return false
}
