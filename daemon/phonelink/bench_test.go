package phonelink

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tallykey/phone/link"
	"tallykey/phone/virtual/dial"
)

func BenchmarkOpen(b *testing.B) {
	r := newRecorder()
	d := newDesk(b, r)
	for b.Loop() {
		c, err := dial.Open(b.Context(), d.config(peers[0]))
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		r.next(b, "opened")
		c.Close()
		r.next(b, "closed")
		b.StartTimer()
	}
}

// echo sends a message of 1 KB back.
type echo struct{}

func (echo) Opened(*Session) {}
func (echo) Closed(*Session) {}
func (echo) Message(s *Session, m link.Message) {
	if err := s.Send(m); err != nil {
		panic(err)
	}
}

func BenchmarkRoundTrip1KB(b *testing.B) {
	d := newDesk(b, echo{})
	var clock atomic.Int64 // fast enough for the limit on messages
	d.cfg.Now = func() time.Time { return noon.Add(time.Duration(clock.Add(int64(messagePeriod)))) }
	c := d.dial(b, peers[0])
	m := &link.PairWith{V: 1, Name: "benchmark", App: "test", Origin: strings.Repeat("o", link.MaxOrigin)}
	for b.Loop() {
		if err := c.Send(m); err != nil {
			b.Fatal(err)
		}
		receive[*link.PairWith](b, c)
	}
}

// BenchmarkNoise is the price of a stranger's packet with a known tag, the dearest kind.
func BenchmarkNoise(b *testing.B) {
	d := newDesk(b, newRecorder())
	data := first(b, d.secrets[peers[0]], noon, nil)
	for b.Loop() {
		d.unhandled(data, stranger)
	}
}
