// Package admin is what admins do to the tenant: users, invitations, groups, devices, apps and policy. It knows no
// command line, so that pages can call it too, under the same rules and with the same lines in the audit log.
//
// A refusal is an error with a code of package outcome; its detail says in English what was wrong with the input.
package admin

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"tallykey/tenant/account"
	"tallykey/tenant/enrol"
	"tallykey/tenant/outcome"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

// Office is where the admins' changes are made.
type Office struct {
	Store    *store.Store
	Accounts *account.Directory
	Policy   *policy.Book
	Desk     *enrol.Desk
	Now      func() time.Time
}

// By names who changes something, such as "cli:root" or the admin's UPN.
type By string

func (o *Office) change(by By, action, target string) store.Change {
	return store.Change{Time: o.Now(), Actor: string(by), Action: action, Target: target}
}

// maxName is the longest name of a group, an app or a person, in bytes.
const maxName = 64

// Name keeps out what a terminal or a page would not show as it is. The error carries name_invalid.
func Name(s string) (string, error) {
	if s == "" || len(s) > maxName || s != strings.TrimSpace(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", outcome.Errorf(outcome.NameInvalid, "a name has 1 to %d printable characters and no blank at its ends", maxName)
	}
	return s, nil
}

// User finds an account by what was typed. The error carries user_unknown or upn_invalid.
func (o *Office) User(ctx context.Context, typed string) (store.User, error) {
	upn, err := account.ParseUPN(typed)
	if err != nil {
		return store.User{}, outcome.Errorf(outcome.UPNInvalid, "%q is not a UPN", typed)
	}
	u, err := o.Store.UserByUPN(ctx, string(upn))
	if errors.Is(err, store.ErrNotFound) {
		return u, outcome.Errorf(outcome.UserUnknown, "there is no user %q", upn)
	}
	return u, err
}

// Group finds a group by its id or its name. The error carries group_unknown.
func (o *Office) Group(ctx context.Context, idOrName string) (store.Group, error) {
	g, err := o.Store.Group(ctx, idOrName)
	if errors.Is(err, store.ErrNotFound) {
		return g, outcome.Errorf(outcome.GroupUnknown, "there is no group %q", idOrName)
	}
	return g, err
}
