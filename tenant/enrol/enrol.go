// Package enrol adds phones to an account and takes them away. Adding needs a session that was confirmed by password
// minutes ago (package session, Fresh): else whoever finds a desktop unlocked could add a phone of their own and keep the
// account. Taking away needs only the session: a lost phone must go at once, and what is left is the password.
package enrol

import (
	"context"
	"errors"
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
	// MaxPhones is how many an account may have.
	MaxPhones = 10
	// MaxName is the longest name of a phone, in characters.
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

// Begin asks for a key on a phone. The challenge is bound to the session's token, which by.Browser must be the hash of:
// signing out or in again ends it. The error carries registration_limit or phone_disabled_by_policy.
func (d *Desk) Begin(ctx context.Context, u store.User, by signin.Asker) (store.Attempt, error) {
	has, err := d.store.Registrations(ctx, u.ID)
	if err != nil {
		return store.Attempt{}, err
	}
	may, err := d.allowed(ctx, u)
	if err != nil {
		return store.Attempt{}, err
	}
	if len(has) >= MaxPhones {
		return store.Attempt{}, outcome.Errorf(outcome.RegistrationLimit, "%d phones", len(has))
	}
	options, state, err := d.rp.BeginRegistration(u, has)
	if err != nil {
		return store.Attempt{}, err
	}
	a := store.Attempt{ID: signin.NewRequest(), Kind: kind, Browser: by.Browser, UserID: u.ID, UPN: u.UPN, Options: options, State: state, Policy: may.String(),
		Address: by.Address.String(), Agent: by.Agent, Created: d.now(), Expires: d.now().Add(signin.ChallengeLife)}
	return a, d.store.CreateAttempt(ctx, a)
}

// allowed asks the policy of this moment.
func (d *Desk) allowed(ctx context.Context, u store.User) (policy.Decision, error) {
	may, err := d.policy.For(ctx, u.ID)
	if err == nil && may.Phone == policy.Off {
		err = outcome.Errorf(outcome.PhoneDisabledByPolicy, "off by %s", may.PhoneFrom)
	}
	return may, err
}

func (d *Desk) take(ctx context.Context, id string, u store.User, session []byte) (store.Attempt, error) {
	a, err := d.store.TakeAttempt(ctx, kind, id, session)
	if errors.Is(err, store.ErrNotFound) || err == nil && a.UserID != u.ID {
		return store.Attempt{ID: id}, outcome.Errorf("request_unknown", "no such request in this session")
	}
	return a, err
}

// Finish verifies what the browser sent (RegistrationResponseJSON) and keeps the registration. The error carries a code;
// the attempt, as far as it is known, is returned with it.
func (d *Desk) Finish(ctx context.Context, id string, u store.User, session []byte, name string, response []byte) (store.Attempt, error) {
	a, err := d.take(ctx, id, u, session)
	if err != nil {
		return a, err
	}
	if signin.StateOf(a, d.now()) == signin.Expired {
		return a, outcome.Errorf(outcome.ChallengeExpired, "answered after %s", d.now().Sub(a.Created))
	}
	may, err := d.allowed(ctx, u)
	a.Policy = may.String()
	if err != nil {
		return a, err
	}
	r, err := d.rp.FinishRegistration(u, a.State, response)
	if err != nil {
		return a, err
	}
	r.Name, r.Created = PhoneName(name), d.now()
	e := d.entry(a, "registered", "")
	e.Registration = r.ID
	if err := d.store.CreateRegistration(ctx, r, e); !errors.Is(err, store.ErrExists) {
		return a, err
	}
	return a, outcome.Errorf("registration_exists", "the credential id is taken")
}

// Fail takes a registration that the browser gave up on and says what became of it; compare signin.Flow.Fail.
func (d *Desk) Fail(ctx context.Context, id string, u store.User, session []byte, name string, waited time.Duration) (store.Attempt, outcome.Code, error) {
	a, err := d.take(ctx, id, u, session)
	if err != nil {
		return a, "", err
	}
	code := signin.FailureCode(name, min(waited, d.now().Sub(a.Created)))
	return a, code, d.store.Log(ctx, d.entry(a, code, ""))
}

// Refused writes why a registration was not kept.
func (d *Desk) Refused(ctx context.Context, a store.Attempt, code outcome.Code, detail string) error {
	return d.store.Log(ctx, d.entry(a, code, detail))
}

func (d *Desk) entry(a store.Attempt, code outcome.Code, detail string) store.Entry {
	return store.Entry{Time: d.now(), Request: a.ID, UPN: a.UPN, UserID: a.UserID, Method: kind, Code: string(code), Detail: detail, Policy: a.Policy,
		Address: a.Address, Agent: a.Agent, Millis: d.now().Sub(a.Created).Milliseconds()}
}

// Remove takes a phone from its user, at once: it can't sign in any more, and the sessions that it began elsewhere end.
// keep is the token hash of the session that asks. The error carries registration_unknown.
func (d *Desk) Remove(ctx context.Context, u store.User, id, keep []byte, by signin.Asker) error {
	e := store.Entry{Time: d.now(), Request: signin.NewRequest(), UPN: u.UPN, UserID: u.ID, Method: "remove", Code: string(outcome.RegistrationRemoved),
		Registration: id, Address: by.Address.String(), Agent: by.Agent}
	err := d.store.RemoveRegistration(ctx, u.ID, id, keep, e)
	if errors.Is(err, store.ErrNotFound) {
		return outcome.Errorf("registration_unknown", "not among the user's registrations")
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
