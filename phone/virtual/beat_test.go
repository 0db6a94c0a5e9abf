package virtual

import (
	"testing"
	"time"
)

// step is a ping: when, what had come by then, and whether the desktop is gone.
type step struct {
	at    time.Duration
	bytes uint64
	want  bool
}

// TestBeat follows a desktop from its last message on. Each step is a ping, at the time since then.
func TestBeat(t *testing.T) {
	const ms = time.Millisecond
	pings := func(from time.Duration, n int) (all []step) { // that have no answer
		for i := range n {
			all = append(all, step{from + time.Duration(i)*busyDoubt, 1, false})
		}
		return all
	}
	for _, c := range []struct {
		name  string
		busy  bool
		round time.Duration
		steps []step
	}{
		{"idle, nothing at all", false, 0, []step{{5000 * ms, 1, false}, {6000 * ms, 1, false}, {7000 * ms, 1, false},
			{8000 * ms, 1, false}, {8001 * ms, 1, true}}},
		{"a request waits, nothing at all", true, 0, append(pings(500*ms, 6), step{2000 * ms, 1, false}, step{2001 * ms, 1, true})},
		{"the phone itself stood still", true, 0, append(pings(500*ms, 2), step{60_000 * ms, 1, false}, step{60_001 * ms, 1, false},
			step{60_002 * ms, 1, false}, step{60_003 * ms, 1, false}, step{60_004 * ms, 1, true})},
		{"packets come", true, 0, append(pings(500*ms, 9), step{1900 * ms, 2, false}, step{3401 * ms, 2, false}, step{3402 * ms, 2, false},
			step{3403 * ms, 2, false}, step{3404 * ms, 2, false}, step{3405 * ms, 2, false}, step{3406 * ms, 2, true})},
		{"packets come and nothing is said", true, 0, append(pings(500*ms, 9), step{9500 * ms, 2, false}, step{9501 * ms, 3, true})},
		{"a long round trip", true, 1000 * ms, append(pings(500*ms, 9), step{5000 * ms, 1, false}, step{5001 * ms, 1, true})},
		{"a round trip of no sense", true, time.Hour, append(pings(500*ms, 9), step{5001 * ms, 1, true})},
	} {
		b, began := beat{bytes: 1}, time.Unix(1795000000, 0)
		for _, s := range c.steps {
			if got := b.silent(began.Add(s.at), s.bytes, c.round, c.busy); got != s.want {
				t.Errorf("%s: at %v silent %v", c.name, s.at, got)
			}
		}
		if b.heard(); b.silent(began.Add(time.Hour), 9, 0, true) {
			t.Errorf("%s: silent after a message", c.name)
		}
	}
}

func TestBeatPause(t *testing.T) {
	var b beat
	if b.pause(false) != idleBeat || b.pause(true) != busyBeat {
		t.Error("all pings had answers")
	}
	if b.weak = true; b.pause(false) != busyBeat {
		t.Error("ICE has no answers")
	}
	if b.heard(); b.pause(false) != idleBeat {
		t.Error("it is weak after a message")
	}
	b.silent(time.Unix(1795000000, 0), 0, 0, false)
	if b.pause(false) != doubtBeat || b.pause(true) != busyDoubt {
		t.Error("a ping had no answer")
	}
}
