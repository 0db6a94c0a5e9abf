package web

import (
	"context"

	"tallykey/tenant/outcome"
	"tallykey/tenant/policy"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

// passwordAllowed says whether somebody whose password was right may sign in with it. It is asked after the password, so
// that only who knows it learns what policy says about the account.
func (s *Site) passwordAllowed(ctx context.Context, u store.User) error {
	may, has, err := s.standing(ctx, u.ID)
	if err != nil {
		return err
	}
	asks := len(may.Approve(has)) > 0 // a device comes after the password
	if err := signin.Usable(may, u, asks); err != nil {
		return err
	}
	switch {
	case may.PasswordAllowed(has):
		return nil
	case may.Is(policy.SetPassword, policy.Off):
		return outcome.Errorf(outcome.PasswordDisabled, "the password was right; off by %s", may[policy.SetPassword].From)
	}
	return outcome.Errorf(outcome.PasswordNotAllowed, "the password was right; %d devices", len(has))
}

// standing is what policy says about a user at this moment, and what the user has.
func (s *Site) standing(ctx context.Context, userID string) (policy.Decision, []store.Registration, error) {
	may, err := s.policy.For(ctx, userID)
	if err != nil {
		return nil, nil, err
	}
	has, err := s.Store.Registrations(ctx, userID)
	return may, has, err
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
	may, has, err := s.standing(ctx, userID)
	return err == nil && !may.PasswordAllowed(has)
}

// mustEnrol says whether somebody who is signed in has to register a device before anything else. Who came with an
// invitation has, and then has to sign in with it: the pass is for that alone, whatever the account has.
func (s *Site) mustEnrol(ctx context.Context, v visit) (bool, error) {
	may, has, err := s.standing(ctx, v.user.ID)
	return may.Missing(has) != "" || v.session.Method == methodInvitation, err
}
