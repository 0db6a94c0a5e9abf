package policy

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"tallykey/tenant/store"
)

// Edit is a change of one rule.
type Edit struct {
	Group string           // id; empty: the tenant
	Name  string           // of the group
	Words map[Setting]Word // what is not there stays as it is; empty: the rule says nothing about it any more
}

func (e Edit) apply(r store.Rule) store.Rule {
	said := maps.Clone(r.Words)
	if said == nil {
		said = map[string]string{}
	}
	for s, w := range e.Words {
		said[string(s)] = string(w)
		if w == "" {
			delete(said, string(s))
		}
	}
	return store.Rule{Group: e.Group, Name: e.Name, Words: said}
}

// Set makes the change and returns the rule before and after, and for whom something changed. It counts from the next
// step of each sign-in on. An open session that could not begin any more the way it did ends with it, and so does what apps
// got by it, unless policy keeps sessions.
func (b *Book) Set(ctx context.Context, e Edit, c store.Change) (before, after store.Rule, affected []Effect, err error) {
	if affected, err = b.Affected(ctx, e, c.Time); err != nil {
		return before, after, nil, err
	}
	before, after, err = b.store.ChangeRule(ctx, e.Group, e.apply, c, endings(affected)...)
	return before, after, affected, err
}

// Effect is what a change means for one user.
type Effect struct {
	UserID   string      `json:"userId"`
	UPN      string      `json:"upn"`
	Phones   int         `json:"phones"`   // that the user has, and other passkeys
	Sessions int         `json:"sessions"` // open ones that end
	Ways     []store.Way `json:"-"`        // of beginning a session that are taken away: what began so ends
	Before   Decision    `json:"before"`
	After    Decision    `json:"after"`
}

// Sessions is how many open sessions end in all.
func Sessions(list []Effect) (n int) {
	for _, e := range list {
		n += e.Sessions
	}
	return n
}

// Changed are the settings that differ, in their order.
func (e Effect) Changed() (list []Setting) {
	for _, s := range Settings {
		if e.Before[s.Setting].Word != e.After[s.Setting].Word {
			list = append(list, s.Setting)
		}
	}
	return list
}

// Affected lists the users for whom the change would decide something else, by UPN, with the sessions that are open at a
// moment. It changes nothing. The rules are read once and decided once for each set of groups, so that a million users take
// seconds.
func (b *Book) Affected(ctx context.Context, e Edit, at time.Time) ([]Effect, error) {
	rules, err := b.store.Rules(ctx)
	if err != nil {
		return nil, err
	}
	list, known := []Effect{}, map[string][2]Decision{}
	err = b.store.Standings(ctx, store.Among{Group: e.Group}, at, func(st store.Standing) error {
		mine := under(rules, st.Groups)
		key := keyOf(mine)
		both, ok := known[key]
		if !ok {
			both = [2]Decision{Decide(mine), Decide(edited(e, mine))}
			known[key] = both
		}
		if !both[0].Same(both[1]) {
			list = append(list, effect(st, both[0], both[1]))
		}
		return nil
	})
	return list, err
}

// under is the rules that a user of these groups is under.
func under(rules []store.Rule, groups []string) (mine []store.Rule) {
	for _, r := range rules {
		if r.Group == "" || slices.Contains(groups, r.Group) {
			mine = append(mine, r)
		}
	}
	return mine
}

// keyOf names a set of rules.
func keyOf(rules []store.Rule) string {
	var b strings.Builder
	for _, r := range rules {
		b.WriteString(r.Group + " ")
	}
	return b.String()
}

func effect(st store.Standing, before, after Decision) Effect {
	e := Effect{UserID: st.UserID, UPN: st.UPN, Phones: len(st.Devices), Ways: lost(before, after, st.Devices), Before: before, After: after}
	for _, way := range st.Sessions {
		if slices.Contains(e.Ways, way) {
			e.Sessions++
		}
	}
	return e
}

// edited is the rules that a user whom the edit is about would be under.
func edited(e Edit, rules []store.Rule) []store.Rule {
	out := slices.Clone(rules)
	i := slices.IndexFunc(out, func(r store.Rule) bool { return r.Group == e.Group })
	if i < 0 {
		return append(out, e.apply(store.Rule{}))
	}
	out[i] = e.apply(out[i])
	return out
}
