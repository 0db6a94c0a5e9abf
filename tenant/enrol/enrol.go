// Package enrol adds devices to an account and takes them away. Adding needs a session that was confirmed minutes ago
// (package session, Fresh) by a device that the account has, after the password where it is a second factor; or an
// invitation. The password alone adds only the very first one, and none to an account with a role: else whoever read it
// over a shoulder would have a phone of that account, and with it what the password opens nowhere. Taking away needs only
// the session: a lost phone must go at once. But what the password alone took away, it does not replace.
//
// A registration is renewed by adding a new one that says which it takes the place of. The old one goes when the new one
// has signed in, never before.
package enrol

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"tallykey/tenant/outcome"
	"tallykey/tenant/passkey"
	"tallykey/tenant/policy"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

const (
	// MaxPhones is how many devices an account may have.
	MaxPhones = 10
	// MaxName is the longest name of a device, in characters.
	MaxName = 40

	kind = "register"
)

// Desk begins and ends registrations.
type Desk struct {
	store  *store.Store
	rp     *passkey.RelyingParty
	policy *policy.Book
	now    func() time.Time
}

// NewDesk makes a Desk.
func NewDesk(s *store.Store, rp *passkey.RelyingParty, p *policy.Book, now func() time.Time) *Desk {
	return &Desk{s, rp, p, now}
}

// Wish is what the new registration is for.
type Wish struct {
	Use    string // policy.UseSignIn or policy.UseApprove
	Renews []byte // which one it takes the place of; nil: none
}

// Begin asks for a key on a device. The challenge is bound to the session's token, which by.Browser must be the hash of:
// signing out or in again ends it. The error carries registration_limit, one_registration, registration_unknown or what
// policy says.
func (d *Desk) Begin(ctx context.Context, u store.User, w Wish, by signin.Asker) (store.Attempt, error) {
	may, has, err := d.of(ctx, u)
	if err != nil {
		return store.Attempt{}, err
	}
	w.Renews = settled(has, w.Renews)
	if err := room(may, has, w); err != nil {
		return store.Attempt{}, err
	}
	others := slices.DeleteFunc(slices.Clone(has), func(r store.Registration) bool { return bytes.Equal(r.ID, w.Renews) })
	options, state, err := d.rp.BeginRegistration(u, others, signin.Demanded(may))
	if err != nil {
		return store.Attempt{}, err
	}
	return d.keep(ctx, kind, store.Attempt{UserID: u.ID, UPN: u.UPN, Options: options, State: state, Policy: may.String(), Use: w.Use, Renews: w.Renews}, by)
}

func (d *Desk) keep(ctx context.Context, kind string, a store.Attempt, by signin.Asker) (store.Attempt, error) {
	a, err := signin.NewAttempt(kind, a, by, d.now())
	if err != nil {
		return a, err
	}
	return a, d.store.CreateAttempt(ctx, a)
}

// of is the policy of this moment and what the user has.
func (d *Desk) of(ctx context.Context, u store.User) (policy.Decision, []store.Registration, error) {
	may, err := d.policy.For(ctx, u.ID)
	if err != nil {
		return nil, nil, err
	}
	has, err := d.store.Registrations(ctx, u.ID)
	return may, has, err
}

// settled is the registration that a renewal is about: of one that waits for its own first sign-in, the one whose place it
// was to take. Else renewals of renewals would add devices without end.
func settled(has []store.Registration, renews []byte) []byte {
	for _, r := range has {
		if renews != nil && bytes.Equal(r.ID, renews) && r.Renews != nil {
			return r.Renews
		}
	}
	return renews
}

// room says why no registration can be added. A renewal takes the place of the one that it renews, and until then of any
// other renewal that waits: an account has one device more than its limit at most.
func room(may policy.Decision, has []store.Registration, w Wish) error {
	known := slices.ContainsFunc(has, func(r store.Registration) bool { return bytes.Equal(r.ID, w.Renews) })
	switch {
	case w.Renews != nil && !known:
		return outcome.Errorf(outcome.RegistrationUnknown, "nothing to renew")
	case w.Use == policy.UseApprove && !may.MayRegister(policy.KindPhone, w.Use):
		return outcome.Errorf(outcome.ApproveNotAllowed, "off by %s", may[policy.SetApprove].From)
	case !may.MayRegister(policy.KindPhone, w.Use) && !may.MayRegister(policy.KindPasskey, w.Use):
		return outcome.Errorf(outcome.PhoneDisabledByPolicy, "off by %s", may[policy.SetPhone].From)
	case w.Renews == nil && len(has) >= MaxPhones:
		return outcome.Errorf(outcome.RegistrationLimit, "%d devices", len(has))
	case w.Renews == nil && len(has) > 0 && may.Is(policy.SetDevices, policy.One):
		return outcome.Errorf(outcome.OneRegistration, "devices=one by %s", may[policy.SetDevices].From)
	}
	return nil
}

func (d *Desk) take(ctx context.Context, kind, id string, u store.User, session []byte) (store.Attempt, error) {
	a, err := d.store.TakeAttempt(ctx, kind, id, session)
	if errors.Is(err, store.ErrNotFound) || err == nil && a.UserID != u.ID {
		return store.Attempt{ID: id}, outcome.Errorf(outcome.RequestUnknown, "no such request in this session")
	}
	if err == nil && signin.StateOf(a, d.now()) == signin.Expired {
		err = outcome.Errorf(outcome.ChallengeExpired, "answered after %s", d.now().Sub(a.Created))
	}
	return a, err
}

