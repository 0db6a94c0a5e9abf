package virtual_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/phonelink"
	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

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
