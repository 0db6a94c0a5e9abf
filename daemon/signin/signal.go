package signin

import (
	"bytes"
	"context"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/webauthn"
)

// Signal takes what a website says of its credentials (WebAuthn section 5.1.10). A registration that the website does not
// take any more is hidden and never removed: any script that runs on the website can say so, and the key on the phone
// would be gone for good. What it takes again is shown again. The website learns nothing of what is held here: every
// failure of a sound signal is this desktop's own.
func (e *Engine) Signal(ctx context.Context, p api.SignalParams) error {
	s, err := webauthn.ParseSignal(webauthn.SignalKind(p.Kind), p.Options)
	if err != nil {
		return optionsError(err)
	}
	held := e.cfg.Store.ByRPID(s.RPID)
	if _, _, err := e.mayUse(ctx, p.Origin, s.RPID, len(held) > 0); err != nil {
		return err
	}
	for _, r := range held {
		if change := changeBy(s, r); change != nil {
			if err := e.cfg.Store.Update(ctx, r.Credential, change); err != nil {
				return api.Errorf(registration.Code(err), "%v", err)
			}
		}
	}
	return nil
}

// changeBy is what a signal changes of a registration of its RP ID; nil: nothing.
func changeBy(s webauthn.Signal, r registration.Registration) func(*registration.Registration) {
	mine, isNamed := bytes.Equal(r.User.ID, s.UserID), named(s.Credentials, r.Credential)
	switch {
	case s.Kind == webauthn.UnknownCredential && isNamed:
		return func(r *registration.Registration) { r.Hidden = true }
	case s.Kind == webauthn.AllAcceptedCredentials && mine:
		return func(r *registration.Registration) { r.Hidden = !isNamed }
	case s.Kind == webauthn.CurrentUserDetails && mine && s.Name != "":
		return func(r *registration.Registration) { r.User.Name, r.User.DisplayName = s.Name, s.DisplayName }
	}
	return nil
}
