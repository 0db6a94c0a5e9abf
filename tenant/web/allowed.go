package web

import (
	"context"

	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// passwordAllowed says whether somebody whose password was right may sign in with it. It is asked after the password, so
// that only who knows it learns what policy says about the account.
func (s *Site) passwordAllowed(ctx context.Context, u store.User) error {
	if !u.Disabled.IsZero() {
		return outcome.Errorf(outcome.AccountDisabled, "the password was right")
	}
	may, err := s.policy.For(ctx, u.ID)
	if err != nil {
		return err
	}
	phones, err := s.Store.Registrations(ctx, u.ID)
	if err == nil && !may.PasswordAllowed(len(phones)) {
		err = outcome.Errorf(outcome.PasswordNotAllowed, "the password was right; %d phones", len(phones))
	}
	return err
}

// decided is what policy says about a user, for the sign-in log.
func (s *Site) decided(ctx context.Context, userID string) string {
	may, err := s.policy.For(ctx, userID)
	if err != nil {
		s.Log.Error("policy", "err", err)
		return "not known"
	}
	return may.String()
}

// passwordHidden says whether a page for this account leaves "Use your password instead" out. Only pages call it that
// are shown to whom the account's phone was named anyway. A fault shows the way: pressing it is checked again.
func (s *Site) passwordHidden(ctx context.Context, userID string) bool {
	if userID == "" {
		return false
	}
	may, err := s.policy.For(ctx, userID)
	if err != nil {
		return false
	}
	phones, err := s.Store.Registrations(ctx, userID)
	return err == nil && !may.PasswordAllowed(len(phones))
}

// mustEnrol says whether a user who is signed in has to register a phone before anything else.
func (s *Site) mustEnrol(ctx context.Context, u store.User) (bool, error) {
	may, err := s.policy.For(ctx, u.ID)
	if err != nil {
		return false, err
	}
	phones, err := s.Store.Registrations(ctx, u.ID)
	return may.MustEnrol(len(phones)), err
}
