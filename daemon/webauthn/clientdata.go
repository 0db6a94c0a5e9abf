package webauthn

import (
	"fmt"
	"strings"
)

// Kind is the type member of clientDataJSON.
type Kind string

// The kinds.
const (
	Create Kind = "webauthn.create"
	Get    Kind = "webauthn.get"
)

// String implements fmt.Stringer.
func (k Kind) String() string { return string(k) }

// ClientData writes clientDataJSON as section 5.8.1.1 lays it down to the byte, so that verifiers that know only the
// limited algorithm of section 5.8.1.2 accept it. challenge is raw; topOrigin is left out where it is empty or the frame
// is not cross-origin. Invalid UTF-8 becomes U+FFFD, as in a USVString.
func ClientData(kind Kind, challenge []byte, origin string, crossOrigin bool, topOrigin string) []byte {
	var b strings.Builder
	b.WriteString(`{"type":` + ccdToString(string(kind)))
	b.WriteString(`,"challenge":` + ccdToString(b64.EncodeToString(challenge)))
	b.WriteString(`,"origin":` + ccdToString(origin))
	fmt.Fprintf(&b, `,"crossOrigin":%t`, crossOrigin)
	if crossOrigin && topOrigin != "" {
		b.WriteString(`,"topOrigin":` + ccdToString(topOrigin))
	}
	b.WriteByte('}')
	return []byte(b.String())
}

// ccdToString is CCDToString of section 5.8.1.1. encoding/json escapes more than it (<, >, &, U+2028) and so gives other
// bytes.
func ccdToString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
