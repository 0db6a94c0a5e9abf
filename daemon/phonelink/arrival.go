package phonelink

import (
	"sync"
	"time"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

// lateBurst and latePeriod bound how many late packets are looked into, of which a stranger can send any number: to find
// whose one is costs an HMAC for each phone.
const (
	lateBurst  = 8
	latePeriod = 200 * time.Millisecond
)

// arrivals remembers how each phone came the last time, and the last that was nobody's. There is one for each phone whose
// secret Find has returned, so strangers can't make it grow.
type arrivals struct {
	mu      sync.Mutex // guards the fields that follow; nothing is called under it
	last    map[string]api.Arrival
	unknown time.Time
	looked  time.Time // the virtual time of the last late packet that was looked into
}

func (a *arrivals) note(peer string, outcome string, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.last == nil {
		a.last = map[string]api.Arrival{}
	}
	a.last[peer] = api.Arrival{Outcome: outcome, At: at}
}

func (a *arrivals) noteUnknown(at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unknown = at
}

// look says whether one more late packet may be looked into.
func (a *arrivals) look(now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if earliest := now.Add(-lateBurst * latePeriod); a.looked.Before(earliest) || a.looked.After(now) {
		a.looked = earliest // the second: the clock was set back
	}
	if a.looked.Add(latePeriod).After(now) {
		return false
	}
	a.looked = a.looked.Add(latePeriod)
	return true
}

// late notes whose packet comes with a time that is not now, if its secret proves it. Whoever has overheard a phone can
// send such a packet again later, and make the doctor suspect its clock; it opens nothing.
func (l *Listener) late(p firstPacket, now time.Time) {
	l.stale.Add(1)
	if !l.arrivals.look(now) {
		return
	}
	peer, secret, ok := l.cfg.Find(p.ufrag)
	if ok && len(secret) >= link.OfferSecretBytes && p.proves(secret) {
		l.arrivals.note(peer, api.CameLate, now)
	}
}

// LastArrival is how a peer of Config.Find came the last time since Listen; zero where it has not, or Forget was called
// since.
func (l *Listener) LastArrival(peer string) api.Arrival {
	l.arrivals.mu.Lock()
	defer l.arrivals.mu.Unlock()
	return l.arrivals.last[peer]
}

// LastUnknown is when the last packet of no pairing, or with a wrong password, came; zero: none has.
func (l *Listener) LastUnknown() time.Time {
	l.arrivals.mu.Lock()
	defer l.arrivals.mu.Unlock()
	return l.arrivals.unknown
}

// Forget drops what is remembered of the arrivals of a peer that is none any more.
func (l *Listener) Forget(peer string) {
	l.arrivals.mu.Lock()
	defer l.arrivals.mu.Unlock()
	delete(l.arrivals.last, peer)
}
