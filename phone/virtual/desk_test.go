package virtual_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"sync"
	"testing"
	"time"

	"tallykey/daemon/phonelink"
	"tallykey/daemon/webauthn"
	"tallykey/daemon/webauthn/platform"
	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

const (
	desktopID = "abcdefghij234567"
	origin    = "https://login.contoso.example"
	domain    = "contoso.example"
	rpID      = "login.contoso.example"
	patience  = 30 * time.Second
)

var offerSecret = link.Secret("one-time secret.")

// known is what the desk knows of a paired phone.
type known struct {
	secret   link.Secret
	device   *ecdsa.PublicKey
	platform platform.Credential
}

// said is something that happened on the link: a message, "up" or "down".
type said struct {
	peer string
	what string
	m    link.Message
}

// desk is the desktop's end, on loopback: it says what the test tells it to.
type desk struct {
	t        *testing.T
	listener *phonelink.Listener
	hub      *phonelink.Hub
	id       string
	print    [32]byte
	pem      []byte
	sync     bool // of the welcome
	push     bool
	heard    chan said

	mu     sync.Mutex
	phones map[string]known
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	cert, err := phonelink.NewCertificate(rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pem, err := phonelink.EncodeCertificate(cert)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, id: desktopID, pem: pem, heard: make(chan said, 256), phones: map[string]known{}}
	if d.print, err = phonelink.Fingerprint(cert); err != nil {
		t.Fatal(err)
	}
	d.open()
	return d
}

// open starts to listen, on a new port.
func (d *desk) open() {
	d.t.Helper()
	cert, err := phonelink.ParseCertificate(d.pem)
	if err != nil {
		d.t.Fatal(err)
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		d.t.Fatal(err)
	}
	d.hub = phonelink.NewHub(phonelink.HubConfig{Paired: d.deviceKey, Welcome: d.welcome,
		Up:      func(phone string, h *link.Hello) { d.heard <- said{phone, "up", h} },
		Down:    func(peer string) { d.heard <- said{peer, "down", nil} },
		Message: func(peer string, m link.Message) { d.heard <- said{peer, m.Type(), m} }})
	listener, err := phonelink.Listen(conn, phonelink.Config{Certificate: cert, Find: d.find, Now: time.Now, Handler: d.hub})
	if err != nil {
		d.t.Fatal(err)
	}
	d.mu.Lock()
	d.listener = listener
	d.mu.Unlock()
	d.t.Cleanup(func() { listener.Close() })
}

func (d *desk) find(u link.Ufrag) (string, link.Secret, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for phone, k := range d.phones {
		if k.secret.Owns(u) {
			return phone, k.secret, true
		}
	}
	return phonelink.OfferPeer, offerSecret, offerSecret.Owns(u)
}

func (d *desk) deviceKey(phone string) (*ecdsa.PublicKey, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, ok := d.phones[phone]
	return k.device, ok
}

func (d *desk) at() netip.AddrPort {
	d.mu.Lock()
	defer d.mu.Unlock()
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), d.listener.Port())
}

func (d *desk) welcome(string) *link.Welcome {
	at := d.at()
	return &link.Welcome{V: link.Version, Desktop: d.id, Name: "alice-desktop", Port: at.Port(),
		Addresses: []netip.Addr{at.Addr()}, Sync: d.sync, Push: d.push}
}

func (d *desk) offer() string {
	at := d.at()
	return link.Offer{Desktop: d.id, Name: "alice-desktop", Port: at.Port(), Addresses: []netip.Addr{at.Addr()},
		Certificate: d.print, Secret: offerSecret}.Link(&url.URL{Scheme: "https", Host: "phone.contoso.example", Path: "/"})
}

// next is the next thing from the phone, which must be what is wanted.
func (d *desk) next(what string) said {
	d.t.Helper()
	select {
	case s := <-d.heard:
		if s.what != what {
			d.t.Fatalf("the phone: %s %+v, want %s", s.what, s.m, what)
		}
		return s
	case <-time.After(patience):
		d.t.Fatalf("the phone says no %s", what)
		return said{}
	}
}

// any is the next thing from the phone.
func (d *desk) any() said {
	d.t.Helper()
	select {
	case s := <-d.heard:
		return s
	case <-time.After(patience):
		d.t.Fatal("the phone says nothing")
		return said{}
	}
}

// platform is what the desk knows of a phone's platform credential.
func (d *desk) platform(phone string) platform.Credential {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.phones[phone].platform
}

func (d *desk) send(peer string, m link.Message) {
	d.t.Helper()
	if err := d.hub.Send(peer, m); err != nil {
		d.t.Fatal(err)
	}
}

