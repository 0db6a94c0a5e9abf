// Package account knows who may sign in: what a UPN looks like, how passwords are kept and checked, and when too many
// wrong ones lock an account or an address.
//
// Nobody may learn from it whether an account exists. An unknown UPN costs the same argon2id computation as a known one,
// is counted and locked in the same way, and ends with a code that the page shows as "wrong password"; only the sign-in
// log says which it was.
package account

import (
	"strings"

	"tallykey/tenant/outcome"
)

// UPN is a user principal name in its canonical form: lower case, name@domain.
type UPN string

const (
	maxName   = 64
	maxDomain = 190 // the whole stays below 256
	maxLabel  = 63
)

// ParseUPN reads what a person typed: blanks around it and the case of letters do not count. The grammar is the one of
// Microsoft Entra: before the @ letters, digits and ' . - _ ! # ^ ~, after it a DNS name. Anything else gives an error
// with code upn_invalid, which does not repeat the text: people type passwords into the wrong field.
func ParseUPN(typed string) (UPN, error) {
	s := strings.ToLower(strings.TrimSpace(typed))
	name, domain, ok := strings.Cut(s, "@")
	if !ok || !validName(name) || !validDomain(domain) {
		return "", outcome.Errorf(outcome.UPNInvalid, "%d bytes that are no UPN", len(typed))
	}
	return UPN(s), nil
}

func validName(s string) bool {
	if s == "" || len(s) > maxName || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	return only(s, "'.-_!#^~")
}

func validDomain(s string) bool {
	if len(s) > maxDomain {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' || !only(label, "-") {
			return false
		}
	}
	return true
}

// only says whether s has nothing but lower-case ASCII letters, digits and the bytes in more. ASCII, because two
// accounts must never look the same.
func only(s, more string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.Contains(more, string(c)) {
			return false
		}
	}
	return true
}
