package signin

import (
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/phone/link"
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
// person had several to choose from and chose none) counts for all accounts of the relying party. credential, where there
// is one, keeps the pause when the website gives the account another name.
func (e *Engine) paused(rpID, account, credential string) bool {
	now := time.Now()
	var bad []time.Time
	for _, a := range e.cfg.Journal.Since(now.Add(-journalFor)) {
		same := a.Account == "" || a.Account == account || credential != "" && a.Registration == credential
		if a.RPID != rpID || !same || !a.Code.Outcome().Bad {
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

// A page that asks and takes back in a loop would have the phone and the desktop flicker, and the person tap at last to have
// it end. Each of its requests is a clear end of its own and no bad one, so they are counted apart: those of one relying
// party within a minute, whichever page they came from.
const (
	takenBackWithin = time.Minute
	maxTakenBack    = 10
)

func (e *Engine) askedTooOften(rpID string) bool {
	n := 0
	for _, a := range e.cfg.Journal.Since(time.Now().Add(-takenBackWithin)) {
		if a.RPID == rpID && a.Code == api.CancelledByPage {
			n++
		}
	}
	return n >= maxTakenBack
}

func (e *Engine) pausedRegistration(r registration.Registration) bool {
	return e.paused(r.RPID, r.User.Name, link.B64.EncodeToString(r.Credential))
}

// Refusals stand in the activity log a few times a minute and no more: a page that asks in a loop must not push out of
// the log the bad ends that pause it.
const (
	refusalsWithin = time.Minute
	maxRefusals    = 10
)

// refuse ends a request before anybody is asked. It stands in the activity log and is shown nowhere.
func (e *Engine) refuse(action link.Action, c ceremony, browser string, code api.Code) error {
	id, err := newRequestID(e.cfg.Rand)
	if err != nil {
		return err
	}
	r := api.Request{}
	c.describe(&r)
	e.noteRefusal(api.Activity{Request: id, Time: time.Now(), Action: string(action), Code: code, Origin: r.Host, RPID: r.RPID,
		Account: r.Account, Browser: browser, Registration: c.credential()})
	return api.Errorf(code, "")
}

// noteRefusal writes the first of its kind within a minute, and of all kinds no more than maxRefusals.
func (e *Engine) noteRefusal(a api.Activity) {
	n := 0
	for _, other := range e.cfg.Journal.Since(a.Time.Add(-refusalsWithin)) {
		if other.Code != a.Code {
			continue
		}
		if n++; n >= maxRefusals || other.RPID == a.RPID && other.Account == a.Account {
			return
		}
	}
	e.cfg.Journal.Append(a)
}
