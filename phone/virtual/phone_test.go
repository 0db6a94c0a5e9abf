package virtual_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/phonelink"
	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

// person decides for tests. Without an answer of their own they approve with the first number.
type person struct {
	asked   chan *link.Request
	answers chan virtual.Decision // where set, what they do is read from here
	events  chan virtual.Event
}

func newPerson() *person {
	return &person{asked: make(chan *link.Request, 16), events: make(chan virtual.Event, 256)}
}

func (x *person) decide(ctx context.Context, r *link.Request) virtual.Decision {
	x.asked <- r
	if x.answers == nil {
		return virtual.Decision{Kind: virtual.Approve, Number: r.Numbers[0]}
	}
	select {
	case d := <-x.answers:
		return d
	case <-ctx.Done():
		return virtual.Decision{}
	}
}

// until reads events up to one of a kind.
func (x *person) until(t *testing.T, event string) virtual.Event {
	t.Helper()
	for limit := time.After(patience); ; {
		select {
		case e := <-x.events:
			if e.Event == event {
				return e
			}
		case <-limit:
			t.Fatalf("no event %q", event)
		}
	}
}

func (x *person) phone(t *testing.T, change ...func(*virtual.Options)) *virtual.Phone {
	t.Helper()
	o := virtual.Options{Name: "test phone", Decide: x.decide, Notify: func(e virtual.Event) { x.events <- e },
		Find: func(ctx context.Context, _ string, _ func([]netip.AddrPort) bool) error { <-ctx.Done(); return nil }}
	for _, f := range change {
		f(&o)
	}
	p, err := virtual.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// run runs the phone until the test ends, or until stop.
func run(t *testing.T, p *virtual.Phone) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	done := false
	stop = func() {
		if done {
			return
		}
		done = true
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// Pairing, a registration, a sign-in: each step as the desktop sees it.
func TestFromPairingToSignIn(t *testing.T) {
	d, x := newDesk(t), newPerson()
	p := x.phone(t)
	run(t, p)
	phone := d.pair(p)
	x.until(t, virtual.Paired)
	up := d.next("up")
	if h := up.m.(*link.Hello); up.peer != phone || h.Name != "test phone" || h.App != virtual.App {
		t.Errorf("hello %+v of %s", h, up.peer)
	}
	made := d.register(phone)
	if e := x.until(t, virtual.Ended); e.Code != "paired" && e.Code != "registered" {
		t.Errorf("ended with %q", e.Code)
	}
	all := p.Registrations(rpID)
	if len(all) != 1 || all[0].Account != "alice@contoso.example" || all[0].Desktop != desktopID {
		t.Fatalf("registrations %+v", all)
	}
	d.signIn(phone, made)
	if e := x.until(t, virtual.Ended); e.Code != "approved" {
		t.Errorf("ended with %q", e.Code)
	}
	if got := p.Registrations("other.example"); got != nil {
		t.Errorf("registrations of another website: %+v", got)
	}
}

func (d *desk) signIn(phone string, made *webauthn.AttestedCredential) {
	d.t.Helper()
	credential := link.B64.EncodeToString(made.ID)
	r := getRequest(credential)
	d.send(phone, r)
	d.next("received")
	n := d.next("number").m.(*link.Number)
	if n.Credential != credential || n.ID != r.ID {
		d.t.Errorf("number %+v", n)
	}
	d.send(phone, &link.NumberRight{ID: r.ID})
	a := d.next("answer").m.(*link.Answer)
	d.verify(phone, r, n.Number, "alice@contoso.example", a)
	der, err := webauthn.RawToDER(a.Signature)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := webauthn.VerifySignature(made.PublicKey, a.AuthenticatorData, r.ClientData, der); err != nil {
		d.t.Error(err)
	}
	d.send(phone, &link.Ended{ID: r.ID, Code: "approved"})
}

func TestDecisions(t *testing.T) {
	d, x := newDesk(t), newPerson()
	x.answers = make(chan virtual.Decision, 2)
	for range 2 { // to pair, to register
		x.answers <- virtual.Decision{Kind: virtual.Approve, Number: "26"}
	}
	p := x.phone(t)
	phone := d.pair(p)
	run(t, p)
	d.next("up")
	credential := link.B64.EncodeToString(d.register(phone).ID)
	x.until(t, virtual.Connected)
	x.until(t, virtual.Ended)
	for _, c := range []struct {
		name     string
		decision virtual.Decision
		number   bool   // the phone sends one, which the desktop finds right
		code     string // of the phone's decline; empty: the desktop ends it with cancelled_by_page
	}{
		{"not now", virtual.Decision{Kind: virtual.Decline}, false, "declined"},
		{"not me", virtual.Decision{Kind: virtual.Report}, false, "reported"},
		{"nothing", virtual.Decision{Kind: virtual.Ignore}, false, ""},
		{"an unknown decision", virtual.Decision{Kind: "perhaps", Number: "26"}, false, "declined"},
		{"no decision", virtual.Decision{}, false, "declined"},
		{"a number that is not there", virtual.Decision{Kind: virtual.Approve, Number: "55"}, false, "declined"},
		{"an account that is not there", virtual.Decision{Kind: virtual.Approve, Number: "26", Credential: newID()}, false, "declined"},
		{"screen lock fails", virtual.Decision{Kind: virtual.FailVerification, Number: "26"}, true, "verification_failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d.t = t
			r := getRequest(credential)
			x.answers <- c.decision
			d.send(phone, r)
			d.next("received")
			if c.number {
				d.next("number")
				d.send(phone, &link.NumberRight{ID: r.ID})
			}
			want := c.code
			if want == "" {
				want = "cancelled_by_page"
				d.send(phone, &link.Ended{ID: r.ID, Code: want})
			} else if got := d.next("decline").m.(*link.Decline); got.Code != want || got.ID != r.ID {
				t.Errorf("declined with %q, want %q", got.Code, want)
			}
			if e := x.until(t, virtual.Ended); e.Code != want || e.ID != r.ID {
				t.Errorf("ended with %q, want %q", e.Code, want)
			}
		})
	}
}

// A key that no website knows must not stay.
func TestWrongNumberLeavesNoKey(t *testing.T) {
	d, x := newDesk(t), newPerson()
	p := x.phone(t)
	phone := d.pair(p)
	run(t, p)
	d.next("up")
	for _, c := range []struct {
		code  string
		right bool
		left  int
	}{{"wrong_number", false, 0}, {"signature_invalid", true, 0}, {"registered", true, 1}} {
		r := createRequest()
		d.send(phone, r)
		d.next("received")
		d.next("number")
		if c.right {
			d.send(phone, &link.NumberRight{ID: r.ID})
			d.next("answer")
		}
		d.send(phone, &link.Ended{ID: r.ID, Code: c.code})
		if e := x.until(t, virtual.Ended); e.Code != c.code {
			t.Errorf("ended with %q, want %q", e.Code, c.code)
		}
		if got := p.Registrations(""); len(got) != c.left {
			t.Errorf("after %s: %d registrations, want %d", c.code, len(got), c.left)
		}
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	d, x := newDesk(t), newPerson()
	p := x.phone(t)
	phone := d.pair(p)
	run(t, p)
	d.next("up")
	credential := link.B64.EncodeToString(d.register(phone).ID)
	x.until(t, virtual.Connected)
	x.until(t, virtual.Ended)
	<-x.asked // to pair
	<-x.asked // to register
	for _, c := range []struct {
		name        string
		spoil       func(*link.Request)
		told, shown string
	}{
		{"client data of another origin", func(r *link.Request) {
			r.ClientData = webauthn.ClientData(webauthn.Get, []byte("c"), "https://evil.example", false, "")
		}, "declined", "origin_mismatch"},
		{"another ceremony", func(r *link.Request) {
			r.ClientData = webauthn.ClientData(webauthn.Create, []byte("c"), origin, false, "")
		}, "declined", "origin_mismatch"},
		{"RP ID of another site", func(r *link.Request) { r.RPID = "example.com" }, "declined", "origin_mismatch"},
		{"RP ID of no other key", func(r *link.Request) { r.RPID = domain }, "key_gone", "key_gone"},
		{"another key", func(r *link.Request) { r.Accounts[0].Credential = newID() }, "key_gone", "key_gone"},
		{"pairing", func(r *link.Request) { *r = *pairRequest() }, "declined", "origin_mismatch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d.t = t
			r := getRequest(credential)
			c.spoil(r)
			d.send(phone, r)
			d.next("received")
			if got := d.next("decline").m.(*link.Decline); got.Code != c.told {
				t.Errorf("declined with %q, want %q", got.Code, c.told)
			}
			if e := x.until(t, virtual.Ended); e.Code != c.shown {
				t.Errorf("shown %q, want %q", e.Code, c.shown)
			}
		})
	}
	if len(x.asked) != 0 {
		t.Error("the person was asked")
	}
}

// The connection breaks in the middle; the desktop asks again and hears again what it missed.
func TestReconnectInTheMiddle(t *testing.T) {
	d, x := newDesk(t), newPerson()
	p := x.phone(t)
	phone := d.pair(p)
	run(t, p)
	d.next("up")
	r := createRequest()
	d.send(phone, r)
	d.next("received")
	d.next("number")
	d.hub.Drop(phone, "busy")
	d.next("down")
	d.next("up")
	d.send(phone, r)
	d.next("received")
	d.next("number")
	d.send(phone, &link.NumberRight{ID: r.ID})
	a := d.next("answer").m.(*link.Answer)
	d.verify(phone, r, "26", "alice@contoso.example", a)
	d.send(phone, &link.Ended{ID: r.ID, Code: "registered"})
	x.until(t, virtual.Connected)
	if e := x.until(t, virtual.Ended); e.Code != "registered" {
		t.Errorf("ended with %q", e.Code)
	}
	<-x.asked // to pair
	<-x.asked
	if len(x.asked) != 0 {
		t.Error("the person was asked twice")
	}
	d.send(phone, r) // it is over; the phone says it all again, and asks nobody
	d.next("received")
	d.next("number")
	d.next("answer")
}

func TestOneRequestOnTheScreen(t *testing.T) {
	d, x := newDesk(t), newPerson()
	x.answers = make(chan virtual.Decision, 1)
	x.answers <- virtual.Decision{Kind: virtual.Approve, Number: "26"} // to pair
	p := x.phone(t)
	phone := d.pair(p)
	run(t, p)
	d.next("up")
	first, second := createRequest(), createRequest()
	d.send(phone, first)
	if got := d.next("received").m.(*link.Received); got.ID != first.ID {
		t.Errorf("received %s", got.ID)
	}
	d.send(phone, second)
	d.send(phone, &link.Ended{ID: first.ID, Code: "cancelled_by_page"})
	if got := d.next("received").m.(*link.Received); got.ID != second.ID {
		t.Errorf("received %s", got.ID)
	}
}

func TestTimeOut(t *testing.T) {
	d, x := newDesk(t), newPerson()
	x.answers = make(chan virtual.Decision, 1)
	x.answers <- virtual.Decision{Kind: virtual.Approve, Number: "26"} // to pair
	p := x.phone(t)
	phone := d.pair(p)
	run(t, p)
	d.next("up")
	r := createRequest()
	r.SecondsLeft = 1
	d.send(phone, r)
	if e := x.until(t, virtual.Ended); e.Code != "paired" && e.Code != "timed_out" {
		t.Errorf("ended with %q", e.Code)
	}
}

func TestRemovedPhoneStaysAway(t *testing.T) {
	d, x := newDesk(t), newPerson()
	p := x.phone(t)
	phone := d.pair(p)
	run(t, p)
	d.next("up")
	d.mu.Lock()
	delete(d.phones, phone)
	d.mu.Unlock()
	d.hub.Drop(phone, "phone_removed")
	if e := x.until(t, virtual.Refused); e.Code != "phone_removed" {
		t.Errorf("refused with %q", e.Code)
	}
	d.next("down")
	if !p.Desktops()[0].Removed {
		t.Error("the phone does not keep that it was removed")
	}
	again := d.pair(p) // pairing anew replaces the old one
	if got := d.next("up"); got.peer != again {
		t.Errorf("%s is up, want %s", got.peer, again)
	}
	if all := p.Desktops(); len(all) != 1 || all[0].Removed || all[0].Phone != again {
		t.Errorf("desktops %+v", all)
	}
}

// The desktop has moved; only discovery knows where to.
func TestDesktopMoves(t *testing.T) {
	d, x := newDesk(t), newPerson()
	p := x.phone(t, func(o *virtual.Options) {
		o.Find = func(ctx context.Context, desktop string, got func([]netip.AddrPort) bool) error {
			if desktop != desktopID {
				t.Errorf("looks for %q", desktop)
			}
			if !got([]netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:9")}) { // somebody else's answer
				got([]netip.AddrPort{d.at()})
			}
			return nil
		}
	})
	phone := d.pair(p)
	stop := run(t, p)
	d.next("up")
	x.until(t, virtual.Connected)
	stop()
	d.next("down")
	d.listener.Close()
	d.open()
	run(t, p)
	if got := d.next("up"); got.peer != phone {
		t.Errorf("%s is up", got.peer)
	}
	x.until(t, virtual.Connected)
	if got, want := p.Desktops()[0].Port, d.at().Port(); got != want {
		t.Errorf("the phone keeps port %d, want %d", got, want)
	}
}

func TestPairingThatEndsOtherwise(t *testing.T) {
	for _, c := range []struct {
		name     string
		decision virtual.Decision
		noLock   bool
		script   func(*desk, *link.Request)
		code     string
	}{
		{"declined", virtual.Decision{Kind: virtual.Decline}, false, func(d *desk, r *link.Request) { d.next("decline") }, "declined"},
		{"wrong number", virtual.Decision{Kind: virtual.Approve, Number: "07"}, false, func(d *desk, r *link.Request) {
			d.next("number")
			d.send(phonelink.OfferPeer, &link.Ended{ID: r.ID, Code: "wrong_number"})
		}, "wrong_number"},
		{"no screen lock", virtual.Decision{}, true, func(d *desk, r *link.Request) {
			if got := d.next("decline").m.(*link.Decline); got.Code != "no_screen_lock" {
				d.t.Errorf("declined with %q", got.Code)
			}
		}, "no_screen_lock"},
		{"expired", virtual.Decision{Kind: virtual.Ignore}, false, func(d *desk, r *link.Request) {
			d.hub.Drop(phonelink.OfferPeer, "pairing_expired")
		}, "pairing_expired"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, x := newDesk(t), newPerson()
			x.answers = make(chan virtual.Decision, 1)
			x.answers <- c.decision
			p := x.phone(t, func(o *virtual.Options) { o.NoScreenLock = c.noLock })
			ended := make(chan error, 1)
			go func() { ended <- p.Pair(context.Background(), d.offer()) }()
			d.next("pairWith")
			r := pairRequest()
			d.send(phonelink.OfferPeer, r)
			d.next("received")
			c.script(d, r)
			var end *virtual.EndError
			if err := <-ended; !errors.As(err, &end) || end.Code != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
			if len(p.Desktops()) != 0 {
				t.Errorf("paired with %+v", p.Desktops())
			}
		})
	}
}

