package virtual

import (
	"crypto/sha256"
	"encoding/binary"

	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

// authenticatorData is what the website is told and what is signed for it (WebAuthn section 6.1): user present and
// verified, counter 0, and neither backup flag, for the key lives on this phone alone.
type authenticatorData struct {
	rpID       string
	credential []byte // of the new registration; nil in an assertion
	publicKey  []byte // COSE_Key, likewise
	extensions []byte // one CBOR map, or nil
}

func (a authenticatorData) encode() []byte {
	hash := sha256.Sum256([]byte(a.rpID))
	flags := webauthn.UP | webauthn.UV
	if a.credential != nil {
		flags |= webauthn.AT
	}
	if a.extensions != nil {
		flags |= webauthn.ED
	}
	out := append(hash[:], byte(flags), 0, 0, 0, 0)
	if a.credential != nil {
		out = append(out, webauthn.AAGUID[:]...)
		out = binary.BigEndian.AppendUint16(out, uint16(len(a.credential)))
		out = append(append(out, a.credential...), a.publicKey...)
	}
	return append(out, a.extensions...)
}

// extensions are the outputs that stand in authenticatorData.
func extensions(r *link.Request, p link.KeyProtection) []byte {
	if !r.NumberMatch {
		return nil
	}
	return link.NumberMatchOutput(r.Mode, p)
}