// pair goes through pairing and returns the phone's id.
func (d *desk) pair(p *virtual.Phone) string {
	d.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- p.Pair(context.Background(), d.offer()) }()
	with := d.next("pairWith").m.(*link.PairWith)
	r := pairRequest()
	d.send(phonelink.OfferPeer, r)
	d.next("received")
	n := d.next("number").m.(*link.Number)
	d.send(phonelink.OfferPeer, &link.NumberRight{ID: r.ID})
	a := d.next("answer").m.(*link.Answer)
	approval := link.Approval{Request: r.ID, Action: link.Pair, Desktop: d.id, Number: n.Number, Payload: a.DeviceKey}
	challenge := approval.Challenge()
	credential, err := verifyPlatform(with.Origin, challenge, a)
	if err != nil {
		d.t.Fatal(err)
	}
	key, err := x509.ParsePKIXPublicKey(a.DeviceKey)
	if err != nil {
		d.t.Fatal(err)
	}
	k := known{secret: make(link.Secret, link.PhoneSecretBytes), device: key.(*ecdsa.PublicKey), platform: credential}
	rand.Read(k.secret)
	d.verifyDevice(k, challenge, a.DeviceSignature)
	phone := newPhoneID()
	d.mu.Lock()
	d.phones[phone] = k
	d.mu.Unlock()
	d.send(phonelink.OfferPeer, &link.Paired{ID: r.ID, Phone: phone, Secret: link.Bytes(k.secret)})
	if err := <-ended; err != nil {
		d.t.Fatal(err)
	}
	d.next("down") // of the pairing link
	return phone
}

func verifyPlatform(origin string, challenge [32]byte, a *link.Answer) (platform.Credential, error) {
	if len(a.PlatformKey) > 0 {
		return platform.VerifyPresented(origin, a.PlatformKey, challenge, a.Verification)
	}
	return platform.VerifyRegistration(origin, challenge, a.Verification)
}

func newPhoneID() string {
	var b [link.IDBytes]byte
	rand.Read(b[:])
	return link.NewID(b)
}

func newID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return link.B64.EncodeToString(b)
}

func pairRequest() *link.Request {
	return &link.Request{ID: newID(), Action: link.Pair, Mode: link.Choose, Numbers: []string{"26", "07", "91"}, SecondsLeft: 60}
}

func (d *desk) verifyDevice(k known, challenge [32]byte, signature []byte) {
	d.t.Helper()
	hash := sha256.Sum256(challenge[:])
	if !ecdsa.Verify(k.device, hash[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		d.t.Fatal("device signature is wrong")
	}
}

// verify checks an answer as a desktop must.
func (d *desk) verify(phone string, r *link.Request, number, account string, a *link.Answer) {
	d.t.Helper()
	d.mu.Lock()
	k := d.phones[phone]
	d.mu.Unlock()
	hash := sha256.Sum256(r.ClientData)
	approval := link.Approval{Request: r.ID, Action: r.Action, Desktop: d.id, Origin: r.Origin, RPID: r.RPID,
		Credential: a.Credential, Account: account, Number: number, Payload: append(append([]byte(nil), a.AuthenticatorData...), hash[:]...)}
	challenge := approval.Challenge()
	if err := platform.VerifyAssertion(k.platform, challenge, a.Verification); err != nil {
		d.t.Fatal(err)
	}
	d.verifyDevice(k, challenge, a.DeviceSignature)
}

func createRequest() *link.Request {
	return &link.Request{ID: newID(), Action: link.Create, Origin: origin, Domain: domain, RPID: rpID, Browser: "Firefox",
		Accounts: []link.Account{{Name: "alice@contoso.example", DisplayName: "Alice"}},
		Mode:     link.Choose, Numbers: []string{"26", "07", "91"}, SecondsLeft: 60,
		ClientData: webauthn.ClientData(webauthn.Create, []byte("challenge"), origin, false, "")}
}

func getRequest(credentials ...string) *link.Request {
	r := createRequest()
	r.Action, r.Accounts = link.Get, nil
	r.ClientData = webauthn.ClientData(webauthn.Get, []byte("challenge"), origin, false, "")
	for _, c := range credentials {
		r.Accounts = append(r.Accounts, link.Account{Credential: c, Name: "alice@contoso.example", DisplayName: "Alice"})
	}
	return r
}

// register goes through a creation and returns the credential.
func (d *desk) register(phone string) *webauthn.AttestedCredential {
	d.t.Helper()
	r := createRequest()
	d.send(phone, r)
	d.next("received")
	n := d.next("number").m.(*link.Number)
	d.send(phone, &link.NumberRight{ID: r.ID})
	a := d.next("answer").m.(*link.Answer)
	d.verify(phone, r, n.Number, "alice@contoso.example", a)
	data, err := webauthn.ParseAuthenticatorData(a.AuthenticatorData)
	if err != nil || data.Attested == nil {
		d.t.Fatalf("authenticator data: %v", err)
	}
	if data.Flags != webauthn.UP|webauthn.UV|webauthn.AT || data.Counter != 0 || data.Attested.AAGUID != webauthn.AAGUID ||
		data.RPIDHash != sha256.Sum256([]byte(rpID)) || link.B64.EncodeToString(data.Attested.ID) != a.Credential {
		d.t.Errorf("authenticator data %+v of credential %s", data, a.Credential)
	}
	d.send(phone, &link.Ended{ID: r.ID, Code: "registered"})
	return data.Attested
}
