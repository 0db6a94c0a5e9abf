package signin

import (
	"tallykey/tenant/outcome"
	"tallykey/tenant/passkey"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

// Demanded is how policy wants the number matched.
func Demanded(d policy.Decision) passkey.Mode {
	if d.Is(policy.SetNumber, policy.Type) {
		return passkey.Type
	}
	return passkey.Choose
}

// SecondMode is how the phone is asked after a right password: to approve or deny, or by a number where policy does not
// take approve or deny.
func SecondMode(d policy.Decision) passkey.Mode {
	if d.Is(policy.SetApprove, policy.Off) {
		return Demanded(d)
	}
	return passkey.Approve
}

// Enough says whether what a device did is at least what policy demands. The error carries number_too_weak or
// verification_too_weak. A phone that never said anything has an app that is older than the extension: it passes where
// policy demands no more than the app did then. One that has spoken and is silent now does not.
func Enough(d policy.Decision, r store.Registration, n passkey.NumberMatch, demanded passkey.Mode) error {
	if r.Kind == policy.KindPasskey && !n.Matched() {
		return nil // under its own setting
	}
	if !n.Matched() && r.UV == "" && demanded != passkey.Type {
		n.Mode = demanded
	}
	switch {
	case !n.Mode.AtLeast(demanded):
		return outcome.Errorf(outcome.NumberTooWeak, "did %q, policy demands %q", n.Mode, demanded)
	case !d.StrongEnough(r.Kind, n.UV):
		return outcome.Errorf(outcome.VerificationTooWeak, "verified by %q, policy demands %q", n.UV, d[policy.SetStrength].Word)
	}
	return nil
}
