package main

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"net"
	"net/netip"
	"net/url"
	"sync"
	"testing"
	"time"

	"tallykey/daemon/phonelink"
	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

const (
	deskID = "abcdefghij234567"
	origin = "https://login.contoso.example"
)

// desk is a desktop on loopback that pairs with whoever brings the right number, then asks to sign up with a website.
// It verifies nothing: what is under test is the phone's command line.
type desk struct {
	t        *testing.T
	listener *phonelink.Listener
	hub      *phonelink.Hub
	print    [32]byte
	right    string
	ended    chan string // codes of requests

	mu     sync.Mutex
	phone  string
	secret link.Secret
	key    *ecdsa.PublicKey
}

var offerSecret = link.Secret("one-time secret.")

func newDesk(t *testing.T) *desk {
	t.Helper()
	cert, err := phonelink.NewCertificate(rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, right: "26", ended: make(chan string, 16), secret: link.Secret("a paired phone's secret, 32 bytes")[:32],
		phone: "zyxwvutsrq765432"}
	if d.print, err = phonelink.Fingerprint(cert); err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hub = phonelink.NewHub(phonelink.HubConfig{Paired: d.paired, Welcome: d.welcome, Message: d.message,
		Up:   func(phone string, _ *link.Hello) { d.say(phone, request(link.Create)) },
		Down: func(string) {}})
	d.listener, err = phonelink.Listen(conn, phonelink.Config{Certificate: cert, Find: d.find, Now: time.Now, Handler: d.hub})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.listener.Close() })
	return d
}

func (d *desk) find(u link.Ufrag) (string, link.Secret, bool) {
	if d.secret.Owns(u) {
		return d.phone, d.secret, true
	}
	return phonelink.OfferPeer, offerSecret, offerSecret.Owns(u)
}

func (d *desk) paired(string) (*ecdsa.PublicKey, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.key, d.key != nil
}

var loopback = netip.MustParseAddr("127.0.0.1")

func (d *desk) welcome(string) *link.Welcome {
	return &link.Welcome{V: link.Version, Desktop: deskID, Name: "alice-desktop", Port: d.listener.Port(), Addresses: []netip.Addr{loopback}}
}

func (d *desk) offer() string {
	return link.Offer{Desktop: deskID, Name: "alice-desktop", Port: d.listener.Port(), Addresses: []netip.Addr{loopback},
		Certificate: d.print, Secret: offerSecret}.Link(&url.URL{Scheme: "https", Host: "phone.contoso.example", Path: "/"})
}

func (d *desk) say(peer string, m link.Message) {
	if err := d.hub.Send(peer, m); err != nil {
		d.t.Errorf("%s: %v", m.Type(), err)
	}
}

func request(action link.Action) *link.Request {
	r := &link.Request{ID: link.B64.EncodeToString(append([]byte("request-"), (action + "--------")[:8]...)), Action: action,
		Mode: link.Choose, Numbers: []string{"26", "07", "91"}, SecondsLeft: 60}
	if action == link.Create {
		r.Origin, r.Domain, r.RPID, r.Browser = origin, "contoso.example", "login.contoso.example", "Firefox"
		r.Accounts = []link.Account{{Name: "alice@contoso.example"}}
		r.ClientData = webauthn.ClientData(webauthn.Create, []byte("challenge"), origin, false, "")
	}
	return r
}

func (d *desk) message(peer string, m link.Message) {
	switch m := m.(type) {
	case *link.PairWith:
		d.say(peer, request(link.Pair))
	case *link.Decline:
		d.ended <- m.Code
	case *link.Number:
		if m.Number == d.right {
			d.say(peer, &link.NumberRight{ID: m.ID})
		} else {
			d.say(peer, &link.Ended{ID: m.ID, Code: "wrong_number"})
			d.ended <- "wrong_number"
		}
	case *link.Answer:
		d.answered(peer, m)
	}
}

func (d *desk) answered(peer string, m *link.Answer) {
	if peer != phonelink.OfferPeer {
		d.say(peer, &link.Ended{ID: m.ID, Code: "registered"})
		d.ended <- "registered"
		return
	}
	key, err := x509.ParsePKIXPublicKey(m.DeviceKey)
	if err != nil {
		d.t.Error(err)
		return
	}
	d.mu.Lock()
	d.key = key.(*ecdsa.PublicKey)
	d.mu.Unlock()
	d.say(peer, &link.Paired{ID: m.ID, Phone: d.phone, Secret: link.Bytes(d.secret)})
	d.ended <- "paired"
}

func (d *desk) want(code string) {
	d.t.Helper()
	select {
	case got := <-d.ended:
		if got != code {
			d.t.Fatalf("request ended with %q, want %q", got, code)
		}
	case <-time.After(30 * time.Second):
		d.t.Fatalf("request does not end with %q", code)
	}
}
