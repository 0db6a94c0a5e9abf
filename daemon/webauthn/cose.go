package webauthn

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"

	"github.com/fxamacker/cbor/v2"
)

// strictCBOR takes CTAP2's form of CBOR only: definite lengths, no tags, no key twice.
var strictCBOR = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 4, MaxArrayElements: 16, MaxMapPairs: 16,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}.DecMode()
	if err != nil {
		panic("webauthn: " + err.Error()) // constant options: a build that starts once starts always
	}
	return mode
}()

// coseKey is an EC2 key of RFC 9052 section 7, with exactly the members that section 5.8.5 of WebAuthn asks for.
type coseKey struct {
	Type      int64  `cbor:"1,keyasint"`
	Algorithm int64  `cbor:"3,keyasint"`
	Curve     int64  `cbor:"-1,keyasint"`
	X         []byte `cbor:"-2,keyasint"`
	Y         []byte `cbor:"-3,keyasint"`
}

// coseHead is the canonical encoding up to the x coordinate: map of 5, kty EC2, alg ES256, crv P-256, x of 32 bytes.
var coseHead = []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}

// EncodeCOSE writes a P-256 key as a COSE_Key for ES256 in CTAP2 canonical form, 77 bytes. A key on another curve is a
// mistake of the caller and panics.
func EncodeCOSE(pub *ecdsa.PublicKey) []byte {
	point := uncompressed(pub)
	out := append(bytes.Clone(coseHead), point[1:33]...)
	return append(append(out, 0x22, 0x58, 0x20), point[33:]...)
}

func uncompressed(pub *ecdsa.PublicKey) []byte {
	point, err := pub.Bytes()
	if err != nil || pub.Curve != elliptic.P256() {
		panic("webauthn: not a P-256 key")
	}
	return point
}

// ParseCOSE reads a COSE_Key for ES256 on P-256 in canonical form, and nothing else. The error wraps ErrData.
func ParseCOSE(data []byte) (*ecdsa.PublicKey, error) {
	key, rest, err := parseCOSEFirst(data)
	if err == nil && len(rest) != 0 {
		return nil, badData("%d bytes after the key", len(rest))
	}
	return key, err
}

func parseCOSEFirst(data []byte) (*ecdsa.PublicKey, []byte, error) {
	var k coseKey
	rest, err := strictCBOR.UnmarshalFirst(data, &k)
	if err != nil {
		return nil, nil, badData("key is not a COSE_Key of five members")
	}
	if k.Type != 2 || k.Algorithm != ES256 || k.Curve != 1 || len(k.X) != 32 || len(k.Y) != 32 {
		return nil, nil, badData("key is not ES256 on P-256")
	}
	point := append(append([]byte{4}, k.X...), k.Y...)
	pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, nil, badData("key is not a point of P-256")
	}
	// One key has one encoding: whoever compares keys by their bytes compares keys.
	if !bytes.Equal(EncodeCOSE(pub), data[:len(data)-len(rest)]) {
		return nil, nil, badData("key is not in canonical form")
	}
	return pub, rest, nil
}

// AttestationObject wraps authenticatorData of a new credential with attestation format "none", section 8.7.
func AttestationObject(authData []byte) []byte {
	out := []byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData")
	return append(append(out, byteStringHead(len(authData))...), authData...)
}

// byteStringHead is the shortest head of a CBOR byte string of n bytes, n at most MaxAuthenticatorData.
func byteStringHead(n int) []byte {
	switch {
	case n < 24:
		return []byte{0x40 | byte(n)}
	case n < 256:
		return []byte{0x58, byte(n)}
	default:
		return []byte{0x59, byte(n >> 8), byte(n)}
	}
}
