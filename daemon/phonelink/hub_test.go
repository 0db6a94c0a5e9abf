package phonelink

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/phone/link"
	"tallykey/phone/virtual/dial"
)

// hubDesk is a desk with a hub, on which every peer is a paired phone.
type hubDesk struct {
	*desk
	hub     *Hub
	key     *ecdsa.PrivateKey // all phones have the same
	removed atomic.Bool
	calls   chan string
	hold    chan struct{} // where set, Message waits for it
}

func newHubDesk(t testing.TB, options ...func(*Config)) *hubDesk {
	t.Helper()
	d := &hubDesk{key: newKey(t), calls: make(chan string, 1024)}
	d.hub = NewHub(HubConfig{
		Paired: func(phone string) (*ecdsa.PublicKey, bool) { return &d.key.PublicKey, !d.removed.Load() },
		Welcome: func(string) *link.Welcome {
			return &link.Welcome{V: link.Version, Desktop: "abcdefghij234567", Name: "alice-desktop", Port: 1}
		},
		Up:   func(phone string, hello *link.Hello) { d.calls <- "up " + phone + " " + hello.Name },
		Down: func(peer string) { d.calls <- "down " + peer },
		Message: func(peer string, m link.Message) {
			if d.hold != nil {
				<-d.hold
			}
			d.calls <- m.Type() + " " + peer
		},
	})
	d.desk = newDesk(t, d.hub, options...)
	return d
}

func (d *hubDesk) want(t testing.TB, want ...string) {
	t.Helper()
	for _, w := range want {
		select {
		case got := <-d.calls:
			if got != w {
				t.Fatalf("call %q, want %q", got, w)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("no call %q", w)
		}
	}
}

func sign(t testing.TB, key *ecdsa.PrivateKey, message []byte) []byte {
	t.Helper()
	hash := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, key, hash[:])
	if err != nil {
		t.Fatal(err)
	}
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

func (d *hubDesk) hello(t testing.TB, c *dial.Conn, phone, name string) *link.Hello {
	return &link.Hello{V: link.Version, Phone: phone, Name: name, App: "test/1", Signature: sign(t, d.key, link.HelloProof(c.Ufrag()))}
}

// greet connects a phone and says hello.
func (d *hubDesk) greet(t testing.TB, phone, name string) *dial.Conn {
	t.Helper()
	c := d.dial(t, phone)
	send(t, c, d.hello(t, c, phone, name))
	return c
}

func (d *hubDesk) up(t testing.TB, phone, name string) *dial.Conn {
	t.Helper()
	c := d.greet(t, phone, name)
	receive[*link.Welcome](t, c)
	d.want(t, "up "+phone+" "+name)
	return c
}

func TestHello(t *testing.T) {
	d := newHubDesk(t)
	for _, c := range []struct {
		name  string
		spoil func(*link.Hello) link.Message
		want  string
	}{
		{"another phone's id", func(h *link.Hello) link.Message { h.Phone = peers[1]; return h }, "message_invalid"},
		{"no hello", func(*link.Hello) link.Message { return &link.Received{ID: testID} }, "message_invalid"},
		{"a pairing", func(*link.Hello) link.Message {
			return &link.PairWith{V: 1, Name: "a", App: "a", Origin: "https://phone.contoso.example"}
		}, "message_invalid"},
		{"a later version", func(h *link.Hello) link.Message { h.V = 2; h.Phone = peers[1]; return h }, "version_unknown"},
		{"no version", func(h *link.Hello) link.Message { h.V = 0; return h }, "version_unknown"},
		{"wrong signature", func(h *link.Hello) link.Message { h.Signature[0] ^= 1; return h }, "phone_removed"},
		{"signature of another connection", func(h *link.Hello) link.Message {
			h.Signature = sign(t, d.key, link.HelloProof(link.Ufrag{}))
			return h
		}, "phone_removed"},
		{"signature of zeros", func(h *link.Hello) link.Message { clear(h.Signature); return h }, "phone_removed"},
		{"another device's key", func(h *link.Hello) link.Message {
			h.Signature = sign(t, newKey(t), []byte("anything"))
			return h
		}, "phone_removed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := d.dial(t, peers[0])
			send(t, conn, c.spoil(d.hello(t, conn, peers[0], "phone")))
			if got := receive[*link.Refused](t, conn); got.Code != c.want {
				t.Errorf("refused with %q, want %q", got.Code, c.want)
			}
			wantClosed(t, conn)
		})
	}
	d.up(t, peers[0], "phone") // also shows that none of the others called anything
}

func TestHelloOfRemovedPhone(t *testing.T) {
	d := newHubDesk(t)
	d.removed.Store(true)
	if got := receive[*link.Refused](t, d.greet(t, peers[0], "phone")); got.Code != "phone_removed" {
		t.Errorf("refused with %q", got.Code)
	}
	if d.hub.Connected() != nil {
		t.Errorf("connected: %v", d.hub.Connected())
	}
}

