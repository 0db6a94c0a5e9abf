// Package webauthn is the part of Web Authentication Level 3 that a client and an authenticator share: RP IDs, options,
// clientDataJSON, authenticatorData, signatures and the JSON forms of the answers. Pure functions, no I/O, no clock and
// no randomness: whoever calls brings them. Section numbers are those of https://www.w3.org/TR/webauthn-3/.
//
// The authenticator is the phone; its keys are ES256 on P-256 or EdDSA on Ed25519, so nothing else is read or written.
// As a crypto.PublicKey such a key is an *ecdsa.PublicKey or an ed25519.PublicKey.
package webauthn

import (
	"encoding/base64"
	"errors"
	"fmt"
)

var (
	// ErrOptions means the website's options are malformed: api code options_invalid.
	ErrOptions = errors.New("webauthn: malformed options")
	// ErrUnsupported means the options are sound and ask for something that a phone can't do: api code
	// options_unsupported.
	ErrUnsupported = errors.New("webauthn: unsupported options")
	// ErrOrigin means that an origin may not use WebAuthn, or not with this RP ID: api code origin_mismatch.
	ErrOrigin = errors.New("webauthn: origin does not fit the RP ID")
	// ErrData means that bytes are no authenticatorData, COSE key or signature of the one kind this package takes.
	ErrData = errors.New("webauthn: malformed authenticator data")
	// ErrSignature means that a well-formed signature is not the key's over the data.
	ErrSignature = errors.New("webauthn: signature does not verify")
)

// AAGUID is the model of tallykey's authenticator, 52c60b3a-4ddd-446e-9ffe-087aa54f2079: random, chosen once, the same
// for every phone, so that it tells a website the product and never the person.
var AAGUID = [16]byte{0x52, 0xc6, 0x0b, 0x3a, 0x4d, 0xdd, 0x44, 0x6e, 0x9f, 0xfe, 0x08, 0x7a, 0xa5, 0x4f, 0x20, 0x79}

// COSE algorithm identifiers of the keys that a phone makes (RFC 9053 section 2).
const (
	ES256 = -7 // ECDSA with SHA-256, here always on P-256
	EdDSA = -8 // here always on Ed25519
)

// b64 is base64url without padding. It is strict: what is decoded here is encoded again for the website to compare.
var b64 = base64.RawURLEncoding.Strict()

func badData(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrData, fmt.Sprintf(format, a...))
}
