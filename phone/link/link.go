// Package link is the language of phone and desktop: how they prove themselves to each other, what they say, and what a
// person's approval signs. It holds types and pure functions only; docs/protocol.md tells the same as prose, and
// testdata holds golden values that the Go and the TypeScript tests both read.
//
// The daemon and the virtual phone import it; it imports neither.
package link

import (
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Version is the protocol version that this build speaks. Both sides send it in their first message and refuse another.
const Version = 1

// Limits of the protocol. A message that breaks one is refused with ErrMessage and ends the connection.
const (
	MaxMessage    = 64 << 10 // bytes of one message
	MaxName       = 64       // bytes of a phone's or desktop's name
	MaxText       = 256      // bytes of an account or display name
	MaxAccounts   = 16       // accounts offered in one request
	MaxAddresses  = 8        // addresses of a desktop
	MaxClientData = 8 << 10  // bytes of clientDataJSON
	MaxCeremony   = 16 << 10 // bytes of a platform credential's answer, as JSON
	MaxOrigin     = 512      // bytes of an origin; an RP ID is at most 253
	MinCredential = 16       // bytes of a credential ID before base64url
	MaxCredential = 64       // likewise
	MaxPublicKey  = 256      // bytes of a COSE_Key
	MaxUserID     = 64       // bytes of a user handle
	MaxAlgorithms = 8        // COSE algorithms of one request
	MaxEndpoint   = 1024     // bytes of a push service's URL
	RemovalToken  = 16       // bytes of a token by which a registration is removed at its relying party
	// A phone holds at most MaxRegistrations for one desktop, and tells them in messages that always fit MaxMessage.
	MaxRegistrations = 1000
	MaxPage          = 24  // registrations in one message
	MaxKept          = 128 // credentials in one message
	MaxRemoved       = 64  // removals that a phone says again when it connects, the newest
	RequestSeconds   = 60  // what a person has to answer
	OfferSeconds     = 120 // life of a pairing link
)

var (
	// ErrMessage means a message from the other side breaks the protocol: not JSON, a type that does not exist, a field
	// over its limit.
	ErrMessage = errors.New("link: malformed message")
	// ErrOffer means a text is not a pairing link of this version.
	ErrOffer = errors.New("link: not a pairing link")
	// ErrUfrag means an ICE user name fragment is not one of this protocol.
	ErrUfrag = errors.New("link: not a tallykey user name fragment")
)

// B64 is how bytes travel in messages and links: base64url without padding (RFC 4648 section 5), strict.
var B64 = base64.RawURLEncoding.Strict()

// decode64 reads what B64 writes and nothing else. Go's decoder skips line breaks; then one value would have many
// spellings, and an id that is compared as text could be told in two ways.
func decode64(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, malformed("line break in base64url")
	}
	return B64.DecodeString(s)
}

var idAlphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// IDBytes is the entropy of a phone's or desktop's id; NewID makes 16 characters of it.
const IDBytes = 10

// NewID returns the id for 10 random bytes: 16 characters of a-z and 2-7, fit for one DNS label.
func NewID(random [IDBytes]byte) string { return idAlphabet.EncodeToString(random[:]) }

// ValidID says whether s is an id as NewID makes it.
func ValidID(s string) bool {
	b, err := idAlphabet.DecodeString(s)
	return err == nil && len(s) == 16 && len(b) == IDBytes // the decoder skips line breaks
}

// Hostname is the mDNS name of a desktop: one label, because Firefox takes no other name in a candidate.
func Hostname(desktop string) string { return "tk-" + desktop + ".local" }

// NextPorts is how many ports after the one that a phone knows a desktop moves to where another program has taken that.
const NextPorts = 3

// PortsAfter are the ports where a phone looks, and a desktop goes, beyond the one that both know.
func PortsAfter(port uint16) []uint16 {
	var out []uint16
	for n := uint16(1); n <= NextPorts && port <= 65535-n; n++ {
		out = append(out, port+n)
	}
	return out
}

func malformed(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrMessage, fmt.Sprintf(format, a...))
}

// Printable says whether s is short enough to be shown and has neither control characters nor any that turn the text
// around it (Unicode's Bidi_Control, by which "evil.example" can be made to look like another name): what a phone or
// desktop may call itself, and what an account may be called. limit counts bytes.
func Printable(s string, limit int) bool {
	return len(s) <= limit && strings.ToValidUTF8(s, "\x00") == s && strings.IndexFunc(s, isControl) < 0
}

func isControl(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || unicode.Is(unicode.Bidi_Control, r)
}