func TestHub(t *testing.T) {
	d := newHubDesk(t)
	if err := d.hub.Send(peers[0], &link.Ping{}); !errors.Is(err, ErrAway) {
		t.Errorf("send to an absent phone: %v", err)
	}
	c := d.up(t, peers[0], "phone")
	other := d.up(t, peers[1], "other")
	if diff := cmp.Diff(peers[:2], d.hub.Connected()); diff != "" {
		t.Errorf("connected (-want +got):\n%s", diff)
	}
	want := &link.Ended{ID: testID, Code: "approved"}
	if err := d.hub.Send(peers[0], want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, receive[*link.Ended](t, c)); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	send(t, c, &link.Received{ID: testID})
	send(t, c, &link.Number{ID: testID, Number: "26"})
	send(t, c, &link.Decline{ID: testID, Code: "declined"})
	d.want(t, "received "+peers[0], "number "+peers[0], "decline "+peers[0])
	other.Close()
	d.want(t, "down "+peers[1])
	if diff := cmp.Diff(peers[:1], d.hub.Connected()); diff != "" {
		t.Errorf("connected (-want +got):\n%s", diff)
	}
}

func TestRefresh(t *testing.T) {
	d := newHubDesk(t)
	c := d.up(t, peers[0], "phone")
	d.hub.Refresh()
	if got := receive[*link.Welcome](t, c); got.Name != "alice-desktop" {
		t.Errorf("%+v", got)
	}
}

func TestUnexpectedMessages(t *testing.T) {
	d := newHubDesk(t)
	for _, m := range []link.Message{&link.Hello{V: 1, Phone: peers[0], Name: "a", App: "a", Signature: make([]byte, 64)},
		&link.Ended{ID: testID, Code: "approved"}, &link.NumberRight{ID: testID}, &link.Refused{Code: "busy"}} {
		t.Run(m.Type(), func(t *testing.T) {
			c := d.up(t, peers[0], "phone")
			send(t, c, m)
			if got := receive[*link.Refused](t, c); got.Code != "message_invalid" {
				t.Errorf("refused with %q", got.Code)
			}
			d.want(t, "down "+peers[0])
		})
	}
}

func TestNewerSessionReplaces(t *testing.T) {
	d := newHubDesk(t)
	older := d.up(t, peers[0], "older")
	newer := d.greet(t, peers[0], "newer")
	receive[*link.Welcome](t, newer)
	d.want(t, "down "+peers[0], "up "+peers[0]+" newer")
	wantClosed(t, older)
	if err := d.hub.Send(peers[0], &link.Ended{ID: testID, Code: "approved"}); err != nil {
		t.Fatal(err)
	}
	receive[*link.Ended](t, newer)
}

// While the older session's last message is handled, the newer one's must wait.
func TestOrderAcrossSessions(t *testing.T) {
	d := newHubDesk(t)
	d.hold = make(chan struct{})
	older := d.up(t, peers[0], "older")
	send(t, older, &link.Received{ID: testID})
	newer := d.greet(t, peers[0], "newer")
	send(t, newer, &link.Number{ID: testID, Number: "26"})
	wantClosed(t, older) // it has been replaced, and its callback still runs
	d.hold <- struct{}{}
	d.want(t, "received "+peers[0], "down "+peers[0], "up "+peers[0]+" newer")
	d.hold <- struct{}{}
	d.want(t, "number "+peers[0])
}

