package passkey

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"

	"github.com/fxamacker/cbor/v2"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tallykey/tenant/policy"
)

// Mode is how a person shows that they saw the number: what the numberMatch extension asks for and answers.
type Mode string

// The modes, the weakest first.
const (
	Approve Mode = "approve" // no number: approve or deny
	Choose  Mode = "choose"  // one of three
	Type    Mode = "type"    // two digits
)

// String implements fmt.Stringer.
func (m Mode) String() string { return string(m) }

var modes = []Mode{"", Approve, Choose, Type}

// AtLeast says whether a mode shows as much as another. What an authenticator does not say is the weakest.
func (m Mode) AtLeast(other Mode) bool { return slices.Index(modes, m) >= slices.Index(modes, other) }

// NumberMatch is the output of the numberMatch extension (docs/protocol.md): what was done. It stands under the signature
// of the assertion. In a registration nothing signs it, as nothing signs the key there: both are the word of the browser
// of somebody who has just confirmed who they are.
type NumberMatch struct {
	Mode Mode
	UV   string // "platform", "pin"; empty: there is no output
}

// Matched says whether there is an output at all: another maker's authenticator has none.
func (n NumberMatch) Matched() bool { return n.Mode != "" }

// model is the AAGUID of tallykey's authenticator (docs/protocol.md). A phone whose app is older than the extension has
// it too, so it is a phone that does not say how strong it is.
var model = []byte{0x52, 0xc6, 0x0b, 0x3a, 0x4d, 0xdd, 0x44, 0x6e, 0x9f, 0xfe, 0x08, 0x7a, 0xa5, 0x4f, 0x20, 0x79}

// kindOf says what a new credential is. Neither sign is attested: a passkey that lies gains nothing but the name.
func kindOf(n NumberMatch, aaguid []byte) string {
	if n.Matched() || bytes.Equal(aaguid, model) {
		return policy.KindPhone
	}
	return policy.KindPasskey
}

// maxExtensions is the largest extension output that is read, in bytes.
const maxExtensions = 1024

// matched reads the extension's output. What is not as docs/protocol.md says counts as none.
func matched(d protocol.AuthenticatorData) NumberMatch {
	if !d.Flags.HasExtensions() || len(d.ExtData) > maxExtensions {
		return NumberMatch{}
	}
	var out struct {
		NumberMatch struct {
			UV   string `cbor:"uv"`
			Mode Mode   `cbor:"mode"`
		} `cbor:"numberMatch"`
	}
	if err := cbor.Unmarshal(d.ExtData, &out); err != nil {
		return NumberMatch{}
	}
	n := NumberMatch{out.NumberMatch.Mode, out.NumberMatch.UV}
	if n.Mode == "" || !slices.Contains(modes, n.Mode) || n.UV != "platform" && n.UV != "pin" {
		return NumberMatch{}
	}
	return n
}

// asking is the extension's input. Other authenticators ignore it.
func asking(m Mode) webauthn.ExtensionOption {
	return webauthn.WithExtension("numberMatch", map[string]string{"mode": string(m)})
}

// Request is the correlation id of a ceremony, such as "7f3c-91ab-40de-0b12": the first 8 bytes of SHA-256 of its
// challenge. Everyone who sees the challenge comes to the same: page, desktop, phone and log. It is no secret.
func Request(state []byte) (string, error) {
	session, err := sessionOf(state)
	if err != nil {
		return "", err
	}
	challenge, err := base64.RawURLEncoding.DecodeString(session.Challenge)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(challenge)
	return Grouped(sum[:8]), nil
}

// Grouped writes 8 bytes as people read them out.
func Grouped(id []byte) string {
	h := hex.EncodeToString(id)
	return h[:4] + "-" + h[4:8] + "-" + h[8:12] + "-" + h[12:]
}
