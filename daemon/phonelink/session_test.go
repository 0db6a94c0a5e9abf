package phonelink

import (
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"tallykey/phone/link"
)

// stillClock has timers that never fire, and says when one is made.
type stillClock struct {
	systemClock
	made chan struct{}
}

func (c stillClock) NewTimer(time.Duration) timer {
	c.made <- struct{}{}
	return stillTimer{}
}

type stillTimer struct{ timer }

func (stillTimer) C() <-chan time.Time { return nil }
func (stillTimer) Stop() bool          { return true }

func runSession(t *testing.T, c clock) (*Session, *recorder) {
	s := newSession(peers[0], link.Ufrag{}, netip.AddrPort{}, func() time.Time { return noon }, slog.New(slog.NewTextHandler(t.Output(), nil)))
	s.clock = c
	r := newRecorder()
	go s.run(r)
	r.next(t, "opened")
	return s, r
}

// What a phone said before it left counts, also where its end is known before its word has been read.
func TestLastWordBehindTheEnd(t *testing.T) {
	c := stillClock{made: make(chan struct{}, 8)}
	s, r := runSession(t, c)
	s.end()
	select {
	case <-c.made: // the end is known
	case <-time.After(20 * time.Second):
		t.Fatal("nothing is waited for")
	}
	data, err := link.Encode(&link.Decline{ID: link.B64.EncodeToString(make([]byte, 16)), Code: "reported"})
	if err != nil {
		t.Fatal(err)
	}
	s.arrived(webrtc.DataChannelMessage{IsString: true, Data: data})
	s.part()
	r.next(t, "message")
	r.next(t, "closed")
}

// A connection that broke has no end of its own to wait for.
func TestBrokenConnectionIsOver(t *testing.T) {
	s, r := runSession(t, systemClock{})
	s.end()
	r.next(t, "closed")
}

func TestNothingIsReadAfterClose(t *testing.T) {
	s, r := runSession(t, stillClock{made: make(chan struct{}, 8)})
	s.Close()
	r.next(t, "closed")
}
