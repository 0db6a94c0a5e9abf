package platform

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"tallykey/daemon/webauthn"
)

// A phone app that was opened at an address, as in a trial, has no platform credential: browsers take no IP address for
// an RP ID. It makes a P-256 key of its own, keeps it encrypted under the app's PIN, and answers in the form of WebAuthn,
// so that everything after the pairing is one code. Such a key says link.PIN of itself: whoever has a copy of the
// browser's storage can try PINs, so it proves less than a platform credential. Only these two functions let an address
// be an RP ID; one that has been stored was verified by them.

// VerifyPINRegistration is VerifyRegistration for a credential that the app made under its own PIN: the host in origin
// may be an IP address, and is the RP ID then, an IPv6 address without its brackets.
func VerifyPINRegistration(origin string, challenge [32]byte, response json.RawMessage) (Credential, error) {
	rpID, err := pinRPID(origin)
	if err != nil {
		return Credential{}, err
	}
	return verifyRegistration(origin, rpID, challenge, response)
}

// VerifyPINPresented is VerifyPresented for a credential that the app made under its own PIN.
func VerifyPINPresented(origin string, publicKey []byte, challenge [32]byte, response json.RawMessage) (Credential, error) {
	rpID, err := pinRPID(origin)
	if err != nil {
		return Credential{}, err
	}
	return verifyPresented(origin, rpID, publicKey, challenge, response)
}

// pinRPID is the RP ID of an app at origin: as for any page, or an IP address that is written as a browser writes it.
func pinRPID(origin string) (string, error) {
	rpID, err := webauthn.EffectiveRPID(origin, "")
	if err == nil {
		return rpID, nil
	}
	u, bad := url.Parse(origin)
	if bad != nil || u.Scheme != "https" {
		return "", invalid(err)
	}
	a, bad := netip.ParseAddr(u.Hostname())
	if bad != nil || a.Zone() != "" || a.Is4In6() || origin != addressOrigin(a, u.Port()) {
		return "", invalid(err)
	}
	return a.String(), nil
}

// addressOrigin is the origin of a page at an address, as a browser writes it.
func addressOrigin(a netip.Addr, port string) string {
	host := a.String()
	if a.Is6() {
		host = "[" + host + "]"
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || n == 443 || strings.HasPrefix(port, "0") {
		return "https://" + host
	}
	return fmt.Sprintf("https://%s:%d", host, n)
}
