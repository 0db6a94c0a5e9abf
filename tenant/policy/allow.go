package policy

import (
	"slices"

	"tallykey/tenant/store"
)

// The kinds and uses of registrations, as the store has them.
const (
	KindPhone   = "phone"
	KindPasskey = "passkey"
	UseSignIn   = "signin"
	UseApprove  = "approve"
)

// setting is the one that a kind of device is under.
func setting(kind string) Setting {
	if kind == KindPasskey {
		return SetPasskeys
	}
	return SetPhone
}

// MaySignIn says whether a device may sign its user in by itself.
func (d Decision) MaySignIn(r store.Registration) bool {
	return r.Use == UseSignIn && !d.Is(setting(r.Kind), Off) && !d.Is(SetPassword, Required)
}

// MayApprove says whether a device may be the second factor after a right password.
func (d Decision) MayApprove(r store.Registration) bool {
	if r.Use == UseApprove {
		return !d.Is(SetApprove, Off) || d.Is(SetPassword, Required)
	}
	return !d.Is(setting(r.Kind), Off) && (d.Is(SetApprove, Required) || d.Is(SetPassword, Required))
}

// SignIn and Approve are the devices that may.
func (d Decision) SignIn(has []store.Registration) []store.Registration {
	return filter(has, d.MaySignIn)
}

// Approve are the devices of which one is asked after a right password; none: the password alone signs in.
func (d Decision) Approve(has []store.Registration) []store.Registration {
	return filter(has, d.MayApprove)
}

func filter(has []store.Registration, may func(store.Registration) bool) (out []store.Registration) {
	for _, r := range has {
		if may(r) {
			out = append(out, r)
		}
	}
	return out
}

// MayRegister says whether a device of this kind and use may be added.
func (d Decision) MayRegister(kind, use string) bool {
	if use == UseApprove {
		return kind == KindPhone && !d.Is(SetApprove, Off)
	}
	return !d.Is(setting(kind), Off)
}

// PasswordAllowed says whether somebody with these devices may sign in with the password: it is what is left where
// nothing else signs in.
func (d Decision) PasswordAllowed(has []store.Registration) bool {
	if d.Is(SetPassword, Required) || d.Is(SetPhone, Off) && d.Is(SetPasskeys, Off) {
		return true
	}
	if d.Is(SetPassword, Off) {
		return false
	}
	if len(d.SignIn(has)) == 0 {
		return true
	}
	return d.Is(SetInstead, On) && !d.demanded(has)
}

// demanded says whether the user has a device of a method that is required.
func (d Decision) demanded(has []store.Registration) bool {
	return slices.ContainsFunc(d.SignIn(has), func(r store.Registration) bool { return d.Is(setting(r.Kind), Required) })
}

// Missing is the method of which the user must register a device before anything else; empty: none.
func (d Decision) Missing(has []store.Registration) Setting {
	for _, m := range []struct {
		setting   Setting
		kind, use string
	}{{SetPhone, KindPhone, UseSignIn}, {SetPasskeys, KindPasskey, UseSignIn}, {SetApprove, KindPhone, ""}} {
		if d.Is(m.setting, Required) && !slices.ContainsFunc(has, func(r store.Registration) bool {
			return r.Kind == m.kind && (m.use == "" || r.Use == m.use)
		}) {
			return m.setting
		}
	}
	return ""
}

// strengths in their order; what a device does not say is the weakest.
var strengths = []string{"", string(PIN), string(Platform)}

// StrongEnough says whether user verification of this strength ("platform", "pin" or not said) is at least what is
// demanded. A passkey of another maker says nothing about it, and is judged by SetPasskeys alone.
func (d Decision) StrongEnough(kind, uv string) bool {
	if kind == KindPasskey || d.Is(SetStrength, Any) {
		return true
	}
	return slices.Index(strengths, uv) >= slices.Index(strengths, string(d[SetStrength].Word))
}