// Many sessions of one phone at once: calls alternate, one session is left.
func TestSessionsRace(t *testing.T) {
	d := newHubDesk(t)
	var all sync.WaitGroup
	for i := range maxHalfOpenPerPeer {
		all.Go(func() {
			c, err := dial.Open(t.Context(), d.config(peers[0]))
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { c.Close() })
			if err := c.Send(d.hello(t, c, peers[0], fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	last := d.greet(t, peers[0], "last")
	receive[*link.Welcome](t, last)
	for up := false; ; {
		select {
		case call := <-d.calls:
			if isUp := call[:2] == "up"; isUp == up {
				t.Fatalf("call %q out of turn", call)
			}
			if up = call[:2] == "up"; call == "up "+peers[0]+" last" {
				return
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the last session never came up")
		}
	}
}

func TestPairing(t *testing.T) {
	d := newHubDesk(t)
	with := &link.PairWith{V: link.Version, Name: "phone", App: "test/1", Origin: "https://phone.contoso.example"}
	early := d.dial(t, OfferPeer)
	send(t, early, &link.Received{ID: testID})
	if got := receive[*link.Refused](t, early); got.Code != "message_invalid" {
		t.Errorf("without pairWith: %q", got.Code)
	}
	later := d.dial(t, OfferPeer)
	send(t, later, &link.PairWith{V: 2, Name: "phone", App: "test/1", Origin: "https://phone.contoso.example"})
	if got := receive[*link.Refused](t, later); got.Code != "version_unknown" {
		t.Errorf("later version: %q", got.Code)
	}
	c := d.dial(t, OfferPeer)
	send(t, c, with)
	d.want(t, "pairWith offer")
	receive[*link.Ping](t, c) // it is watched from here
	second := d.dial(t, OfferPeer)
	send(t, second, with)
	if got := receive[*link.Refused](t, second); got.Code != "busy" {
		t.Errorf("second: %q", got.Code)
	}
	if err := d.hub.Send(OfferPeer, &link.Ended{ID: testID, Code: "paired"}); err != nil {
		t.Fatal(err)
	}
	receive[*link.Ended](t, c)
	send(t, c, &link.Received{ID: testID})
	d.want(t, "received offer")
	if d.hub.Connected() != nil {
		t.Errorf("connected: %v", d.hub.Connected())
	}
	d.hub.Drop(OfferPeer, "pairing_expired")
	if got := receive[*link.Refused](t, c); got.Code != "pairing_expired" {
		t.Errorf("dropped: %q", got.Code)
	}
	d.want(t, "down offer")
	again := d.dial(t, OfferPeer)
	send(t, again, with)
	d.want(t, "pairWith offer")
}

func TestDrop(t *testing.T) {
	d := newHubDesk(t)
	c := d.up(t, peers[0], "phone")
	silent := d.dial(t, peers[0])     // opened, but not greeted
	send(t, silent, &link.Ping{N: 1}) // no greeting, but the answer shows that the hub knows the session
	receive[*link.Pong](t, silent)
	d.hub.Drop(peers[0], "phone_removed")
	for _, conn := range []*dial.Conn{c, silent} {
		if got := receive[*link.Refused](t, conn); got.Code != "phone_removed" {
			t.Errorf("refused with %q", got.Code)
		}
		wantClosed(t, conn)
	}
	d.want(t, "down "+peers[0])
	d.hub.Drop(peers[0], "phone_removed") // nobody there: nothing happens
}

func TestSilentSessionsAreLimited(t *testing.T) {
	h := NewHub(HubConfig{})
	all := make([]*Session, maxHalfOpenPerPeer+1)
	for i := range all {
		all[i] = newSession(peers[0], link.Ufrag{}, stranger, nil, nil)
		h.Opened(all[i])
	}
	for i, s := range all {
		closed := s.ours.Load()
		if want := i == maxHalfOpenPerPeer; closed != want {
			t.Errorf("session %d closed: %v", i, closed)
		}
		h.Closed(s)
	}
}

func TestHeartbeatLoss(t *testing.T) {
	d := newHubDesk(t)
	c := d.up(t, peers[0], "phone")
	d.hub.Heartbeat(peers[0], time.Millisecond, 50*time.Millisecond)
	for range 3 {
		receive[*link.Ping](t, c) // and no answer
	}
	d.want(t, "down "+peers[0])
}

func TestHeartbeatAnswered(t *testing.T) {
	d := newHubDesk(t)
	d.hub.Heartbeat(peers[0], 5*time.Millisecond, time.Hour) // before it connects: holds from then on
	c := d.up(t, peers[0], "phone")
	for n := 1; n <= 5; n++ {
		ping := receive[*link.Ping](t, c)
		if ping.N != n {
			t.Errorf("ping %d, want %d", ping.N, n)
		}
		send(t, c, &link.Pong{N: ping.N})
	}
	send(t, c, &link.Received{ID: testID})
	d.want(t, "received "+peers[0]) // no pong was passed up
	d.hub.Heartbeat(peers[0], 0, 0)
	if err := d.hub.Send(peers[0], &link.Ended{ID: testID, Code: "approved"}); err != nil {
		t.Fatal(err)
	}
	skipTo(t, c, "ended")
	send(t, c, &link.Ping{N: 7}) // the phone may ask as well
	if pong := skipTo(t, c, "pong").(*link.Pong); pong.N != 7 {
		t.Errorf("pong %d", pong.N)
	}
}

// skipTo reads on to a message of this type. One ping may be on its way when the heartbeat stops.
func skipTo(t *testing.T, c *dial.Conn, kind string) link.Message {
	t.Helper()
	for {
		m, err := c.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if m.Type() == kind {
			return m
		}
	}
}

// Heartbeat on a session that has ended must not start anything.
func TestHeartbeatAfterEnd(t *testing.T) {
	s := newSession(peers[0], link.Ufrag{}, stranger, nil, nil)
	s.Close()
	s.Heartbeat(time.Millisecond, time.Millisecond)
	if s.heartbeat != nil {
		t.Error("heartbeat runs")
	}
}
