package signin

import (
	"slices"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/webauthn"
)

// Known lists the registrations that a page of origin may use, hidden ones too, the newest first. Lists of related origins
// are not read for it.
func (e *Engine) Known(origin string) []registration.Registration {
	out := []registration.Registration{}
	for _, r := range e.cfg.Store.Registrations() {
		if _, err := webauthn.EffectiveRPID(origin, r.RPID); err == nil {
			out = append(out, r)
		}
	}
	slices.Reverse(out)
	return out
}

// LastEnd is how the newest request of a website ended; nil where none is remembered.
func (e *Engine) LastEnd(origin string) *api.Activity {
	host, _ := webauthn.Site(origin)
	all := e.cfg.Journal.Since(time.Time{})
	for i := len(all) - 1; i >= 0 && host != ""; i-- {
		if all[i].Origin == host {
			return &all[i]
		}
	}
	return nil
}
