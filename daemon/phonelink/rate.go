package phonelink

import (
	"time"

	"tallykey/phone/link"
)

// What a phone may say of its own accord: it greets, pings, and tells its registrations.
const (
	messageBurst  = 64
	messagePeriod = 50 * time.Millisecond // one more for each
)

// What else it says, the desktop has caused, so it is the desktop that bounds it: every message to the phone brings an
// allowance for what may come back. A person can't sign in ten times a second and a program can; a flood on the other
// hand is what nobody asked for, and ends after the burst.
const (
	requestAllowance = 8   // received, number, answer or decline; and once more where the connection broke in between
	welcomeAllowance = 128 // the pages of link.MaxRegistrations items and as many that are kept
	oneAllowance     = 1   // a pong, or a forget that confirms ours
	maxAllowance     = 512
)

// allowance is how many messages may come back for one that was sent.
func allowance(m link.Message) int {
	switch m := m.(type) {
	case *link.Request:
		return requestAllowance
	case *link.Welcome:
		return welcomeAllowance
	case *link.Ping, *link.Forget:
		return oneAllowance
	case *link.Ended: // a new registration is told to every desktop of the phone, with the others that it holds
		if m.Code == "registered" {
			return welcomeAllowance
		}
	}
	return 0
}

// rate allows what the desktop has asked for and, beyond, messageBurst messages at once and one more every
// messagePeriod.
type rate struct {
	debt  time.Duration // how far ahead of the clock the sender is
	last  time.Time
	asked int // messages that are still to come for what was sent
}

// expect notes what may come back for m.
func (r *rate) expect(m link.Message) { r.asked = min(r.asked+allowance(m), maxAllowance) }

func (r *rate) allow(now time.Time) bool {
	if passed := now.Sub(r.last); passed > 0 {
		r.debt = max(0, r.debt-passed)
	}
	r.last = now
	if r.asked > 0 {
		r.asked--
		return true
	}
	if r.debt+messagePeriod > messageBurst*messagePeriod {
		return false
	}
	r.debt += messagePeriod
	return true
}
