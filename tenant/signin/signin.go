// Package signin is one sign-in with the phone, from the UPN or a right password to the answer, as the tenant sees it. To the tenant this is
// plain WebAuthn: it hands a challenge to the page and gets an assertion or a failure back. What happens in between, on
// the desktop and the phone, it can't see, and it does not claim to.
//
// # What a stranger learns
//
// A page that waits for the phone says: this account exists and has phone sign-in, and its options carry the credential
// ids (WebAuthn section 14.6.2). So a UPN alone leads there only in a browser that can prove that the account has signed in
// from it before. Every other browser gets one page for all UPNs, which offers the phone, asked without a name
// (discoverable credentials leak nothing), and the password.
//
// Made-up credential ids for unknown UPNs would save that click and were left out: they only move the leak, for the
// password page would then mean "exists, without a phone". To close it, everybody without a phone would have to wait for a
// number that never comes, which is what a pilot with a few users must not do to the others. Made-up ids for a share of
// the unknown UPNs make single answers doubtful, not wrong, and send people who mistyped into a dead end of 60 seconds.
//
// Where the names are no secret (addresses by a rule, on every business card), serve --show-accounts leads every UPN to
// its phone at once. Then the leak is made slow: an address may ask for a few UPNs a minute, after that every UPN leads to
// the password page.
package signin

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/outcome"
	"tallykey/tenant/passkey"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

const (
	// ChallengeLife is how long an answer is accepted.
	ChallengeLife = 2 * time.Minute
	kind          = "signin"
)

// How somebody signed in; it stands in the session and in the log.
const (
	MethodPhone   = "phone"
	MethodPasskey = "passkey"        // of another maker
	MethodSecond  = "password+phone" // the password, and the phone after it

	MethodFederated       = "federated"       // the issuer of the account's domain vouched for the person
	MethodFederatedSecond = "federated+phone" // and the phone after it
)

// What an attempt comes after; empty: nothing.
const (
	second    = "second"    // a right password
	vouchedBy = "federated" // an issuer's word
)

// ErrNoPhone means that this UPN goes to the password page, for whatever reason.
var ErrNoPhone = errors.New("no phone to ask")

// State is how far a sign-in is by the clock. Answered and ended ones are gone from the store: they have no state.
type State string

// The states in their order.
const (
	Waiting State = "waiting" // the phone has its 60 seconds
	Late    State = "late"    // the page stops asking; an answer on its way still counts
	Expired State = "expired"
)

// String implements fmt.Stringer.
func (s State) String() string { return string(s) }

// StateOf is the state of a sign-in at a moment.
func StateOf(a store.Attempt, now time.Time) State {
	switch {
	case !now.Before(a.Expires):
		return Expired
	case now.Sub(a.Created) >= passkey.Patience:
		return Late
	}
	return Waiting
}

// Asker is the browser that wants to sign in.
type Asker struct {
	Browser []byte // hash of its cookie
	Address netip.Addr
	Agent   string
	App     string // client id of the app that waits; empty: none
	Keep    bool   // the person wants to stay signed in
	Proven  string // UPN that has signed in from this browser before, as the browser proves; empty: none
}

// Flow begins and ends sign-ins.
type Flow struct {
	store   *store.Store
	rp      *passkey.RelyingParty
	policy  *policy.Book
	now     func() time.Time
	lookups *lookups // by UPN
	starts  *lookups // without one
}

// NewFlow makes a Flow.
func NewFlow(s *store.Store, rp *passkey.RelyingParty, p *policy.Book, now func() time.Time) *Flow {
	return &Flow{s, rp, p, now, newLookups(now), newLookups(now)}
}

// NewRequest makes a correlation id, such as "7f3c-91ab-40de-0b12", for what has no challenge: it stands on the page and in
// the log. It is no secret.
func NewRequest() string {
	raw := make([]byte, 8)
	rand.Read(raw)
	return passkey.Grouped(raw)
}

// Begin asks the devices of an account. ErrNoPhone: it has none that policy lets it use, it is disabled, does not exist,
// or this address has asked for too many. The work is the same for an account that does not exist.
func (f *Flow) Begin(ctx context.Context, upn account.UPN, by Asker) (store.Attempt, error) {
	if !f.lookups.allow(by) {
		return store.Attempt{}, ErrNoPhone
	}
	u, err := f.store.UserByUPN(ctx, string(upn))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Attempt{}, err
	}
	has, err := f.store.Registrations(ctx, u.ID)
	if err != nil {
		return store.Attempt{}, err
	}
	may, err := f.policy.For(ctx, u.ID)
	if err != nil {
		return store.Attempt{}, err
	}
	if has = may.SignIn(has); len(has) == 0 || !u.Disabled.IsZero() {
		return store.Attempt{}, ErrNoPhone
	}
	return f.ask(ctx, u, has, Demanded(may), may, store.Attempt{}, by)
}

