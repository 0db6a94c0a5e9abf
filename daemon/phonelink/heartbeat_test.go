package phonelink

import (
	"testing"
	"time"

	"tallykey/phone/link"
)

func TestSilence(t *testing.T) {
	const limit = time.Second
	for _, c := range []struct {
		name                      string
		now, heard, packet, round time.Duration
		want                      bool
	}{
		{"just heard", time.Minute, time.Minute, 0, 0, false},
		{"at the limit", limit, 0, 0, 0, false},
		{"nothing at all", limit + 1, 0, 0, 0, true},
		{"nothing said, packets come", limit + 1, 0, limit, 0, false},
		{"nothing said for longer, packets come", busyTransport * limit, 0, busyTransport * limit, 0, false},
		{"nothing said for too long, packets come", busyTransport*limit + 1, 0, busyTransport * limit, 0, true},
		{"a slow link", 2 * limit, 0, 0, limit, false},
		{"a slow link, and gone", 4*limit + 1, 0, 0, limit, true},
		{"a round trip of no link", 4*limit + 1, 0, 0, time.Hour, true},
		{"a round trip of no sense", limit + 1, 0, 0, -time.Hour, true},
	} {
		q := silence{since: c.packet, moved: asked{n: enoughAsked}, said: asked{n: enoughAsked}}
		if got := q.over(c.now, c.heard, limit, c.round); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	q := silence{bytes: 1}
	if before := q.hear(1, time.Second); q.since != 0 || before != 0 {
		t.Error("no packet counts as one")
	}
	if before := q.hear(2, time.Second); q.since != time.Second || before != time.Second {
		t.Errorf("a packet does not count, or after %v", before)
	}
}

func TestPauseBetweenQuestions(t *testing.T) {
	const interval = 400 * time.Millisecond
	for _, c := range []struct {
		name                      string
		now, heard, packet, round time.Duration
		want                      time.Duration
	}{
		{"just heard", time.Minute, time.Minute, 0, 0, interval},
		{"answer due", interval, 0, 0, 0, interval},
		{"overdue", interval + 1, 0, 0, 0, 100 * time.Millisecond},
		{"overdue, packets come", interval + 1, 0, interval, 0, interval},
		{"on its way", interval + time.Second, 0, 0, time.Second, interval},
	} {
		q := silence{since: c.packet}
		if got := q.pause(c.now, c.heard, interval, c.round); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestReturn(t *testing.T) {
	d := newHubDesk(t)
	if got := d.hub.Return(peers[0]); got != 0 {
		t.Errorf("of a phone that was never there: %v", got)
	}
	c := d.up(t, peers[0], "phone")
	c.Close()
	d.want(t, "down "+peers[0])
	if got := d.hub.Return(peers[0]); got <= 0 || got > maxReturn {
		t.Errorf("of a phone that was there: %v", got)
	}
	d.hub.Drop(peers[0], "phone_removed")
	if got := d.hub.Return(peers[0]); got != 0 {
		t.Errorf("of a phone that was removed: %v", got)
	}
	var s Session
	s.setup.Store(int64(time.Second))
	s.rough.Store(int64(time.Second))
	if got := s.back(); got != 2*returnTimes*time.Second {
		t.Errorf("after a second to connect and one of silence: %v", got)
	}
	if s.setup.Store(int64(time.Hour)); s.back() != maxReturn {
		t.Errorf("no limit: %v", s.back())
	}
}

// A connection that ICE finds weak is watched, but for one that is watched anyway, and no longer than it is weak.
func TestWeak(t *testing.T) {
	d := newHubDesk(t)
	c := d.up(t, peers[0], "phone")
	d.hub.mu.Lock()
	s := d.hub.up[peers[0]]
	d.hub.mu.Unlock()
	s.weak(true)
	receive[*link.Ping](t, c)
	s.weak(false)
	if s.watched() {
		t.Error("it is watched when it is well again")
	}
	d.hub.Heartbeat(peers[0], 10*time.Millisecond, time.Minute)
	s.weak(false)
	if !s.watched() {
		t.Error("it is not watched although somebody waits")
	}
}

func (s *Session) watched() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heartbeat != nil
}

// The machine stands still for an hour: what came meanwhile is to be read before the phone counts as gone.
func TestEnoughAsked(t *testing.T) {
	q := silence{}
	gone := func(heard time.Duration) bool { q.count(heard); return q.over(time.Hour, heard, time.Second, 0) }
	for n := 1; n <= enoughAsked; n++ {
		if got := gone(0); got != (n == enoughAsked) {
			t.Errorf("after %d questions: %v", n, got)
		}
	}
	if gone(1) {
		t.Error("right after a message")
	}
	for range enoughAsked {
		gone(1)
	}
	if q.hear(1, 2); !gone(1) {
		t.Error("a page that stands still behind a transport that does not is not gone")
	}
	if q.hear(2, time.Hour-time.Second); gone(time.Hour - 2*time.Second) {
		t.Error("right after a packet")
	}
}

// A page that stands still is gone although its transport acknowledges every question.
func TestOnlyTheTransportAnswers(t *testing.T) {
	const limit = time.Second
	q := silence{}
	for n := 1; ; n++ {
		now := time.Duration(n) * 400 * time.Millisecond
		q.hear(uint64(n), now)
		q.count(0)
		if gone := q.over(now, 0, limit, 0); gone != (now > busyTransport*limit) {
			t.Fatalf("after %v: %v", now, gone)
		} else if gone {
			return
		}
	}
}
