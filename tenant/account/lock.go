package account

import (
	"net/netip"
	"time"

	"tallykey/tenant/store"
)

// limit says how many wrong passwords a subject has, and for how long it is locked then.
type limit struct {
	failures int           // this many in a row lock
	forget   time.Duration // without a failure for this long, counting starts anew
	lock     time.Duration // the first lock; each further failure doubles it
	most     time.Duration
}

var (
	// Five guesses, then a minute, and from the ninth on a quarter of an hour: about 100 guesses a day.
	perAccount = limit{failures: 5, forget: time.Hour, lock: time.Minute, most: 15 * time.Minute}
	// An office behind one address has more people who mistype.
	perAddress = limit{failures: 30, forget: 10 * time.Minute, lock: 10 * time.Minute, most: 10 * time.Minute}
	// Who knows the password must not ask the phone until its owner gives in.
	perSecond = limit{failures: 5, forget: time.Hour, lock: 5 * time.Minute, most: 15 * time.Minute}
)

// forgetAll is when a failure counts nowhere any more.
const forgetAll = time.Hour

// reserve counts one guess before it is checked, so that guesses made at the same time can't slip through together.
// Locked, it counts only how often it was refused: who waits does not wait longer.
func (l limit) reserve(f store.Failure, now time.Time) (_ store.Failure, locked bool) {
	if now.Before(f.Until) {
		f.Refused++
		return f, true
	}
	f.Refused = 0
	if now.Sub(f.Last) > l.forget {
		f.Count = 0
	}
	f.Count++
	f.Last, f.Until = now, time.Time{}
	if f.Count >= l.failures {
		f.Until = now.Add(l.length(f.Count - l.failures))
	}
	return f, false
}

func (l limit) length(doublings int) time.Duration {
	d := l.lock
	for range min(doublings, 30) {
		if d *= 2; d >= l.most {
			return l.most
		}
	}
	return d
}

// release takes one guess back that turned out right.
func (l limit) release(f store.Failure) store.Failure {
	f.Count--
	f.Until = time.Time{}
	if f.Count <= 0 {
		return store.Failure{}
	}
	return f
}

// accountSubject and addressSubject are the keys under which failures are counted.
func accountSubject(u UPN) string { return "upn:" + string(u) }

// addressSubject is empty for an address that says nothing about who asks: loopback is a reverse proxy or a test.
// A customer of an IPv6 provider has at least a /64.
func addressSubject(a netip.Addr) string {
	a = a.Unmap()
	if !a.IsValid() || a.IsLoopback() {
		return ""
	}
	if a.Is6() {
		p, _ := a.WithZone("").Prefix(64)
		return "address:" + p.String()
	}
	return "address:" + a.String()
}
