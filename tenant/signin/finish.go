package signin

import (
	"context"
	"errors"
	"time"

	"tallykey/tenant/outcome"
	"tallykey/tenant/passkey"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

// Done is a sign-in whose answer was right. Nobody is signed in before the session is kept with Entry.
type Done struct {
	Session   store.Session // without token and times
	SignCount uint32
	Entry     store.Entry
}

// Answer takes the sign-in, once, and verifies what the browser sent (AuthenticationResponseJSON). Whatever comes out,
// its challenge is used up. The error carries a code; the attempt, as far as it is known, is returned with it.
func (f *Flow) Answer(ctx context.Context, id string, browser, response []byte) (Done, store.Attempt, error) {
	a, err := f.take(ctx, id, browser)
	if err != nil {
		return Done{}, store.Attempt{ID: id}, err
	}
	if StateOf(a, f.now()) == Expired {
		return Done{}, a, outcome.Errorf(outcome.ChallengeExpired, "answered after %s", f.now().Sub(a.Created))
	}
	who, err := f.rp.FinishSignIn(a.State, response, f.owner(ctx))
	if err != nil {
		return Done{}, a, err
	}
	if a, err = f.allowed(ctx, a, who.User); err != nil {
		return Done{}, a, err
	}
	return f.done(a, who), a, nil
}

// allowed asks the policy of this moment: it may have changed since the phone was asked, and nobody asked it before where
// no UPN was typed. The attempt comes back with the user who answered and what was decided.
func (f *Flow) allowed(ctx context.Context, a store.Attempt, u store.User) (store.Attempt, error) {
	may, err := f.policy.For(ctx, u.ID)
	if err != nil {
		return a, err
	}
	a.UserID, a.UPN, a.Policy = u.ID, u.UPN, may.String()
	switch {
	case !u.Disabled.IsZero():
		return a, outcome.Errorf(outcome.AccountDisabled, "disabled since %s", u.Disabled.Format(time.RFC3339))
	case may.Phone == policy.Off:
		return a, outcome.Errorf(outcome.PhoneDisabledByPolicy, "off by %s", may.PhoneFrom)
	}
	return a, nil
}

func (f *Flow) done(a store.Attempt, who passkey.SignedIn) Done {
	e := f.Entry(a, "approved", "")
	e.Registration = who.Registration
	if who.Rewound {
		e.Detail = "the sign count went back: a copy of this key may exist"
	}
	return Done{store.Session{UserID: who.User.ID, Method: Method, Registration: who.Registration}, who.SignCount, e}
}

func (f *Flow) owner(ctx context.Context) passkey.Owner {
	return func(handle []byte) (store.User, []store.Registration, error) {
		u, err := f.store.UserByHandle(ctx, handle)
		if err != nil {
			return u, nil, err
		}
		has, err := f.store.Registrations(ctx, u.ID)
		return u, has, err
	}
}

// Fail takes a sign-in that the browser gave up on and says what became of it. name is that of the DOMException, waited
// what the page says it waited. WebAuthn tells a page one name, NotAllowedError, for "declined", "timed out" and "nobody
// there" alike (section 14.5.3), so only time tells them apart; the tenant's clock must agree with the page's.
func (f *Flow) Fail(ctx context.Context, id string, browser []byte, name string, waited time.Duration) (store.Attempt, outcome.Code, error) {
	a, err := f.take(ctx, id, browser)
	if err != nil {
		return store.Attempt{ID: id}, "", err
	}
	code := FailureCode(name, min(waited, f.now().Sub(a.Created)))
	return a, code, f.store.Log(ctx, f.Entry(a, code, "the page reports "+failureName(name)))
}

// FailureCode names what the page reports.
func FailureCode(name string, waited time.Duration) outcome.Code {
	switch {
	case waited >= passkey.Patience:
		return "timed_out"
	case failureName(name) == "NotSupportedError":
		return outcome.WebAuthnMissing
	case failureName(name) == "InvalidStateError":
		return "registration_exists"
	case failureName(name) == "SecurityError":
		return outcome.OriginWrong
	}
	return outcome.NotCompleted
}

// failureName lets only the names pass that WebAuthn's get() and create() have: the rest would be a stranger's text in the log.
func failureName(name string) string {
	switch name {
	case "NotAllowedError", "AbortError", "SecurityError", "NotSupportedError", "InvalidStateError", "ConstraintError", "UnknownError", "NotReadableError", "TypeError":
		return name
	}
	return "an unnamed failure"
}

// End takes a sign-in that something else took the place of. One that is gone already is no error.
func (f *Flow) End(ctx context.Context, id string, browser []byte, code outcome.Code) error {
	a, err := f.store.TakeAttempt(ctx, kind, id, browser)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.store.Log(ctx, f.Entry(a, code, ""))
}

// Entry is the log's line of a sign-in that has its outcome now.
func (f *Flow) Entry(a store.Attempt, code outcome.Code, detail string) store.Entry {
	return store.Entry{Time: f.now(), Request: a.ID, UPN: a.UPN, UserID: a.UserID, Method: Method, Code: string(code), Detail: detail, Policy: a.Policy,
		Address: a.Address, Agent: a.Agent, Millis: f.now().Sub(a.Created).Milliseconds()}
}

// Left is the log's line of a ceremony that nobody answered.
func Left(now time.Time) func(store.Attempt) store.Entry {
	return func(a store.Attempt) store.Entry {
		method := Method
		if a.Kind != kind {
			method = a.Kind
		}
		return store.Entry{Time: now, Request: a.ID, UPN: a.UPN, UserID: a.UserID, Method: method, Code: string(outcome.PageLeft), Policy: a.Policy,
			Address: a.Address, Agent: a.Agent, Millis: now.Sub(a.Created).Milliseconds()}
	}
}
