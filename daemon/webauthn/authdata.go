package webauthn

import (
	"bytes"
	"crypto"
	"encoding/binary"
)

// Limits of authenticatorData in bytes.
const (
	// MaxCredentialID is the longest credential ID that section 4 allows.
	MaxCredentialID = 1023
	// MinCredentialID is the shortest one: 16 bytes hold the 100 bits of entropy that section 4 demands.
	MinCredentialID = 16
	// MaxAuthenticatorData bounds what ParseAuthenticatorData looks at.
	MaxAuthenticatorData = 4096
)

const headBytes = 32 + 1 + 4 // rpIdHash, flags, signCount

// AuthenticatorData is what an authenticator says and signs, section 6.1.
type AuthenticatorData struct {
	RPIDHash   [32]byte // SHA-256 of the RP ID
	Flags      Flags
	Counter    uint32
	Attested   *AttestedCredential // on creation only
	Extensions []byte              // one CBOR map, or empty
}

// AttestedCredential is a new credential, section 6.5.1.
type AttestedCredential struct {
	AAGUID    [16]byte
	ID        []byte           // MinCredentialID to MaxCredentialID bytes
	PublicKey crypto.PublicKey // *ecdsa.PublicKey on P-256 or ed25519.PublicKey
}

// Encode writes the data. AT and ED follow from Attested and Extensions, whatever Flags says of them.
func (a AuthenticatorData) Encode() []byte {
	flags := a.Flags &^ (AT | ED)
	if a.Attested != nil {
		flags |= AT
	}
	if len(a.Extensions) > 0 {
		flags |= ED
	}
	out := append(a.RPIDHash[:len(a.RPIDHash):len(a.RPIDHash)], byte(flags))
	out = binary.BigEndian.AppendUint32(out, a.Counter)
	if c := a.Attested; c != nil {
		out = append(out, c.AAGUID[:]...)
		out = binary.BigEndian.AppendUint16(out, uint16(len(c.ID)))
		out = append(append(out, c.ID...), EncodeCOSE(c.PublicKey)...)
	}
	return append(out, a.Extensions...)
}

// ParseAuthenticatorData reads authenticatorData and nothing but it: the encoding must be the one that Encode writes.
// The error wraps ErrData.
func ParseAuthenticatorData(data []byte) (AuthenticatorData, error) {
	if len(data) < headBytes || len(data) > MaxAuthenticatorData {
		return AuthenticatorData{}, badData("%d bytes", len(data))
	}
	a := AuthenticatorData{RPIDHash: [32]byte(data), Flags: Flags(data[32]), Counter: binary.BigEndian.Uint32(data[33:])}
	if err := a.Flags.check(); err != nil {
		return AuthenticatorData{}, err
	}
	rest := data[headBytes:]
	var err error
	if a.Flags.Has(AT) {
		if a.Attested, rest, err = parseAttested(rest); err != nil {
			return AuthenticatorData{}, err
		}
	}
	if a.Extensions, err = parseExtensions(a.Flags, rest); err != nil {
		return AuthenticatorData{}, err
	}
	return a, nil
}

func parseAttested(data []byte) (*AttestedCredential, []byte, error) {
	if len(data) < 18 {
		return nil, nil, badData("attested credential of %d bytes", len(data))
	}
	c := &AttestedCredential{AAGUID: [16]byte(data)}
	n := int(binary.BigEndian.Uint16(data[16:]))
	data = data[18:]
	if n < MinCredentialID || n > MaxCredentialID || n > len(data) {
		return nil, nil, badData("credential ID of %d bytes", n)
	}
	c.ID = bytes.Clone(data[:n])
	key, rest, err := parseCOSEFirst(data[n:])
	if err != nil {
		return nil, nil, err
	}
	c.PublicKey = key
	return c, rest, nil
}

// parseExtensions takes the rest: one CBOR map where the flags promise it, else nothing.
func parseExtensions(f Flags, rest []byte) ([]byte, error) {
	if !f.Has(ED) {
		if len(rest) != 0 {
			return nil, badData("%d bytes too many", len(rest))
		}
		return nil, nil
	}
	var m map[string]any
	if err := strictCBOR.Unmarshal(rest, &m); err != nil || m == nil {
		return nil, badData("extension data")
	}
	return bytes.Clone(rest), nil
}
