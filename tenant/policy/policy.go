// Package policy says who may sign in how. The tenant has one rule, each group may have one, and each rule may say a word
// about each setting.
//
// # Which rule counts
//
// Each setting is decided on its own. A group's word beats the tenant's, because it is about fewer people: the tenant off
// and the group Pilot optional includes the pilot; the tenant optional and the group Kiosk off excludes the kiosk. Where a
// user is in several groups that disagree, the word that stands first in Settings wins: for methods the exclusion, for
// everything else what is stricter, but for the password what keeps a way open. So nobody is locked out by being put into
// one more group, and an admin who must keep a few people away from a pilot needs one group and no order of rules. Who says
// nothing inherits. Without any rule phone sign-in, other passkeys and the password are optional.
//
// # What follows
//
// Phone off: the user sees no number, phones that are registered already stay listed but sign nobody in, and no phone can
// be added. Required: who has a phone signs in with it only; who has none can do nothing before one is registered. Other
// passkeys likewise. What neither can do is left to the password, so where both are off it is allowed whatever the rules
// say. Password off: no password signs in anybody who could do without; the first phone is registered with an invitation.
// Required: the password is asked at every sign-in, and the phone answers after it. "Instead" off: who has a phone can't
// use the password to sign in, but it stays the way to the first phone. Approve: a second factor after the password, on
// phones that are registered for it; required asks every phone.
//
// Rules are read at each step of each sign-in, so that a change counts from the next step on.
package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tallykey/tenant/store"
)

// Verdict is the word that counts for one setting, and which rule said so.
type Verdict struct {
	Word Word   `json:"word"`
	From string `json:"from"` // "default", "tenant" or "group NAME (ID)"
}

// Decision is what counts for one user. It has every setting.
type Decision map[Setting]Verdict

// Is says whether a word counts.
func (d Decision) Is(s Setting, w Word) bool { return d[s].Word == w }

// String is the decision for the sign-in log, such as "phone=optional by group Pilot (1f…), password=optional by tenant": only
// what rules said.
func (d Decision) String() string {
	var parts []string
	for _, s := range Settings {
		if v := d[s.Setting]; v.From != "default" && v.From != "" {
			parts = append(parts, fmt.Sprintf("%s=%s by %s", s.Setting, v.Word, v.From))
		}
	}
	if parts == nil {
		return "all by default"
	}
	return strings.Join(parts, ", ")
}

// Same says whether another decision has the same words.
func (d Decision) Same(other Decision) bool {
	return !slices.ContainsFunc(Settings, func(s struct {
		Setting Setting
		Words   []Word
		Default Word
	}) bool {
		return d[s.Setting].Word != other[s.Setting].Word
	})
}

// Decide applies the rules that a user is under. A word that it does not know counts as the one that wins: a newer program
// may have written it.
func Decide(rules []store.Rule) Decision {
	d := Decision{}
	for _, s := range Settings {
		d[s.Setting] = strongest(rules, s.Setting)
	}
	return d
}

// strongest is the word that counts: of the groups the first in Settings, else the tenant's, else the default.
func strongest(rules []store.Rule, s Setting) Verdict {
	list, otherwise := words(s)
	best, ofGroup := Verdict{otherwise, "default"}, false
	for _, r := range rules {
		w := Word(r.Words[string(s)])
		if w == "" {
			continue
		}
		if !slices.Contains(list, w) {
			w = list[0]
		}
		switch {
		case r.Group == "" && !ofGroup:
			best = Verdict{w, "tenant"}
		case r.Group != "" && (!ofGroup || slices.Index(list, w) < slices.Index(list, best.Word)):
			best, ofGroup = Verdict{w, fmt.Sprintf("group %s (%s)", r.Name, r.Group)}, true
		}
	}
	return best
}

// Book is the tenant's rules.
type Book struct{ store *store.Store }

// NewBook opens the rules in a store.
func NewBook(s *store.Store) *Book { return &Book{s} }

// For decides for a user. An id that nobody has gets what the tenant says, after the same work.
func (b *Book) For(ctx context.Context, userID string) (Decision, error) {
	rules, err := b.store.RulesFor(ctx, userID)
	return Decide(rules), err
}

// Strictest is what counts for nobody in particular, with the number as the strictest rule of all wants it: what is asked
// for before anyone is known.
func (b *Book) Strictest(ctx context.Context) (Decision, error) {
	rules, err := b.store.Rules(ctx)
	d := Decide(rules)
	for _, r := range rules {
		if r.Words[string(SetNumber)] == string(Type) {
			d[SetNumber] = Verdict{Type, "a rule"}
		}
	}
	return d, err
}
