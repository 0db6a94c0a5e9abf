package policy

import (
	"context"

	"tallykey/tenant/store"
)

// Edit is a change of one rule.
type Edit struct {
	Group    string    // id; empty: the tenant
	Name     string    // of the group
	Phone    *Phone    // nil: as it is; pointing to "": says nothing any more
	Password *Password // likewise
}

func (e Edit) apply(r store.Rule) store.Rule {
	r.Group, r.Name = e.Group, e.Name
	if e.Phone != nil {
		r.Phone = string(*e.Phone)
	}
	if e.Password != nil {
		r.Password = string(*e.Password)
	}
	return r
}

// Set makes the change and returns the rule before and after. It counts from the next step of each sign-in on.
func (b *Book) Set(ctx context.Context, e Edit, c store.Change) (before, after store.Rule, err error) {
	return b.store.ChangeRule(ctx, e.Group, e.apply, c)
}

// Effect is what a change means for one user.
type Effect struct {
	UPN    string   `json:"upn"`
	Phones int      `json:"phones"` // that the user has
	Before Decision `json:"before"`
	After  Decision `json:"after"`
}

// Affected lists the users for whom the change would decide something else, by UPN. It changes nothing.
func (b *Book) Affected(ctx context.Context, e Edit) ([]Effect, error) {
	users, err := b.store.Users(ctx)
	if err != nil {
		return nil, err
	}
	list := []Effect{}
	for _, u := range users {
		effect, err := b.effect(ctx, e, u)
		if err != nil {
			return nil, err
		}
		if effect.Before.Phone != effect.After.Phone || effect.Before.Password != effect.After.Password {
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
	after, err := b.edited(ctx, e, u, rules)
	return Effect{u.UPN, len(has), Decide(rules), Decide(after)}, err
}

// edited is the rules that the user would be under.
func (b *Book) edited(ctx context.Context, e Edit, u store.User, rules []store.Rule) ([]store.Rule, error) {
	now := store.Rule{Group: e.Group}
	var others []store.Rule
	for _, r := range rules {
		if r.Group == e.Group {
			now = r
		} else {
			others = append(others, r)
		}
	}
	if e.Group != "" {
		if in, err := b.isMember(ctx, u.ID, e.Group); err != nil || !in {
			return rules, err
		}
	}
	return append(others, e.apply(now)), nil
}

func (b *Book) isMember(ctx context.Context, userID, groupID string) (bool, error) {
	groups, err := b.store.GroupsOf(ctx, userID)
	for _, g := range groups {
		if g.ID == groupID {
			return true, err
		}
	}
	return false, err
}
