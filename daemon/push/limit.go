package push

import (
	"slices"
	"sync"
	"time"
)

// PerHour is how many messages one phone gets in an hour at most, whatever websites ask for.
const PerHour = 10

// Limit says which messages may be sent: one for each phone and request, and PerHour for each phone. The zero value is
// ready for use; it is safe for concurrent use.
type Limit struct {
	mu    sync.Mutex
	sent  map[string][]time.Time // by phone, those of the last hour
	woken map[string][]string    // by phone, the last requests that it was woken for
}

// Take says whether the phone may be woken for a request now, and counts it if so.
func (l *Limit) Take(phone, request string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sent == nil {
		l.sent, l.woken = map[string][]time.Time{}, map[string][]string{}
	}
	l.sent[phone] = slices.DeleteFunc(l.sent[phone], func(t time.Time) bool { return now.Sub(t) >= time.Hour })
	if len(l.sent[phone]) >= PerHour || slices.Contains(l.woken[phone], request) {
		return false
	}
	l.sent[phone] = append(l.sent[phone], now)
	// No more than PerHour requests can be younger than an hour here, and none lives that long.
	l.woken[phone] = append(l.woken[phone], request)
	l.woken[phone] = l.woken[phone][max(0, len(l.woken[phone])-PerHour):]
	return true
}
