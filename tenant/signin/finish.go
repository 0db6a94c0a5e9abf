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
	if a, err = f.allowed(ctx, a, who); err != nil {
		return Done{}, a, err
	}
	return f.done(a, who), a, nil
}

// allowed asks the policy of this moment: it may have changed since the phone was asked, and nobody asked it before where
// no UPN was typed. The attempt comes back with the user who answered and what was decided.
func (f *Flow) allowed(ctx context.Context, a store.Attempt, who passkey.SignedIn) (store.Attempt, error) {
	may, err := f.policy.For(ctx, who.User.ID)
	if err != nil {
		return a, err
	}
	a.UserID, a.UPN, a.Policy = who.User.ID, who.User.UPN, may.String()
	if err := Usable(may, who.User, true); err != nil {
		return a, err
	}
	if Second(a) {
		if !may.MayApprove(who.Device) {
			return a, outcome.Errorf(outcome.ApproveNotAllowed, "approve=%s by %s", may[policy.SetApprove].Word, may[policy.SetApprove].From)
		}
		return a, Enough(may, who.Device, who.Number, SecondMode(may))
	}
	if err := alone(may, who.Device); err != nil {
		return a, err
	}
	return a, Enough(may, who.Device, who.Number, Demanded(may))
}

// Usable says whether an account may be used at all; vouched says whether a device of it answers, or has. Where policy
// blocks reported accounts, the block is for what needs no device; only who reports with one blocks devices too. Else who
// stole a password could lock the owner out: the owner's phone is the way back. The error carries account_disabled or
// account_at_risk.
func Usable(may policy.Decision, u store.User, vouched bool) error {
	switch {
	case !u.Disabled.IsZero():
		return outcome.Errorf(outcome.AccountDisabled, "disabled since %s", u.Disabled.Format(time.RFC3339))
	case !u.Risk.IsZero() && may.Is(policy.SetReports, policy.Block) && (u.Sealed || !vouched):
		return outcome.Errorf(outcome.AccountAtRisk, "reported %s", u.Risk.Format(time.RFC3339))
	}
	return nil
}

// alone says why a device does not sign in by itself.
func alone(may policy.Decision, r store.Registration) error {
	switch {
	case may.MaySignIn(r):
		return nil
	case may.Is(policy.SetPassword, policy.Required):
		return outcome.Errorf(outcome.PasswordRequired, "required by %s", may[policy.SetPassword].From)
	case r.Use == policy.UseApprove:
		return outcome.Errorf(outcome.PhoneSignInNotEnabled, "the registration is a second factor")
	case r.Kind == policy.KindPasskey:
		return outcome.Errorf(outcome.PasskeyNotAllowed, "off by %s", may[policy.SetPasskeys].From)
	}
	return outcome.Errorf(outcome.PhoneDisabledByPolicy, "off by %s", may[policy.SetPhone].From)
}

func (f *Flow) done(a store.Attempt, who passkey.SignedIn) Done {
	e := f.Entry(a, outcome.Approved, Did(who.Number))
	e.Registration, e.Method = who.Device.ID, method(a, who.Device)
	if who.Rewound {
		e.Detail += "; the sign count went back: a copy of this key may exist"
	}
	return Done{store.Session{UserID: who.User.ID, Method: e.Method, Registration: who.Device.ID, Number: string(who.Number.Mode), UV: who.Number.UV,
		Kept: a.Keep}, who.SignCount, e}
}

// Did words what a device says it did, for the log.
func Did(n passkey.NumberMatch) string {
	if !n.Matched() {
		return "no number"
	}
	return "number by " + string(n.Mode) + ", verified by " + n.UV
}

func method(a store.Attempt, r store.Registration) string {
	switch {
	case a.Use == second:
		return MethodSecond
	case a.Use == vouchedBy:
		return MethodFederatedSecond
	case r.Kind == policy.KindPasskey:
		return MethodPasskey
	}
	return MethodPhone
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
		return outcome.TimedOut
	case failureName(name) == "NotSupportedError":
		return outcome.WebAuthnMissing
	case failureName(name) == "InvalidStateError":
		return outcome.RegistrationExists
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
	return EntryOf(a, methodOf(a), code, detail, f.now())
}

// Left is the log's line of a ceremony that nobody answered.
func Left(now time.Time) func(store.Attempt) store.Entry {
	return func(a store.Attempt) store.Entry {
		return EntryOf(a, methodOf(a), outcome.PageLeft, "", now)
	}
}

// methodOf is the method of an attempt of which nobody knows the device.
func methodOf(a store.Attempt) string {
	switch {
	case a.Kind != kind:
		return a.Kind
	case a.Use == second:
		return MethodSecond
	case a.Use == vouchedBy:
		return MethodFederatedSecond
	}
	return MethodPhone
}

// EntryOf is the log's line of a ceremony that has its outcome now.
func EntryOf(a store.Attempt, method string, code outcome.Code, detail string, now time.Time) store.Entry {
	return store.Entry{Time: now, Request: a.ID, UPN: a.UPN, UserID: a.UserID, App: a.App, Method: method, Code: string(code), Detail: detail,
		Policy: a.Policy, Address: a.Address, Agent: a.Agent, Millis: now.Sub(a.Created).Milliseconds()}
}
