package link

import (
	"crypto/sha256"
	"encoding/binary"
)

// Approval is everything that a person is shown and decides on, and what the decision is for. Its hash is the challenge
// of the platform credential's ceremony and is signed by the phone's device key, so that an approval serves for
// exactly one request, one number and one signature.
type Approval struct {
	Request    string // id
	Action     Action
	Desktop    string // id
	Origin     string // as the browser gave it; empty for Pair
	RPID       string // empty for Pair
	Credential string // credential ID in base64url, also of the one being made; empty for Pair
	Account    string // the account's name as shown; empty for Pair
	Number     string // the number that the person chose, right or wrong
	// Payload is what the approval releases: authenticatorData and the SHA-256 of clientDataJSON, which is exactly what
	// the website's signature covers (WebAuthn section 6.3.3); for Pair the device key as SubjectPublicKeyInfo.
	Payload []byte
}

// Challenge is the SHA-256 over "tallykey/1 approval" and the fields in their order, each preceded by its length in
// bytes as 4 bytes big-endian, so that no two different approvals have the same encoding.
func (a Approval) Challenge() [sha256.Size]byte {
	h := sha256.New()
	for _, f := range []string{"tallykey/1 approval", a.Request, string(a.Action), a.Desktop, a.Origin, a.RPID,
		a.Credential, a.Account, a.Number, string(a.Payload)} {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(f))))
		h.Write([]byte(f))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// HelloProof is what a phone signs with its device key when it connects: "tallykey/1 hello" and the connection's user
// name fragment, which is good once and names the DTLS certificate. A stolen link secret alone thus opens no session.
func HelloProof(u Ufrag) []byte { return append([]byte("tallykey/1 hello"), u.String()...) }
