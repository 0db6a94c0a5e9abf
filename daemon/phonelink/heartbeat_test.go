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
		{"nothing said for long, packets come", 2*limit + 1, 0, 2 * limit, 0, true},
		{"a slow link", 2 * limit, 0, 0, limit, false},
		{"a slow link, and gone", 4*limit + 1, 0, 0, limit, true},
		{"a round trip of no link", 4*limit + 1, 0, 0, time.Hour, true},
		{"a round trip of no sense", limit + 1, 0, 0, -time.Hour, true},
	} {
		q := silence{since: c.packet}
		if got := q.over(c.now, c.heard, limit, c.round); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	q := silence{bytes: 1}
	if q.hear(1, time.Second); q.since != 0 {
		t.Error("no packet counts as one")
	}
	if q.hear(2, time.Second); q.since != time.Second {
		t.Error("a packet does not count")
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
