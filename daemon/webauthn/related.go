package webauthn

import (
	"encoding/json"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// MaxLabels is how many registrable labels an RP ID may list: the least that section 5.11 lets a client support, and no
// more, so that no list makes one RP ID of half the web.
const MaxLabels = 5

// RelatedOrigin says whether the document at https://<RP ID>/.well-known/webauthn lists origin: the procedure of section
// 5.11.1 without the fetching. origin is as a browser writes it; whether it may use WebAuthn at all, and whether the RP ID
// is one, is for EffectiveRPID.
func RelatedOrigin(document []byte, origin string) bool {
	var d struct {
		Origins *[]string `json:"origins"`
	}
	if json.Unmarshal(document, &d) != nil || d.Origins == nil {
		return false
	}
	seen := map[string]bool{}
	for _, item := range *d.Origins {
		listed, host := secureOrigin(item)
		label := registrableLabel(host)
		if label == "" || len(seen) >= MaxLabels && !seen[label] {
			continue
		}
		if listed == origin {
			return true
		}
		seen[label] = true
	}
	return false
}

// secureOrigin is the origin of a URL as a browser writes it, with its host; both are empty for what is no https URL.
func secureOrigin(text string) (origin, host string) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" {
		return "", ""
	}
	if host, err = idna.Lookup.ToASCII(u.Hostname()); err != nil || !validHost(host) {
		return "", ""
	}
	origin = "https://" + host
	if port := u.Port(); port != "" && port != "443" {
		origin += ":" + port
	}
	if _, err := parseOrigin(origin); err != nil {
		return "", ""
	}
	return origin, host
}

// registrableLabel is the label of the registrable domain that stands before the public suffix; empty where there is none.
func registrableLabel(host string) string {
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	label, _, _ := strings.Cut(domain, ".")
	return label
}

// PasskeyPage is the address for managing passkeys in the document at https://<RP ID>/.well-known/passkey-endpoints
// (https://www.w3.org/TR/passkey-endpoints/). It is empty where the document names none, or one that is not https on the
// registrable domain of the RP ID: a list that someone else could write must not send people elsewhere.
func PasskeyPage(document []byte, rpID string) string {
	var d struct {
		Manage string `json:"manage"`
	}
	if json.Unmarshal(document, &d) != nil {
		return ""
	}
	return secureAddress(d.Manage, func(host string) bool { return sameDomain(host, rpID) })
}

// RemovalAddress is where a website wants to hear of registrations that were removed: the member "unregister" of the same
// document (docs/protocol.md). It is empty where the document names none, or one that is not https on the RP ID's own host
// or below it. That is stricter than for a page that a person looks at: what is sent is a secret, if one of little use.
func RemovalAddress(document []byte, rpID string) string {
	var d struct {
		Unregister string `json:"unregister"`
	}
	if json.Unmarshal(document, &d) != nil {
		return ""
	}
	return secureAddress(d.Unregister, func(host string) bool { return host == rpID || strings.HasSuffix(host, "."+rpID) })
}

// secureAddress is an https URL as a browser writes it, whose host is one of those; empty for every other text.
func secureAddress(text string, ours func(host string) bool) string {
	u, err := url.Parse(text)
	if err != nil || u.User != nil || len(text) > maxPage {
		return ""
	}
	origin, host := secureOrigin(text)
	if origin == "" || !ours(host) {
		return ""
	}
	u.Host = strings.TrimPrefix(origin, "https://")
	return u.String()
}

// maxPage bounds an address in bytes.
const maxPage = 2048

func sameDomain(a, b string) bool {
	one, err := publicsuffix.EffectiveTLDPlusOne(a)
	other, err2 := publicsuffix.EffectiveTLDPlusOne(b)
	return a == b || err == nil && err2 == nil && one == other
}
