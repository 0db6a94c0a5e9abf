package policy

import (
	"context"
	"maps"
	"slices"

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
// step of each sign-in on. Where a user can't sign in any more with what began an open session, and policy says so, the
// session ends.
func (b *Book) Set(ctx context.Context, e Edit, c store.Change) (before, after store.Rule, affected []Effect, err error) {
	if affected, err = b.Affected(ctx, e); err != nil {
		return before, after, nil, err
	}
	if before, after, err = b.store.ChangeRule(ctx, e.Group, e.apply, c); err != nil {
		return before, after, nil, err
	}
	for _, a := range affected {
		if a.Ends {
			if err := b.store.EndSessions(ctx, a.UserID); err != nil {
				return before, after, affected, err
			}
		}
	}
	return before, after, affected, nil
}

// Effect is what a change means for one user.
type Effect struct {
	UserID string   `json:"userId"`
	UPN    string   `json:"upn"`
	Phones int      `json:"phones"` // that the user has, and other passkeys
	Ends   bool     `json:"ends"`   // open sessions that a phone or passkey began
	Before Decision `json:"before"`
	After  Decision `json:"after"`
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

// Affected lists the users for whom the change would decide something else, by UPN. It changes nothing.
func (b *Book) Affected(ctx context.Context, e Edit) ([]Effect, error) {
	users, err := b.store.Users(ctx)
	if e.Group != "" {
		users, err = b.store.Members(ctx, e.Group)
	}
	if err != nil {
		return nil, err
	}
	list := []Effect{}
	for _, u := range users {
		effect, err := b.effect(ctx, e, u)
		if err != nil {
			return nil, err
		}
		if !effect.Before.Same(effect.After) {
			list = append(list, effect)
		}
	}
	return list, nil
}

func (b *Book) effect(ctx context.Context, e Edit, u store.User) (Effect, error) {
	rules, err := b.store.RulesFor(ctx, u.ID)
	if err != nil {
		return Effect{}, err
	}
	has, err := b.store.Registrations(ctx, u.ID)
	if err != nil {
		return Effect{}, err
	}
	out := Effect{UserID: u.ID, UPN: u.UPN, Phones: len(has), Before: Decide(rules), After: Decide(edited(e, rules))}
	lost := len(out.After.SignIn(has)) < len(out.Before.SignIn(has)) || len(out.After.Approve(has)) < len(out.Before.Approve(has))
	out.Ends = lost && out.After.Is(SetSessions, End)
	return out, nil
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