// Finish verifies what the browser sent (RegistrationResponseJSON) and keeps the registration, which is returned. The
// error carries a code; the attempt, as far as it is known, is returned with it.
func (d *Desk) Finish(ctx context.Context, id string, u store.User, session []byte, name string, response []byte) (store.Registration, store.Attempt, error) {
	a, err := d.take(ctx, kind, id, u, session)
	if err != nil {
		return store.Registration{}, a, err
	}
	may, has, err := d.of(ctx, u)
	if err != nil {
		return store.Registration{}, a, err
	}
	a.Policy = may.String()
	if err := room(may, has, Wish{a.Use, a.Renews}); err != nil {
		return store.Registration{}, a, err
	}
	r, n, err := d.rp.FinishRegistration(u, a.State, response)
	if err != nil {
		return r, a, err
	}
	if err := welcome(may, r, n, a.Use); err != nil {
		return r, a, err
	}
	r.Name, r.Created, r.Use, r.Renews = PhoneName(name), d.now(), a.Use, a.Renews
	e := d.entry(a, outcome.Registered, signin.Did(n))
	e.Registration = r.ID
	if err := d.store.CreateRegistration(ctx, r, e); !errors.Is(err, store.ErrExists) {
		return r, a, err
	}
	return r, a, outcome.Errorf(outcome.RegistrationExists, "the credential id is taken")
}

// welcome says why a new key is not kept, now that it is known what it is.
func welcome(may policy.Decision, r store.Registration, n passkey.NumberMatch, use string) error {
	switch {
	case may.MayRegister(r.Kind, use):
		return signin.Enough(may, r, n, signin.Demanded(may))
	case r.Kind == policy.KindPasskey:
		return outcome.Errorf(outcome.PasskeyNotAllowed, "passkeys=%s by %s", may[policy.SetPasskeys].Word, may[policy.SetPasskeys].From)
	}
	return outcome.Errorf(outcome.PhoneDisabledByPolicy, "off by %s", may[policy.SetPhone].From)
}

// Fail takes a ceremony of a session that the browser gave up on and says what became of it; compare signin.Flow.Fail.
func (d *Desk) Fail(ctx context.Context, kind, id string, u store.User, session []byte, name string, waited time.Duration) (store.Attempt, outcome.Code, error) {
	a, err := d.store.TakeAttempt(ctx, kind, id, session)
	if errors.Is(err, store.ErrNotFound) || err == nil && a.UserID != u.ID {
		return store.Attempt{ID: id}, "", outcome.Errorf(outcome.RequestUnknown, "no such request in this session")
	}
	if err != nil {
		return a, "", err
	}
	code := signin.FailureCode(name, min(waited, d.now().Sub(a.Created)))
	return a, code, d.store.Log(ctx, d.entry(a, code, ""))
}

// Refused writes why a ceremony came to nothing.
func (d *Desk) Refused(ctx context.Context, a store.Attempt, code outcome.Code, detail string) error {
	return d.store.Log(ctx, d.entry(a, code, detail))
}

func (d *Desk) entry(a store.Attempt, code outcome.Code, detail string) store.Entry {
	return signin.EntryOf(a, a.Kind, code, detail, d.now())
}

// Removal says who takes a device away.
type Removal struct {
	Keep    []byte // token hash of the session that asks, which stays
	Vouched bool   // a device said in that session who it is
	ByToken bool   // a desktop says it, by the token that came with the registration; no session asks
	Detail  string // for the log, if it is not the user

	By store.Change // of the admin, if it is one
}

// Remove takes a device from its user, at once: it can't sign in any more, and the sessions that it began end unless
// policy keeps them. Where it was the last and nobody vouched for who took it, the password alone adds no other: else it
// would be enough to take a phone's place. The error carries registration_unknown.
func (d *Desk) Remove(ctx context.Context, u store.User, id []byte, r Removal, by signin.Asker) error {
	may, err := d.policy.For(ctx, u.ID)
	if err != nil {
		return err
	}
	e := store.Entry{Time: d.now(), Request: signin.NewRequest(), UPN: u.UPN, UserID: u.ID, Method: "remove", Code: string(outcome.RegistrationRemoved),
		Detail: r.Detail, Registration: id, Agent: by.Agent}
	if by.Address.IsValid() {
		e.Address = by.Address.String()
	}
	gone := store.Removal{UserID: u.ID, ID: id, Keep: r.Keep, By: r.By, Open: may.Is(policy.SetSessions, policy.Keep)}
	if (r.Keep != nil || r.ByToken) && !r.Vouched {
		gone.Bare = d.now()
	}
	err = d.store.RemoveRegistration(ctx, gone, e)
	if errors.Is(err, store.ErrNotFound) {
		return outcome.Errorf(outcome.RegistrationUnknown, "not among the user's registrations")
	}
	return err
}

// PhoneName makes a name that can be shown out of what somebody typed: one line, no control or direction characters.
func PhoneName(typed string) string {
	clean := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(typed, ""))
	clean = strings.TrimSpace(clean)
	if runes := []rune(clean); len(runes) > MaxName {
		clean = strings.TrimSpace(string(runes[:MaxName]))
	}
	if clean == "" {
		return "Phone"
	}
	return clean
}
