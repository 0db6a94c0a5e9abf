package phonelink

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	mathrand "math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/webrtc/v4"

	"tallykey/daemon/api"
	"tallykey/phone/link"
	"tallykey/phone/virtual/dial"
)

func TestSession(t *testing.T) {
	r := newRecorder()
	d := newDesk(t, r)
	c := d.dial(t, peers[0])
	s := r.next(t, "opened").session
	if s.Peer() != peers[0] || s.Ufrag() != c.Ufrag() || !s.From().Addr().IsLoopback() {
		t.Errorf("session of %q, %v, from %v", s.Peer(), s.Ufrag(), s.From())
	}
	for _, want := range []link.Message{&link.Received{ID: testID}, &link.Number{ID: testID, Number: "26"}} {
		send(t, c, want)
		if diff := cmp.Diff(want, r.next(t, "message").message); diff != "" {
			t.Errorf("message (-want +got):\n%s", diff)
		}
	}
	want := &link.Ended{ID: testID, Code: "approved"}
	if err := s.Send(want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, receive[*link.Ended](t, c)); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if st := d.Stats(); st.Opened != 1 || st.Sessions != 1 || st.HalfOpen != 0 {
		t.Errorf("stats %+v", st)
	}
	send(t, c, &link.Decline{ID: testID, Code: "declined"})
	c.Close()
	r.next(t, "message") // what was said before leaving counts
	r.next(t, "closed")
	if err := s.Send(want); !errors.Is(err, ErrClosed) {
		t.Errorf("send after the end: %v", err)
	}
}

func TestSendRefusesMalformed(t *testing.T) {
	r := newRecorder()
	newDesk(t, r).dial(t, peers[0])
	if err := r.next(t, "opened").session.Send(&link.Ended{}); !errors.Is(err, link.ErrMessage) {
		t.Errorf("got %v", err)
	}
}

// The reason must arrive although the session closes behind it.
func TestRefuse(t *testing.T) {
	r := newRecorder()
	c := newDesk(t, r).dial(t, peers[0])
	r.next(t, "opened").session.Refuse("phone_removed")
	if got := receive[*link.Refused](t, c); got.Code != "phone_removed" {
		t.Errorf("code %q", got.Code)
	}
	wantClosed(t, c)
	r.next(t, "closed")
}

func TestBrokenMessages(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":          "hello",
		"unknown type":      `{"type":"approve"}`,
		"a byte over limit": `{"type":"ping","n":1}` + strings.Repeat(" ", link.MaxMessage-20),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecorder()
			d := newDesk(t, r)
			cfg := d.config(peers[0])
			cfg.MaxMessage = 1 << 20
			c, err := dial.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := c.SendText(text); err != nil {
				t.Fatal(err)
			}
			if got := receive[*link.Refused](t, c); got.Code != "message_invalid" {
				t.Errorf("code %q", got.Code)
			}
			wantClosed(t, c)
			r.next(t, "opened")
			r.next(t, "closed")
		})
	}
}

func TestHugeMessageCloses(t *testing.T) {
	r := newRecorder()
	d := newDesk(t, r)
	cfg := d.config(peers[0])
	cfg.MaxMessage = 1 << 20
	c, err := dial.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SendText(strings.Repeat(" ", maxIncoming+1)); err != nil {
		t.Fatal(err)
	}
	wantClosed(t, c)
	r.next(t, "opened")
	r.next(t, "closed")
}

func TestBinaryMessage(t *testing.T) {
	s := newSession(peers[0], link.Ufrag{}, netip.AddrPort{}, func() time.Time { return noon }, nil)
	_, err := s.read(webrtc.DataChannelMessage{Data: []byte(`{"type":"ping","n":1}`)})
	if !errors.Is(err, errBinary) {
		t.Errorf("got %v", err)
	}
}

// The desk's clock stands still, so nothing is ever forgiven.
func TestTooManyMessages(t *testing.T) {
	r := newRecorder()
	c := newDesk(t, r).dial(t, peers[0])
	go func() { // beside the reading, as a phone does: what it leaves unread is lost when the connection closes
		for range messageBurst + 1 {
			if err := c.Send(&link.Ping{N: 1}); err != nil {
				t.Error(err)
			}
		}
	}()
	for range messageBurst {
		receive[*link.Pong](t, c)
	}
	if got := receive[*link.Refused](t, c); got.Code != "message_invalid" {
		t.Errorf("code %q", got.Code)
	}
}

func TestRate(t *testing.T) {
	var r rate
	for i := range messageBurst {
		if !r.allow(noon) {
			t.Fatalf("message %d refused", i)
		}
	}
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{0, false}, {messagePeriod - 1, false}, {messagePeriod, true}, {messagePeriod, false}, {-time.Hour, false},
		{time.Hour, true}} {
		if got := r.allow(noon.Add(c.after)); got != c.want {
			t.Errorf("after %v: %v", c.after, got)
		}
	}
}

// A phone with the secret, but another certificate than its first packet named: somebody replays or forges.
func TestWrongPhoneCertificate(t *testing.T) {
	r := newRecorder()
	d := newDesk(t, r)
	cfg := d.config(peers[0])
	cfg.Ufrag = link.NewUfrag(cfg.Secret, noon, [8]byte{7}, sha256.Sum256([]byte("another")))
	if _, err := dial.Open(t.Context(), cfg); !errors.Is(err, dial.ErrHandshake) {
		t.Errorf("got %v", err)
	}
	d.Close()
	if st := d.Stats(); st.Accepted != 1 || st.Opened != 0 || st.Failed != 1 || len(r.events) != 0 {
		t.Errorf("stats %+v, %d events", st, len(r.events))
	}
	if got := d.LastArrival(peers[0]); got.Outcome != api.CameFailed {
		t.Errorf("arrival %+v", got)
	}
}

