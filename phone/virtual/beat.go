package virtual

import "time"

// How the phone sees to it that a desktop is there. On a bad radio link three packets in ten are lost, and one that is lost
// holds up every message behind it for a second: a desktop whose packets still come is there.
const (
	idleBeat  = 5 * time.Second // before a ping while nothing is asked
	doubtBeat = time.Second     // the same after one that had no answer
	busyBeat  = 500 * time.Millisecond
	// busyDoubt: each ping is a packet of its own, which the desktop's transport acknowledges at once. Of the ten that fall
	// into busyLimit one comes through, also where half of them are lost.
	busyDoubt = 125 * time.Millisecond

	idleLimit = 3 * time.Second // without any packet, from the first ping that had no answer
	busyLimit = 1500 * time.Millisecond
	// busyTransport is how many times longer a desktop may say nothing while its transport still acknowledges pings. One that
	// was restarted answers connectivity checks, but acknowledges nothing of the old connection.
	busyTransport     = 6
	stretchRoundTrips = 3
	maxStretch        = 3 * time.Second
	// enoughIdle and enoughBusy are the pings without an answer that it takes besides: who stood still meanwhile itself,
	// because the machine did, has answers waiting.
	enoughIdle = 3
	enoughBusy = 6
)

// beat is the silence of a desktop. The zero value has just heard something.
type beat struct {
	asked time.Time // of the first ping that had no answer; zero: all had
	all   int       // pings since asked
	pings int       // since bytes last changed
	bytes uint64    // what had come by packet
	moved time.Time // when bytes last changed
	weak  bool      // ICE has no answers, or the desktop announces itself anew
}

// heard is called with every message.
func (b *beat) heard() { *b = beat{bytes: b.bytes} }

// pause is how long to wait for a message before the next ping.
func (b *beat) pause(busy bool) time.Duration {
	doubt := !b.asked.IsZero()
	switch {
	case (busy || b.weak) && doubt:
		return busyDoubt
	case busy || b.weak:
		return busyBeat
	case doubt:
		return doubtBeat
	}
	return idleBeat
}

// silent is called before each ping with what is known of the transport. It says whether the desktop is gone.
func (b *beat) silent(now time.Time, received uint64, roundTrip time.Duration, busy bool) bool {
	if received != b.bytes || b.asked.IsZero() {
		b.bytes, b.moved, b.pings = received, now, 0
	}
	b.all++
	b.pings++
	if b.asked.IsZero() {
		b.asked = now
		return false
	}
	limit, enough := idleLimit, enoughIdle
	if busy || b.weak {
		limit, enough = busyLimit, enoughBusy
	}
	limit += min(max(stretchRoundTrips*roundTrip, 0), maxStretch)
	return now.Sub(b.moved) > limit && b.pings > enough || now.Sub(b.asked) > busyTransport*limit && b.all > enough
}
