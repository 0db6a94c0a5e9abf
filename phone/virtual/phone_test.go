package virtual_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

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
		return virtual.Decision{Kind: virtual.Approve, Number: strings.Join(r.Numbers[:min(1, len(r.Numbers))], "")}
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
		Hear: func(ctx context.Context, _ func(string)) error { <-ctx.Done(); return nil },
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
	x.answers = make(chan virtual.Decision) // unbuffered: no decision may be left over for the next request
	go func() {
		for range 2 { // to pair, to register
			x.answers <- virtual.Decision{Kind: virtual.Approve, Number: "26"}
		}
	}()
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
			d.send(phone, r)
			d.next("received")
			x.answers <- c.decision
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
		{"algorithms that it can't", func(r *link.Request) {
			*r = *createRequest()
			r.Algorithms = []int64{-257}
		}, "options_unsupported", "options_unsupported"},
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
	d.next("received") // it asks what became of the request
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
