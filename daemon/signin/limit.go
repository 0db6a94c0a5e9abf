package signin

import (
	"time"

	"tallykey/daemon/api"
)

// The pause of an account. It counts ends in the journal and nothing else, so that it holds across tabs, phones and
// restarts: an attacker who opens many sessions at once gains no more tries than one who opens one.
const (
	badEnds    = 3
	badWithin  = 10 * time.Minute
	pauseFor   = 5 * time.Minute
	journalFor = badWithin + pauseFor
)

// paused says whether an account at a relying party must not be asked about now. An end that named no account (the
// person had several to choose from and chose none) counts for all accounts of the relying party.
func (e *Engine) paused(rpID, account string) bool {
	now := time.Now()
	var bad []time.Time
	for _, a := range e.cfg.Journal.Since(now.Add(-journalFor)) {
		if a.RPID != rpID || a.Account != "" && a.Account != account || !a.Code.Outcome().Bad {
			continue
		}
		if a.Code == api.Reported && now.Sub(a.Time) < pauseFor {
			return true
		}
		bad = append(bad, a.Time)
	}
	if len(bad) < badEnds {
		return false
	}
	last, third := bad[len(bad)-1], bad[len(bad)-badEnds]
	return last.Sub(third) <= badWithin && now.Sub(last) < pauseFor
}
