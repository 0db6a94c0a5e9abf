package phonelink

import (
	"context"
	"crypto/rand"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"tallykey/phone/link"
	"tallykey/phone/virtual/dial"
)

// desk is a listener on loopback with a few peers.
type desk struct {
	*Listener
	at          netip.AddrPort
	fingerprint [32]byte
	secrets     map[string]link.Secret
}

// noon is what the desk's clock shows all the time.
var noon = time.Unix(1795000000, 0)

var peers = []string{"aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc", "dddddddddddddddd", "eeeeeeeeeeeeeeee",
	"ffffffffffffffff", "gggggggggggggggg", "hhhhhhhhhhhhhhhh", "iiiiiiiiiiiiiiii"}

func newDesk(t testing.TB, h Handler, options ...func(*Config)) *desk {
	t.Helper()
	cert, err := NewCertificate(rand.Reader, noon)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{secrets: map[string]link.Secret{OfferPeer: link.Secret("one-time secret.")}}
	if d.fingerprint, err = Fingerprint(cert); err != nil {
		t.Fatal(err)
	}
	for i, p := range peers {
		s := make(link.Secret, link.PhoneSecretBytes)
		s[0] = byte(i + 1)
		d.secrets[p] = s
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	d.at = conn.LocalAddr().(*net.UDPAddr).AddrPort()
	cfg := Config{Certificate: cert, Find: d.find, Now: func() time.Time { return noon }, Handler: h}
	for _, o := range options {
		o(&cfg)
	}
	d.Listener, err = Listen(conn, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func (d *desk) find(u link.Ufrag) (string, link.Secret, bool) {
	for peer, s := range d.secrets {
		if s.Owns(u) {
			return peer, s, true
		}
	}
	return "", nil, false
}

func (d *desk) config(peer string) dial.Config {
	return dial.Config{Addresses: []netip.AddrPort{d.at}, Certificate: d.fingerprint, Secret: d.secrets[peer],
		Now: func() time.Time { return noon }}
}

// fixed is a config whose fragment is known before it is used.
func (d *desk) fixed(t testing.TB, peer string) dial.Config {
	t.Helper()
	cfg := d.config(peer)
	own, err := webrtc.GenerateCertificate(newKey(t))
	if err != nil {
		t.Fatal(err)
	}
	hash, err := dial.Fingerprint(*own)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Own, cfg.Ufrag = *own, link.NewUfrag(cfg.Secret, noon, [8]byte{7}, hash)
	return cfg
}

// dial connects as a phone.
func (d *desk) dial(t testing.TB, peer string) *dial.Conn {
	t.Helper()
	c, err := dial.Open(t.Context(), d.config(peer))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// event is one call of a handler.
type event struct {
	what    string // "opened", "message" or "closed"
	session *Session
	message link.Message
}

// recorder is a Handler for tests.
type recorder struct {
	events chan event
	hold   chan struct{} // where set, Message waits for it
}

func newRecorder() *recorder { return &recorder{events: make(chan event, 1024)} }

func (r *recorder) Opened(s *Session) { r.events <- event{"opened", s, nil} }
func (r *recorder) Closed(s *Session) { r.events <- event{"closed", s, nil} }
func (r *recorder) Message(s *Session, m link.Message) {
	if r.hold != nil {
		<-r.hold
	}
	r.events <- event{"message", s, m}
}

func (r *recorder) next(t testing.TB, what string) event {
	t.Helper()
	select {
	case e := <-r.events:
		if e.what != what {
			t.Fatalf("got %s %v, want %s", e.what, e.message, what)
		}
		return e
	case <-time.After(20 * time.Second):
		t.Fatalf("no %s", what)
		return event{}
	}
}

// receive reads the phone's next message.
func receive[M link.Message](t testing.TB, c *dial.Conn) M {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	m, err := c.Receive(ctx)
	if err != nil {
		t.Fatalf("receive: %v", err)
	}
	got, ok := m.(M)
	if !ok {
		t.Fatalf("got %s %+v, want %T", m.Type(), m, *new(M))
	}
	return got
}

func wantClosed(t testing.TB, c *dial.Conn) {
	t.Helper()
	select {
	case <-c.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("connection stays open")
	}
}

func send(t testing.TB, c *dial.Conn, m link.Message) {
	t.Helper()
	if err := c.Send(m); err != nil {
		t.Fatal(err)
	}
}

var testID = link.B64.EncodeToString(make([]byte, 16))
