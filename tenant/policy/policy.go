// Package policy says who may sign in how. The tenant has one rule, each group may have one, and each rule may say two
// things: phone, whether phone sign-in is off, optional or required, and password, whether who has a phone may use the
// password instead.
//
// # Which rule counts
//
// Each of the two is decided on its own. A group's word beats the tenant's, because it is about fewer people: the tenant
// off and the group Pilot optional includes the pilot; the tenant optional and the group Kiosk off excludes the kiosk.
// Where a user is in several groups that disagree, the exclusion wins: for phone, off beats required beats optional, for
// password, on beats off. So nobody is locked out by being put into one more group, and an admin who must keep a few
// people away from a pilot needs one group and no order of rules. Who says nothing inherits. Without any rule phone
// sign-in is optional and the password may be used.
//
// # What follows
//
// Off: the user sees no number, phones that are registered already stay listed but sign nobody in, and no phone can be
// added; the password is all there is, so it is allowed whatever the rules say. Required: who has a phone signs in with
// it only; who has none signs in with the password and can do nothing before a phone is registered. Password off: who has a phone
// can't use the password to sign in. It stays the way to the first phone, and what is asked before another one is added.
//
// Rules are read at each step of each sign-in, so that a change counts from the next step on.
package policy

import (
	"context"
	"fmt"
	"slices"

	"tallykey/tenant/store"
)

// Phone is a word about phone sign-in.
type Phone string

// The words, the one that wins first.
const (
	Off      Phone = "off"
	Required Phone = "required"
	Optional Phone = "optional"
)

// Password is a word about "use your password instead".
type Password string

// The words, the one that wins first.
const (
	PasswordOn  Password = "on"
	PasswordOff Password = "off"
)

var (
	phones    = []Phone{Off, Required, Optional}
	passwords = []Password{PasswordOn, PasswordOff}
)

// ParsePhone reads "off", "optional" or "required".
func ParsePhone(s string) (Phone, error) { return parse(phones, s) }

// ParsePassword reads "on" or "off".
func ParsePassword(s string) (Password, error) { return parse(passwords, s) }

func parse[W ~string](words []W, s string) (W, error) {
	if i := slices.Index(words, W(s)); i >= 0 {
		return words[i], nil
	}
	return "", fmt.Errorf("%q is none of %q", s, words)
}

// Decision is what counts for one user, and which rules said so.
type Decision struct {
	Phone        Phone    `json:"phone"`
	PhoneFrom    string   `json:"phoneFrom"` // "default", "tenant" or "group NAME (ID)"
	Password     Password `json:"password"`
	PasswordFrom string   `json:"passwordFrom"`
}

// String is the decision for the sign-in log, such as "phone=optional by group Pilot (1f…), password=on by tenant".
func (d Decision) String() string {
	return fmt.Sprintf("phone=%s by %s, password=%s by %s", d.Phone, d.PhoneFrom, d.Password, d.PasswordFrom)
}

// PasswordAllowed says whether somebody with so many phones may sign in by password.
func (d Decision) PasswordAllowed(phones int) bool {
	return phones == 0 || d.Phone == Off || d.Phone == Optional && d.Password == PasswordOn
}

// MustEnrol says whether somebody with so many phones may do nothing but register one.
func (d Decision) MustEnrol(phones int) bool { return d.Phone == Required && phones == 0 }

// Decide applies the rules that a user is under. Words that it does not know count as off, respectively on: a newer
// program may have written them, and the password is the way that is always understood.
func Decide(rules []store.Rule) Decision {
	phone, phoneFrom := strongest(rules, phones, Optional, func(r store.Rule) Phone { return Phone(r.Phone) })
	password, passwordFrom := strongest(rules, passwords, PasswordOn, func(r store.Rule) Password { return Password(r.Password) })
	return Decision{phone, phoneFrom, password, passwordFrom}
}

// strongest is the word that counts: of the groups the first in words, else the tenant's, else otherwise.
func strongest[W ~string](rules []store.Rule, words []W, otherwise W, word func(store.Rule) W) (W, string) {
	best, from, ofGroup := otherwise, "default", false
	for _, r := range rules {
		w := word(r)
		if w == "" {
			continue
		}
		if !slices.Contains(words, w) {
			w = words[0]
		}
		switch {
		case r.Group == "" && !ofGroup:
			best, from = w, "tenant"
		case r.Group != "" && (!ofGroup || slices.Index(words, w) < slices.Index(words, best)):
			best, from, ofGroup = w, fmt.Sprintf("group %s (%s)", r.Name, r.Group), true
		}
	}
	return best, from
}

// Book is the tenant's rules.
type Book struct{ store *store.Store }

// NewBook opens the rules in a store.
func NewBook(s *store.Store) *Book { return &Book{s} }

// For decides for a user.
func (b *Book) For(ctx context.Context, userID string) (Decision, error) {
	rules, err := b.store.RulesFor(ctx, userID)
	return Decide(rules), err
}
