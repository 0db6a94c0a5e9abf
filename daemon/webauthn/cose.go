package webauthn

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
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

// coseKey is an EC2 or OKP key of RFC 9052 section 7, with exactly the members that section 5.8.5 of WebAuthn asks for.
type coseKey struct {
	Type      int64  `cbor:"1,keyasint"`
	Algorithm int64  `cbor:"3,keyasint"`
	Curve     int64  `cbor:"-1,keyasint"`
	X         []byte `cbor:"-2,keyasint"`
	Y         []byte `cbor:"-3,keyasint"`
}

// The canonical encodings up to the x coordinate, 32 bytes in both.
var (
	coseHead    = []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20} // map of 5, EC2, ES256, P-256
	coseOKPHead = []byte{0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20} // map of 4, OKP, EdDSA, Ed25519
)

// EncodeCOSE writes a key as a COSE_Key in CTAP2 canonical form: 77 bytes for ES256 on P-256, 42 for EdDSA on Ed25519.
// Another kind of key is a mistake of the caller and panics.
func EncodeCOSE(pub crypto.PublicKey) []byte {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		point := uncompressed(k)
		out := append(bytes.Clone(coseHead), point[1:33]...)
		return append(append(out, 0x22, 0x58, 0x20), point[33:]...)
	case ed25519.PublicKey:
		if len(k) == ed25519.PublicKeySize {
			return append(bytes.Clone(coseOKPHead), k...)
		}
	}
	panic("webauthn: neither a P-256 nor an Ed25519 key")
}

func uncompressed(pub *ecdsa.PublicKey) []byte {
	point, err := pub.Bytes()
	if err != nil || pub.Curve != elliptic.P256() {
		panic("webauthn: not a P-256 key")
	}
	return point
}

// Algorithm is the COSE algorithm identifier of a key that EncodeCOSE takes.
func Algorithm(pub crypto.PublicKey) int64 {
	if _, ok := pub.(ed25519.PublicKey); ok {
		return EdDSA
	}
	return ES256
}

// ParseCOSE reads a COSE_Key for ES256 on P-256 or EdDSA on Ed25519 in canonical form, and nothing else. The error wraps
// ErrData.
func ParseCOSE(data []byte) (crypto.PublicKey, error) {
	key, rest, err := parseCOSEFirst(data)
	if err == nil && len(rest) != 0 {
		return nil, badData("%d bytes after the key", len(rest))
	}
	return key, err
}

func parseCOSEFirst(data []byte) (crypto.PublicKey, []byte, error) {
	var k coseKey
	rest, err := strictCBOR.UnmarshalFirst(data, &k)
	if err != nil {
		return nil, nil, badData("key is not a COSE_Key of its members")
	}
	pub, err := k.key()
	if err != nil {
		return nil, nil, err
	}
	// One key has one encoding: whoever compares keys by their bytes compares keys.
	if !bytes.Equal(EncodeCOSE(pub), data[:len(data)-len(rest)]) {
		return nil, nil, badData("key is not in canonical form")
	}
	return pub, rest, nil
}

func (k coseKey) key() (crypto.PublicKey, error) {
	switch {
	case k.Type == 1 && k.Algorithm == EdDSA && k.Curve == 6 && len(k.X) == ed25519.PublicKeySize:
		// Whether the 32 bytes are a point shows with the first signature; no signature verifies under others.
		return ed25519.PublicKey(bytes.Clone(k.X)), nil
	case k.Type == 2 && k.Algorithm == ES256 && k.Curve == 1 && len(k.X) == 32 && len(k.Y) == 32:
		point := append(append([]byte{4}, k.X...), k.Y...)
		pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		if err != nil {
			return nil, badData("key is not a point of P-256")
		}
		return pub, nil
	}
	return nil, badData("key is neither ES256 on P-256 nor EdDSA on Ed25519")
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
