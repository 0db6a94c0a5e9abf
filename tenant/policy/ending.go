package policy

import (
	"context"
	"slices"
	"strings"

	"tallykey/tenant/store"
)

// ways are all ways of beginning a session that policy can take away. An invitation is none: it is good once, and an admin
// takes it back.
var ways = []store.Way{
	{Method: "phone"}, {Method: "passkey"}, {Method: "password"}, {Method: "federated"},
	{Method: "password+phone", Device: "phone/signin"}, {Method: "password+phone", Device: "phone/approve"}, {Method: "password+phone", Device: "passkey/signin"},
	{Method: "federated+phone", Device: "phone/signin"}, {Method: "federated+phone", Device: "phone/approve"}, {Method: "federated+phone", Device: "passkey/signin"},
}

// lost are the ways of beginning a session that a user has no more, by one of the conditions on which each rests. A session
// that was kept on purpose before, though it could not have begun any more, ends only when another condition falls.
func lost(before, after Decision, has []store.Registration) (list []store.Way) {
	if after.Is(SetSessions, Keep) {
		return nil
	}
	for _, w := range ways {
		was, is := before.conditions(w, has), after.conditions(w, has)
		for i := range was {
			if was[i] && !is[i] {
				list = append(list, w)
				break
			}
		}
	}
	return list
}

// conditions are what a way of beginning a session rests on, in a fixed order. Another issuer's word counts as the password.
func (d Decision) conditions(w store.Way, has []store.Registration) []bool {
	kind, use, second := strings.Cut(w.Device, "/")
	switch {
	case second:
		return []bool{d.PasswordAllowed(has), d.MayApprove(store.Registration{Kind: kind, Use: use}), use == UseApprove || !d.Is(setting(kind), Off)}
	case w.Method == KindPhone, w.Method == KindPasskey:
		return []bool{!d.Is(setting(w.Method), Off), !d.Is(SetPassword, Required)}
	}
	return []bool{d.PasswordAllowed(has), len(d.Approve(has)) == 0}
}

func endings(list []Effect) (out []store.Ending) {
	for _, e := range list {
		if len(e.Ways) > 0 {
			out = append(out, store.Ending{UserID: e.UserID, UPN: e.UPN, Ways: e.Ways})
		}
	}
	return out
}

// Join puts a user into a group: what the group's rule says counts from now on, and sessions end as with Set.
func (b *Book) Join(ctx context.Context, g store.Group, u store.User, c store.Change) error {
	ends, err := b.regrouped(ctx, store.Among{User: u.ID}, c, func(ids []string) []string { return append(ids, g.ID) })
	if err != nil {
		return err
	}
	return b.store.AddMember(ctx, g.ID, u, c, ends...)
}

// Leave takes a user out of a group. Sessions end as with Set.
func (b *Book) Leave(ctx context.Context, g store.Group, u store.User, c store.Change) error {
	ends, err := b.regrouped(ctx, store.Among{User: u.ID}, c, without(g))
	if err != nil {
		return err
	}
	return b.store.RemoveMember(ctx, g.ID, u, c, ends...)
}

// RemoveGroup takes a group, its memberships and its rule away. Sessions of its members end as with Set.
func (b *Book) RemoveGroup(ctx context.Context, g store.Group, c store.Change) error {
	ends, err := b.regrouped(ctx, store.Among{Group: g.ID}, c, without(g))
	if err != nil {
		return err
	}
	return b.store.RemoveGroup(ctx, g, c, ends...)
}

func without(g store.Group) func([]string) []string {
	return func(ids []string) []string { return slices.DeleteFunc(ids, func(id string) bool { return id == g.ID }) }
}

// regrouped is what ends for users whose groups change.
func (b *Book) regrouped(ctx context.Context, of store.Among, c store.Change, change func([]string) []string) ([]store.Ending, error) {
	rules, err := b.store.Rules(ctx)
	if err != nil {
		return nil, err
	}
	var list []Effect
	err = b.store.Standings(ctx, of, c.Time, func(st store.Standing) error {
		before := Decide(under(rules, st.Groups))
		list = append(list, effect(st, before, Decide(under(rules, change(st.Groups)))))
		return nil
	})
	return endings(list), err
}