// BeginSecond asks the user's devices after a right password. ErrNoPhone: policy wants no second factor of this user, or
// there is no device to ask, so that the password alone signs in.
func (f *Flow) BeginSecond(ctx context.Context, u store.User, by Asker) (store.Attempt, error) {
	return f.beginSecond(ctx, u, second, by)
}

// BeginAfterIssuer is BeginSecond after the word of the issuer of the account's domain, which counts as a password does.
func (f *Flow) BeginAfterIssuer(ctx context.Context, u store.User, by Asker) (store.Attempt, error) {
	return f.beginSecond(ctx, u, vouchedBy, by)
}

func (f *Flow) beginSecond(ctx context.Context, u store.User, after string, by Asker) (store.Attempt, error) {
	has, err := f.store.Registrations(ctx, u.ID)
	if err != nil {
		return store.Attempt{}, err
	}
	may, err := f.policy.For(ctx, u.ID)
	if err != nil {
		return store.Attempt{}, err
	}
	if has = may.Approve(has); len(has) == 0 {
		return store.Attempt{}, ErrNoPhone
	}
	return f.ask(ctx, u, has, SecondMode(may), may, store.Attempt{Use: after}, by)
}

// BeginWith asks one device that takes the place of another to sign in once. Who asks is signed in and has just confirmed
// it, which is what a second factor comes after.
func (f *Flow) BeginWith(ctx context.Context, u store.User, r store.Registration, by Asker) (store.Attempt, error) {
	may, err := f.policy.For(ctx, u.ID)
	if err != nil {
		return store.Attempt{}, err
	}
	a, mode := store.Attempt{Renews: r.Renews}, Demanded(may)
	if r.Use == policy.UseApprove {
		a.Use, mode = second, SecondMode(may)
	}
	return f.ask(ctx, u, []store.Registration{r}, mode, may, a, by)
}

// Second says whether an attempt comes after a right password, or an issuer's word.
func Second(a store.Attempt) bool { return a.Use == second || a.Use == vouchedBy }

func (f *Flow) ask(ctx context.Context, u store.User, has []store.Registration, m passkey.Mode, may policy.Decision, a store.Attempt, by Asker) (store.Attempt, error) {
	options, state, err := f.rp.BeginSignIn(u, has, m)
	if err != nil {
		return store.Attempt{}, err
	}
	a.UserID, a.UPN, a.Options, a.State, a.Policy = u.ID, u.UPN, options, state, may.String()
	return f.keep(ctx, a, by)
}

// BeginAny asks whichever device answers: nobody has typed a UPN. It asks for the number as the strictest rule wants it,
// for nobody knows yet which rule counts. The error carries address_busy when this address begins too many: each leaves a
// line in the log.
func (f *Flow) BeginAny(ctx context.Context, by Asker) (store.Attempt, error) {
	if err := f.Allow(by); err != nil {
		return store.Attempt{}, err
	}
	strictest, err := f.policy.Strictest(ctx)
	if err != nil {
		return store.Attempt{}, err
	}
	options, state, err := f.rp.BeginAnySignIn(Demanded(strictest))
	if err != nil {
		return store.Attempt{}, err
	}
	return f.keep(ctx, store.Attempt{Options: options, State: state}, by)
}

// Allow counts a sign-in that begins without a phone's name. The error carries address_busy: each leaves a line in the log.
func (f *Flow) Allow(by Asker) error {
	if !f.starts.allow(by) {
		return outcome.Errorf(outcome.AddressBusy, "over the limit")
	}
	return nil
}

func (f *Flow) keep(ctx context.Context, a store.Attempt, by Asker) (store.Attempt, error) {
	a, err := NewAttempt(kind, a, by, f.now())
	if err != nil {
		return a, err
	}
	return a, f.store.CreateAttempt(ctx, a)
}

// NewAttempt fills in who asks, when, and the correlation id that the challenge gives.
func NewAttempt(kind string, a store.Attempt, by Asker, now time.Time) (_ store.Attempt, err error) {
	a.Kind, a.Browser, a.Agent, a.App, a.Keep = kind, by.Browser, by.Agent, by.App, by.Keep
	if by.Address.IsValid() {
		a.Address = by.Address.String()
	}
	a.Created, a.Expires = now, now.Add(ChallengeLife)
	a.ID, err = passkey.Request(a.State)
	return a, err
}

// Look gives a sign-in that began in this browser and has no outcome yet. The error carries request_unknown.
func (f *Flow) Look(ctx context.Context, id string, browser []byte) (store.Attempt, error) {
	return known(f.store.Attempt(ctx, kind, id, browser))
}

func (f *Flow) take(ctx context.Context, id string, browser []byte) (store.Attempt, error) {
	return known(f.store.TakeAttempt(ctx, kind, id, browser))
}

func known(a store.Attempt, err error) (store.Attempt, error) {
	if errors.Is(err, store.ErrNotFound) {
		return a, outcome.Errorf(outcome.RequestUnknown, "no such request in this browser")
	}
	return a, err
}
