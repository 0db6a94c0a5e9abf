package admin

import (
	"context"
	"errors"
	"slices"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// Role is what an admin may do. Each includes those before it.
type Role string

// The roles, the least first.
const (
	NoRole        Role = ""
	Reader        Role = "reader"   // sees everything that the admin pages show, changes nothing
	Helpdesk      Role = "helpdesk" // helps people in and takes access away: invitations, devices, sessions, blocking
	Administrator Role = store.Top  // changes users, groups, policy, apps and roles
)

// Roles are all roles, the least first.
var Roles = []Role{Reader, Helpdesk, Administrator}

// String implements fmt.Stringer.
func (r Role) String() string { return string(r) }

// Covers says whether r may do what is open to needed. A word that is no role covers nothing.
func (r Role) Covers(needed Role) bool {
	have := slices.Index(Roles, r)
	return have >= 0 && needed != NoRole && have >= slices.Index(Roles, needed)
}

// ParseRole reads a role; "" is none. The error carries role_unknown.
func ParseRole(s string) (Role, error) {
	if s == "" || slices.Contains(Roles, Role(s)) {
		return Role(s), nil
	}
	return NoRole, outcome.Errorf(outcome.RoleUnknown, "there is no role %q", s)
}

// RoleOf is the role of a user. A word in the store that is no role any more counts as none.
func (o *Office) RoleOf(ctx context.Context, userID string) (Role, error) {
	word, err := o.Store.Role(ctx, userID)
	if r, bad := ParseRole(word); bad == nil {
		return r, err
	}
	return NoRole, err
}

// MayTouch says whether somebody with a role may act on a user's account. An invitation lets in whoever holds it, so a
// helpdesk that could invite an administrator would be one. The error carries user_has_role.
func (o *Office) MayTouch(ctx context.Context, by Role, u store.User) error {
	theirs, err := o.RoleOf(ctx, u.ID)
	if err == nil && theirs != NoRole && by != Administrator {
		err = outcome.Errorf(outcome.UserHasRole, "%s is %s", u.UPN, theirs)
	}
	return err
}

// MayStillInvite says whether the maker of an invitation may invite the user at the moment when it is used: either may have
// another role by now. An empty id is the command line, which may. The error carries invitation_withdrawn.
func (o *Office) MayStillInvite(ctx context.Context, inviter string, u store.User) error {
	if inviter == "" {
		return nil
	}
	by, err := o.Store.User(ctx, inviter)
	if err != nil {
		return err
	}
	role, err := o.RoleOf(ctx, inviter)
	if err != nil {
		return err
	}
	if err = o.MayTouch(ctx, role, u); err != nil || !role.Covers(Helpdesk) || !by.Disabled.IsZero() {
		return outcome.Errorf(outcome.InvitationWithdrawn, "made by %s, who is %q now", by.UPN, role)
	}
	return nil
}

// SetRole gives a user a role, or takes it with NoRole. It counts from the user's next request on. The error carries
// last_administrator.
func (o *Office) SetRole(ctx context.Context, u store.User, r Role, by By) error {
	return last(u, o.Store.SetRole(ctx, u, string(r), o.change(by, "role.set", u.UPN)))
}

func last(u store.User, err error) error {
	if errors.Is(err, store.ErrLast) {
		return outcome.Errorf(outcome.LastAdministrator, "%s is the last administrator who can sign in", u.UPN)
	}
	return err
}

// Edit gives a user another UPN and name; ids and everything that refers to them stay. The error carries upn_invalid,
// name_invalid or user_exists.
func (o *Office) Edit(ctx context.Context, u store.User, typed, name string, by By) error {
	upn, err := account.ParseUPN(typed)
	if err != nil {
		return outcome.Errorf(outcome.UPNInvalid, "%q is not a UPN", typed)
	}
	if _, err := Name(name); err != nil {
		return err
	}
	err = o.Store.EditUser(ctx, u, string(upn), name, o.change(by, "user.edit", u.UPN))
	if errors.Is(err, store.ErrExists) {
		err = outcome.Errorf(outcome.UserExists, "there is a user %q already", upn)
	}
	return err
}

// SignOut ends a user's sessions and the tokens that apps got, at once. The session with the token hash keep stays.
func (o *Office) SignOut(ctx context.Context, u store.User, keep []byte, by By) error {
	return o.Store.EndAll(ctx, u, keep, o.change(by, "user.signout", u.UPN))
}

// SetPassword gives a user a new password, or with "" none. What began by the old one ends. The error carries password_unfit.
func (o *Office) SetPassword(ctx context.Context, u store.User, password string, by By) error {
	return o.Accounts.ChangePassword(ctx, u, password, store.NewPassword{By: o.change(by, "user.password", u.UPN)}, store.Entry{})
}

// Revoke takes an invitation back. The error carries invitation_used.
func (o *Office) Revoke(ctx context.Context, g store.Guest, by By) error {
	err := o.Store.Revoke(ctx, g, o.change(by, "user.uninvite", g.UPN))
	if errors.Is(err, store.ErrNotFound) {
		err = outcome.Errorf(outcome.InvitationUsed, "used or taken back before")
	}
	return err
}

// KeepInvitations is how long invitations stay listed that are no good any more.
const KeepInvitations = 30 * 24 * time.Hour
