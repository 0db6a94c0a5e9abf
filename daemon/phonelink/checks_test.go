package phonelink

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"tallykey/phone/link"
	"tallykey/phone/virtual/dial"
)

func TestChecks(t *testing.T) {
	var c checks
	id := func(n int) [12]byte { return [12]byte{byte(n), byte(n >> 8), byte(n >> 16)} }
	at := func(port int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
	}
	for _, test := range []struct {
		name     string
		id, from int
		want     bool
	}{
		{"the first", 1, 1, true}, {"sent again", 1, 1, true}, {"replayed", 1, 2, false}, {"another", 2, 1, true},
		{"the phone has moved", 3, 2, true}, {"replayed from there", 3, 1, false},
	} {
		if got := c.take(id(test.id), at(test.from)); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	for n := 3; n < 2*maxFrom; n++ {
		c.take(id(100+n), at(n))
	}
	if len(c.from) != maxFrom {
		t.Errorf("%d addresses", len(c.from))
	}
	for n := range 2 * maxChecks {
		if !c.take(id(1000+n), at(1)) {
			t.Fatalf("check %d from a known address is refused", n)
		}
	}
	if len(c.seen) != maxChecks || c.take(id(3*maxChecks), at(99)) {
		t.Errorf("%d are remembered", len(c.seen))
	}
}

// A stranger sends an open connection's first packet again, as it was and spoiled: nothing answers, and the connection
// stays with its phone.
func TestReplayedCheckIsMetWithSilence(t *testing.T) {
	r := newRecorder()
	d := newDesk(t, r)
	cfg := d.fixed(t, peers[0])
	c, err := dial.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s := r.next(t, "opened").session
	stranger, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(d.at))
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	data := packetOf(t, cfg.Ufrag.String()+":abcd", cfg.Secret.Password(cfg.Ufrag.String()))
	p, err := parseFirst(data)
	if err != nil {
		t.Fatal(err)
	}
	from := s.From() // as if the phone had sent it
	if d.replayed(data, from) {
		t.Fatal("the phone's own check is left out")
	}
	for _, packet := range [][]byte{data, packetOf(t, cfg.Ufrag.String()+":abcd", "wrong"), p.raw} {
		if _, err := stranger.Write(packet); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all were read", func() bool { st := d.Stats(); return st.Replayed == 2 && st.WrongPassword == 1 })
	send(t, c, &link.Ping{N: 1}) // its answer shows that the reader has gone on
	receive[*link.Pong](t, c)
	stranger.SetReadDeadline(time.Unix(1, 0))
	if n, err := stranger.Read(make([]byte, 1500)); err == nil {
		t.Errorf("%d bytes of an answer", n)
	}
}
