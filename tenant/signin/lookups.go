package signin

import (
	"net/netip"
	"sync"
	"time"
)

const (
	lookupsPerMinute = 30
	lookupWindow     = time.Minute
	lookupAddresses  = 4096
)

// lookups counts how often each address asked in the current minute. It lives in memory: forgetting it in a
// restart costs little.
type lookups struct {
	now func() time.Time

	mu    sync.Mutex
	began time.Time // of the minute
	seen  map[netip.Prefix]int
}

func newLookups(now func() time.Time) *lookups { return &lookups{now: now} }

// allow counts one more. Loopback is a reverse proxy or a test and says nothing about who asks. When the table is full
// nobody new is allowed: then everybody signs in by password, or without typing a UPN, until the minute is over.
func (l *lookups) allow(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || a.IsLoopback() {
		return true
	}
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	key, _ := a.Prefix(bits)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now().Sub(l.began) >= lookupWindow {
		l.began, l.seen = l.now(), map[netip.Prefix]int{}
	}
	count := l.seen[key]
	if count >= lookupsPerMinute || count == 0 && len(l.seen) >= lookupAddresses {
		return false
	}
	l.seen[key] = count + 1
	return true
}