func TestPairRefusesOtherTexts(t *testing.T) {
	p := newPerson().phone(t)
	if err := p.Pair(t.Context(), "https://phone.contoso.example/"); !errors.Is(err, link.ErrOffer) {
		t.Errorf("got %v", err)
	}
}

func TestPairStopsWithItsContext(t *testing.T) {
	d, x := newDesk(t), newPerson()
	x.answers = make(chan virtual.Decision)
	p := x.phone(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Pair(ctx, d.offer()) }()
	d.next("pairWith")
	d.send(phonelink.OfferPeer, pairRequest())
	<-x.asked
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	decide := newPerson().decide
	for name, o := range map[string]virtual.Options{
		"nobody decides":    {},
		"name with control": {Decide: decide, Name: "a\nb"},
		"no secure origin":  {Decide: decide, Origin: "http://phone.contoso.example"},
		"no origin":         {Decide: decide, Origin: "phone"},
	} {
		if _, err := virtual.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// What is stored is enough to go on.
func TestStateSurvives(t *testing.T) {
	d, x := newDesk(t), newPerson()
	path := t.TempDir() + "/phone/state.json"
	stored := func(o *virtual.Options) { o.Store = path }
	p := x.phone(t, stored)
	phone := d.pair(p)
	stop := run(t, p)
	d.next("up")
	made := d.register(phone)
	x.until(t, virtual.Connected)
	x.until(t, virtual.Ended)
	stop()
	d.next("down")
	if _, err := virtual.New(virtual.Options{Store: path, Decide: x.decide}); !errors.Is(err, virtual.ErrInUse) {
		t.Errorf("second phone on the same state: %v", err)
	}
	p.Close()
	again := x.phone(t, stored)
	if diff := cmp.Diff(p.Registrations(""), again.Registrations("")); diff != "" {
		t.Errorf("registrations (-want +got):\n%s", diff)
	}
	run(t, again)
	d.next("up")
	d.signIn(phone, made)
}
