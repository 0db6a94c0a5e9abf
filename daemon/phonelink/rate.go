package phonelink

import "time"

// A phone says a handful of messages per request, and pings. What goes beyond is broken or hostile.
const (
	messageBurst  = 64
	messagePeriod = 50 * time.Millisecond // one more for each
)

// rate allows messageBurst messages at once and one more every messagePeriod.
type rate struct {
	debt time.Duration // how far ahead of the clock the sender is
	last time.Time
}

func (r *rate) allow(now time.Time) bool {
	if passed := now.Sub(r.last); passed > 0 {
		r.debt = max(0, r.debt-passed)
	}
	r.last = now
	if r.debt+messagePeriod > messageBurst*messagePeriod {
		return false
	}
	r.debt += messagePeriod
	return true
}
