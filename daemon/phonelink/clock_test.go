package phonelink

import (
	"sync/atomic"
	"testing"
	"time"

	"tallykey/phone/link"
)

// countingClock counts the timers that run.
type countingClock struct {
	made, running atomic.Int64
}

func (c *countingClock) NewTimer(d time.Duration) timer {
	t := &countedTimer{clock: c, c: make(chan time.Time, 1)}
	t.timer = time.AfterFunc(d, func() {
		t.count(false)
		t.c <- time.Now()
	})
	t.count(true)
	return t
}

func (c *countingClock) AfterFunc(d time.Duration, f func()) timer {
	t := &countedTimer{clock: c}
	t.timer = time.AfterFunc(d, func() {
		t.count(false)
		f()
	})
	t.count(true)
	return t
}

// countedTimer counts itself while it runs. Who uses one does so from one goroutine and takes what it says before the next
// Reset.
type countedTimer struct {
	clock *countingClock
	timer *time.Timer
	c     chan time.Time
	runs  atomic.Bool
}

func (t *countedTimer) count(runs bool) {
	switch {
	case t.runs.Swap(runs) == runs:
	case runs:
		t.clock.made.Add(1)
		t.clock.running.Add(1)
	default:
		t.clock.running.Add(-1)
	}
}

func (t *countedTimer) C() <-chan time.Time { return t.c }

func (t *countedTimer) Reset(d time.Duration) bool {
	was := t.timer.Reset(d)
	t.count(true)
	return was
}

func (t *countedTimer) Stop() bool {
	was := t.timer.Stop()
	t.count(false)
	return was
}

// An absent phone costs no wake-up: no timer of the link runs before a phone comes, while one is there and nobody waits for
// it, or after it has gone; nor does a stranger's packet start one.
func TestNoTimerWithoutNeed(t *testing.T) {
	clock := &countingClock{}
	d := newHubDesk(t, func(c *Config) {
		c.clock = clock
		c.Handler.(*Hub).clock = clock
	})
	d.unhandled(first(t, link.Secret("nobody"), noon, nil), stranger)
	if clock.made.Load() != 0 {
		t.Error("a timer runs without a phone")
	}
	c := d.up(t, peers[0], "phone")
	idle := func(what string) {
		t.Helper()
		eventually(t, "no timer runs: "+what, func() bool { return clock.running.Load() == 0 })
	}
	idle("a phone is there")
	d.hub.Heartbeat(peers[0], time.Hour, time.Hour)
	eventually(t, "a timer runs: somebody waits", func() bool { return clock.running.Load() == 1 })
	d.hub.Heartbeat(peers[0], 0, 0)
	idle("nobody waits any more")
	d.hub.Heartbeat(peers[0], time.Hour, time.Hour)
	c.Close()
	d.want(t, "down "+peers[0])
	idle("the phone has gone while somebody waited")
	if clock.made.Load() < 4 {
		t.Errorf("%d timers, which is not all", clock.made.Load())
	}
}

// eventually waits for a condition that nothing announces.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}
