package enrol

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"tallykey/tenant/outcome"
	"tallykey/tenant/passkey"
	"tallykey/tenant/policy"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

// The kinds of ceremonies in which a device that is registered already answers for somebody who is signed in.
const (
	Confirm = "confirm" // that it is still the same person
	OptIn   = "optin"   // that the phone, which was the second factor, signs in by itself from now on
)

// ErrNoDevice means that there is nothing to ask.
var ErrNoDevice = errors.New("no device to ask")

// BeginConfirm asks the user's devices whether it is still the same person. After a right password (second) it asks the
// old second factor, where there is one; else a device that signs in by itself, with the number. ErrNoDevice: the user has
// none that policy lets answer.
func (d *Desk) BeginConfirm(ctx context.Context, u store.User, second bool, by signin.Asker) (store.Attempt, error) {
	may, has, err := d.of(ctx, u)
	if err != nil {
		return store.Attempt{}, err
	}
	mode, ask, use := signin.Demanded(may), may.SignIn(has), ""
	if old := may.Approve(has); second && len(old) > 0 {
		mode, ask, use = signin.SecondMode(may), old, "second"
	}
	return d.ask(ctx, Confirm, u, ask, mode, store.Attempt{Policy: may.String(), Use: use}, by)
}

// BeginOptIn asks one phone that was a second factor to sign in by itself from now on: by the number, as every sign-in
// will. The error carries registration_unknown or phone_disabled_by_policy.
func (d *Desk) BeginOptIn(ctx context.Context, u store.User, id []byte, by signin.Asker) (store.Attempt, error) {
	may, has, err := d.of(ctx, u)
	if err != nil {
		return store.Attempt{}, err
	}
	i := slices.IndexFunc(has, func(r store.Registration) bool { return bytes.Equal(r.ID, id) && r.Use == policy.UseApprove })
	if i < 0 {
		return store.Attempt{}, outcome.Errorf(outcome.RegistrationUnknown, "not a second factor of the user's")
	}
	if may.Is(policy.SetPhone, policy.Off) {
		return store.Attempt{}, outcome.Errorf(outcome.PhoneDisabledByPolicy, "off by %s", may[policy.SetPhone].From)
	}
	return d.ask(ctx, OptIn, u, has[i:i+1], signin.Demanded(may), store.Attempt{Policy: may.String()}, by)
}

func (d *Desk) ask(ctx context.Context, kind string, u store.User, ask []store.Registration, m passkey.Mode, a store.Attempt, by signin.Asker) (store.Attempt, error) {
	if len(ask) == 0 {
		return store.Attempt{}, ErrNoDevice
	}
	options, state, err := d.rp.BeginSignIn(u, ask, m)
	if err != nil {
		return store.Attempt{}, err
	}
	a.UserID, a.UPN, a.Options, a.State = u.ID, u.UPN, options, state
	return d.keep(ctx, kind, a, by)
}

// Answer verifies what a device answered (AuthenticationResponseJSON). For OptIn the registration signs in by itself from
// then on. The entry is that of the confirmation, which the caller keeps together with what it confirms.
func (d *Desk) Answer(ctx context.Context, kind, id string, u store.User, session, response []byte) (store.Entry, store.Attempt, error) {
	a, err := d.take(ctx, kind, id, u, session)
	if err != nil {
		return store.Entry{}, a, err
	}
	may, has, err := d.of(ctx, u)
	if err != nil {
		return store.Entry{}, a, err
	}
	a.Policy = may.String()
	who, err := d.rp.FinishSignIn(a.State, response, func([]byte) (store.User, []store.Registration, error) { return u, has, nil })
	if err != nil {
		return store.Entry{}, a, err
	}
	mode, usable := signin.Demanded(may), may.MaySignIn
	switch {
	case a.Use == "second":
		mode, usable = signin.SecondMode(may), may.MayApprove
	case kind == OptIn:
		usable = func(r store.Registration) bool { return !may.Is(policy.SetPhone, policy.Off) }
	}
	if !usable(who.Device) {
		return store.Entry{}, a, outcome.Errorf(outcome.PhoneDisabledByPolicy, "off since it was asked")
	}
	if err := signin.Enough(may, who.Device, who.Number, mode); err != nil {
		return store.Entry{}, a, err
	}
	e := d.entry(a, outcome.Approved, signin.Did(who.Number))
	e.Registration = who.Device.ID
	if kind == OptIn {
		e.Code = string(outcome.PhoneSignInEnabled)
		return e, a, d.store.SetUse(ctx, u.ID, who.Device.ID, policy.UseSignIn, e)
	}
	return e, a, nil
}
