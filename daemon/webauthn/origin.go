package webauthn

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// MaxRPID is the longest RP ID in bytes: that of a host name.
const MaxRPID = 253

// EffectiveRPID is the RP ID that a page of origin gets when it asks for rpID, or for none (section 5.1.3 step 8). The
// origin must be https, or http on a localhost name, and written as a browser writes it: ASCII, lower case, no default
// port. The RP ID must be the host or a registrable suffix of it: never a public suffix, ICANN's or private, and never
// an IP address. The error wraps ErrOrigin.
func EffectiveRPID(origin, rpID string) (string, error) {
	o, err := parseOrigin(origin)
	if err != nil {
		return "", err
	}
	if rpID == "" {
		rpID = o.host
	}
	if !validHost(rpID) {
		return "", badOrigin("RP ID %.64q is not a host name", rpID)
	}
	if rpID != o.host && !strings.HasSuffix(o.host, "."+rpID) {
		return "", badOrigin("RP ID %q is no suffix of %q", rpID, o.host)
	}
	if isPublicSuffix(rpID, rpID == o.host) {
		return "", badOrigin("RP ID %q is a public suffix", rpID)
	}
	return rpID, nil
}

// Site is an origin as people read it: the host, with its port unless that is the default, and the registrable domain
// in it (the host itself where there is none, as for localhost). Both are empty for what is no origin.
func Site(origin string) (host, domain string) {
	o, err := parseOrigin(origin)
	if err != nil {
		return "", ""
	}
	if domain, err = publicsuffix.EffectiveTLDPlusOne(o.host); err != nil {
		domain = o.host
	}
	if o.port != "" {
		return o.host + ":" + o.port, domain
	}
	return o.host, domain
}

type pageOrigin struct{ scheme, host, port string }

func parseOrigin(origin string) (pageOrigin, error) {
	u, err := url.Parse(origin)
	// The comparison leaves nothing but scheme and authority, and both as the browser serialises them.
	if err != nil || u.Scheme+"://"+u.Host != origin {
		return pageOrigin{}, badOrigin("%.64q is not an origin", origin)
	}
	o := pageOrigin{u.Scheme, u.Host, ""}
	if host, port, ok := strings.Cut(u.Host, ":"); ok {
		if !validPort(u.Scheme, port) {
			return pageOrigin{}, badOrigin("port %.8q", port)
		}
		o.host, o.port = host, port
	}
	if !validHost(o.host) {
		return pageOrigin{}, badOrigin("host %.64q", o.host)
	}
	if o.scheme != "https" && (o.scheme != "http" || !isLocalhost(o.host)) {
		return pageOrigin{}, badOrigin("%.64q is not a secure context", origin)
	}
	return o, nil
}

func validPort(scheme, port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	isDefault := scheme == "https" && n == 443 || scheme == "http" && n == 80
	return err == nil && n != 0 && !isDefault && strconv.FormatUint(n, 10) == port
}

// isLocalhost: names that are trustworthy without TLS (W3C Secure Contexts section 3.1). 127.0.0.1 is too, but an IP
// address is never an RP ID.
func isLocalhost(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// validHost takes host names in the form of a URL's host: lower-case ASCII, IDN as punycode, no trailing dot. A name
// whose last label is a number is an IPv4 address to a browser (URL Standard section 3.5); brackets of IPv6 fall out.
func validHost(host string) bool {
	if host == "" || len(host) > MaxRPID {
		return false
	}
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.ContainsFunc(l, notHostChar) {
			return false
		}
	}
	return !isNumber(labels[len(labels)-1])
}

func notHostChar(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_')
}

func isNumber(label string) bool {
	_, err := strconv.ParseUint(label, 0, 64)
	return err == nil || !strings.ContainsFunc(label, func(r rune) bool { return r < '0' || r > '9' })
}

// isPublicSuffix: a name of one label that no list knows ("localhost", a host of an intranet) may speak for itself, but
// not for the names below it.
func isPublicSuffix(host string, isSelf bool) bool {
	suffix, icann := publicsuffix.PublicSuffix(host)
	listed := icann || strings.Contains(suffix, ".")
	return suffix == host && (listed || !isSelf)
}

func badOrigin(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrOrigin, fmt.Sprintf(format, a...))
}
