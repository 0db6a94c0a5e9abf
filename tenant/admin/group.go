package admin

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"tallykey/tenant/outcome"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

// Named is how a group stands in the audit log.
func Named(g store.Group) string { return fmt.Sprintf("group %s (%s)", g.Name, g.ID) }

func newID() string {
	raw := make([]byte, 16)
	rand.Read(raw)
	return hex.EncodeToString(raw)
}

// AddGroup makes a group with an id that is for ever. The error carries name_invalid or group_exists.
func (o *Office) AddGroup(ctx context.Context, name string, by By) (store.Group, error) {
	n, err := Name(name)
	if err != nil {
		return store.Group{}, err
	}
	g := store.Group{ID: newID(), Name: n, Created: o.Now().UTC().Truncate(time.Millisecond)}
	err = o.Store.CreateGroup(ctx, g, o.change(by, "group.add", Named(g)))
	if errors.Is(err, store.ErrExists) {
		err = outcome.Errorf(outcome.GroupExists, "there is a group %q already", n)
	}
	return g, err
}

// RemoveGroup takes a group, its memberships and its rule away. Members' sessions end as with SetPolicy.
func (o *Office) RemoveGroup(ctx context.Context, g store.Group, by By) error {
	return o.Policy.RemoveGroup(ctx, g, o.change(by, "group.remove", Named(g)))
}

// Join puts a user into a group. Who is there already is as wanted. Sessions end as with SetPolicy.
func (o *Office) Join(ctx context.Context, g store.Group, u store.User, by By) error {
	err := o.Policy.Join(ctx, g, u, o.change(by, "member.add", Named(g)))
	if errors.Is(err, store.ErrExists) {
		return nil
	}
	return err
}

// Leave takes a user out of a group. Who is not there is as wanted. Sessions end as with SetPolicy.
func (o *Office) Leave(ctx context.Context, g store.Group, u store.User, by By) error {
	err := o.Policy.Leave(ctx, g, u, o.change(by, "member.remove", Named(g)))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// Scope is how a rule's owner stands in the audit log.
func Scope(r store.Rule) string {
	if r.Group == "" {
		return "tenant"
	}
	return Named(store.Group{ID: r.Group, Name: r.Name})
}

// SetPolicy changes one rule and says for whom something changed.
func (o *Office) SetPolicy(ctx context.Context, e policy.Edit, by By) (before, after store.Rule, affected []policy.Effect, err error) {
	return o.Policy.Set(ctx, e, o.change(by, "policy.set", Scope(store.Rule{Group: e.Group, Name: e.Name})))
}