func TestWrongDesktopCertificate(t *testing.T) {
	d := newDesk(t, newRecorder())
	cfg := d.config(peers[0])
	cfg.Certificate[0] ^= 1
	if _, err := dial.Open(t.Context(), cfg); !errors.Is(err, dial.ErrHandshake) {
		t.Errorf("got %v", err)
	}
}

func TestUsedFragmentOpensNothing(t *testing.T) {
	r := newRecorder()
	d := newDesk(t, r)
	cfg := d.fixed(t, peers[0])
	c, err := dial.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.next(t, "opened")
	c.Close()
	r.next(t, "closed")
	wantSilence(t, d, cfg, func(s Stats) bool { return s.Used > 1 })
}

func TestWrongSecretIsMetWithSilence(t *testing.T) {
	d := newDesk(t, newRecorder())
	cfg := d.config(peers[0])
	cfg.Secret = link.Secret("another secret of thirty-two byte")
	wantSilence(t, d, cfg, func(s Stats) bool { return s.Unknown > 1 })
}

// wantSilence connects and gives up when the listener has counted the phone's packets and it still knows nothing.
func wantSilence(t *testing.T, d *desk, cfg dial.Config, counted func(Stats) bool) {
	t.Helper()
	before := d.Stats().Opened
	ctx, stop := context.WithCancel(t.Context())
	answer := make(chan error, 1)
	go func() {
		_, err := dial.Open(ctx, cfg)
		answer <- err
	}()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(20 * time.Second); !counted(d.Stats()); {
		select {
		case err := <-answer:
			t.Fatalf("dial ended: %v", err)
		case <-limit:
			t.Fatalf("stats %+v", d.Stats())
		case <-tick.C:
		}
	}
	stop()
	if err := <-answer; !errors.Is(err, dial.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
	if got := d.Stats().Opened; got != before {
		t.Errorf("%d sessions opened", got-before)
	}
}

// Garbage changes nothing and gets no answer. The phone's session at the end shows that all of it was read.
func TestNoise(t *testing.T) {
	r := newRecorder()
	d := newDesk(t, r)
	noise, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(d.at))
	if err != nil {
		t.Fatal(err)
	}
	defer noise.Close()
	random := mathrand.New(mathrand.NewPCG(1, 2))
	good := first(t, d.secrets[peers[0]], noon, nil)
	for i := range 10_000 {
		if _, err := noise.Write(garbage(random, i, good)); err != nil {
			t.Fatal(err)
		}
	}
	d.dial(t, peers[0])
	r.next(t, "opened")
	if st := d.Stats(); st.Accepted != 1 || st.Noise == 0 || st.WrongPassword == 0 || st.HalfOpen != 0 {
		t.Errorf("stats %+v", st)
	}
	noise.SetReadDeadline(time.Unix(1, 0))
	if n, err := noise.Read(make([]byte, 1500)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes of an answer, %v", n, err)
	}
}

// garbage is random bytes, a broken STUN message, or a first packet that proves nothing.
func garbage(r *mathrand.Rand, i int, good []byte) []byte {
	switch i % 3 {
	case 0:
		b := make([]byte, r.IntN(200))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	case 1:
		b := append([]byte(nil), good...)
		b[r.IntN(len(b))] ^= byte(1 + r.IntN(255))
		return b
	}
	return good
}

func TestListenRefuses(t *testing.T) {
	cert, err := NewCertificate(rand.Reader, noon)
	if err != nil {
		t.Fatal(err)
	}
	full := Config{Certificate: cert, Find: new(desk).find, Now: func() time.Time { return noon }, Handler: newRecorder()}
	for name, broken := range map[string]func(*Config){
		"no Find":             func(c *Config) { c.Find = nil },
		"no Now":              func(c *Config) { c.Now = nil },
		"no Handler":          func(c *Config) { c.Handler = nil },
		"no certificate":      func(c *Config) { c.Certificate = webrtc.Certificate{} },
		"certificate expired": func(c *Config) { c.Certificate = ending(t, noon.Add(-time.Second)) },
	} {
		cfg := full
		broken(&cfg)
		if _, err := Listen(nil, cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCloseEndsSessions(t *testing.T) {
	r := newRecorder()
	d := newDesk(t, r)
	c := d.dial(t, peers[0])
	r.next(t, "opened")
	d.unhandled(first(t, d.secrets[peers[1]], noon, d.secrets[peers[1]]), stranger) // half-open, too
	d.Close()
	r.next(t, "closed")
	wantClosed(t, c)
	<-d.Done()
	if st := d.Stats(); st.Sessions != 0 || st.HalfOpen != 0 {
		t.Errorf("stats %+v", st)
	}
	d.unhandled(first(t, d.secrets[peers[2]], noon, d.secrets[peers[2]]), stranger)
	if st := d.Stats(); st.Accepted != 2 {
		t.Errorf("after the end: %+v", st)
	}
}

func TestBrokenSocketEndsListener(t *testing.T) {
	d := newDesk(t, newRecorder())
	d.conn.UDPConn.Close()
	select {
	case <-d.Done():
	case <-time.After(20 * time.Second):
		t.Error("listener does not notice")
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
