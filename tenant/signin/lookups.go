package signin

import (
	"net/netip"
	"sync"
	"time"
)

// How many sign-ins may begin in a minute. An office behind one address begins two a second on the first morning, when no
// browser has signed in before; on every other morning its browsers do not count here. For who collects names it is a
// nuisance and no more, whatever the number: where names are secret, they stay hidden (package doc).
const (
	lookupWindow   = time.Minute
	lookupsAddress = 120
	lookupsNetwork = 10 * lookupsAddress // of all addresses of a network together, once the table is full
	lookupsProven  = 30                  // of an account from browsers that it signed in from before
	lookupSubjects = 4096
)

// lookups counts who asked how often in the current minute. It lives in memory: forgetting it in a restart costs little.
//
// The table is bounded, and who fills it must not keep the others out: from then on networks that are not in it are counted
// as a whole (a /48, or a /24), and the oldest entry makes room. So one network, however many addresses it has, comes to
// little more than its limit, and everybody else goes on.
type lookups struct {
	now func() time.Time

	mu    sync.Mutex
	began time.Time // of the minute
	seen  map[lookup]int
	order []lookup // the oldest first
}

// lookup is who asks: a network, or an account that the browser has proof of.
type lookup struct {
	from netip.Prefix
	upn  string
}

func newLookups(now func() time.Time) *lookups { return &lookups{now: now} }

// allow counts one more. Loopback is a reverse proxy or a test and says nothing about who asks.
func (l *lookups) allow(by Asker) bool {
	a := by.Address.Unmap().WithZone("")
	if !a.IsValid() || a.IsLoopback() {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now().Sub(l.began) >= lookupWindow {
		l.began, l.seen, l.order = l.now(), map[lookup]int{}, nil
	}
	if by.Proven != "" {
		return l.count(lookup{upn: by.Proven}, lookupsProven)
	}
	own, all := networks(a)
	if l.seen[own] == 0 && len(l.seen) >= lookupSubjects {
		return l.count(all, lookupsNetwork)
	}
	return l.count(own, lookupsAddress)
}

// networks are what counts as one asker, which is a /64 where a customer of a provider has that, and the larger network that
// a site or a provider has.
func networks(a netip.Addr) (own, all lookup) {
	bits, larger := 32, 24
	if a.Is6() {
		bits, larger = 64, 48
	}
	own.from, _ = a.Prefix(bits)
	all.from, _ = a.Prefix(larger)
	return own, all
}

func (l *lookups) count(who lookup, limit int) bool {
	n := l.seen[who]
	if n >= limit {
		return false
	}
	if n == 0 {
		if len(l.order) >= lookupSubjects {
			delete(l.seen, l.order[0])
			l.order = l.order[1:]
		}
		l.order = append(l.order, who)
	}
	l.seen[who] = n + 1
	return true
}
