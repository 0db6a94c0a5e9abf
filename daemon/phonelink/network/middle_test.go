//go:build linux

package network_test

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/phonelink/network"
	"tallykey/phone/virtual"
)

// asked begins a sign-in that the person does not decide, waits until the phone shows it, and returns its id. The end comes
// through the channel.
func (w *world) asked(more map[string]any) (shown api.Request, ended <-chan api.Code) {
	w.t.Helper()
	w.leave()
	end := make(chan api.Code, 1)
	go func() { end <- w.signInWith(w.key, more) }()
	eventually(w.t, "the phone shows the request", func() bool {
		r := w.desktop.status().Request
		if r != nil && r.State == api.Delivered {
			shown = *r
		}
		return shown.ID != ""
	})
	return shown, end
}

// decide has the person approve with the number that stands on the desktop.
func (w *world) decide(r api.Request) {
	w.phone.order(order{ID: r.ID, Decision: virtual.Decision{Kind: virtual.Approve, Number: r.Number}})
}

// The daemon ends in mid-request, in order or killed: the page hears so at once, and the phone at the latest when it is
// connected again. Then the phone is there by itself.
func TestDesktopRestarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	for _, c := range []struct {
		with  syscall.Signal
		phone string // what it hears
	}{{syscall.SIGTERM, "daemon_stopped"}, {syscall.SIGKILL, "request_unknown"}} {
		t.Run(c.with.String(), func(t *testing.T) {
			w.t = t
			eventually(t, "the phone is connected", w.desktop.connected)
			request, ended := w.asked(nil)
			w.desktop.end(c.with)
			if code := <-ended; code != api.DaemonStopped {
				t.Errorf("the page gets %q", code)
			}
			w.desktop.start()
			eventually(t, "the phone knows the end", func() bool { return w.phone.count(virtual.Ended, request.ID, c.phone) == 1 })
			w.back()
			w.mustSignIn()
			if got := w.logged(request.ID); c.with == syscall.SIGTERM && !slices.Equal(got, []api.Code{api.DaemonStopped}) {
				t.Errorf("the log says %v", got)
			}
			w.consistent()
		})
	}
}

// logged is how a request ended by the desktop's log.
func (w *world) logged(id string) (all []api.Code) {
	w.t.Helper()
	var ended []api.Activity
	w.desktop.must(api.MethodActivity, nil, &ended)
	for _, a := range ended {
		if a.Request == id {
			all = append(all, a.Code)
		}
	}
	return all
}

// The cable is cut while the phone shows the request. The page hears it at once, the phone when the cable is whole again,
// and the next request need not wait for the old one's time to pass.
func TestPartitionInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 31)
	request, ended := w.asked(nil)
	w.relay.Set(network.Weather{Cut: true})
	if code := <-ended; code != api.PhoneUnreachable {
		t.Errorf("the page gets %q", code)
	}
	w.relay.Set(network.Weather{})
	eventually(t, "the phone knows the end", func() bool { return w.phone.count(virtual.Ended, request.ID, "phone_unreachable") == 1 })
	w.back()
	w.mustSignIn()
	w.consistent()
}

// A short cut, in which the person decides: what was said in it counts once.
func TestPartitionHealsInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 32)
	request, ended := w.asked(nil)
	_, before := w.relay.Count()
	w.relay.Set(network.Weather{Cut: true})
	w.decide(request)
	eventually(t, "packets are lost", func() bool { _, lost := w.relay.Count(); return lost > before+2 })
	w.relay.Set(network.Weather{})
	code := <-ended
	// On a machine that stalls the cut may be longer than what a desktop bears.
	if code != api.Approved && code != api.PhoneUnreachable {
		t.Errorf("the page gets %q", code)
	}
	eventually(t, "the phone knows the end", func() bool { return w.phone.count(virtual.Ended, request.ID, string(code)) == 1 })
	w.back()
	w.mustSignIn()
	w.consistent()
}

// The desktop takes the answer, and what it says from then on is lost. On its next connection the phone hears that it was
// approved.
func TestEndIsNotMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 33)
	request, ended := w.asked(map[string]any{"extensions": map[string]any{"numberMatch": map[string]any{"mode": "approve"}}})
	gone := w.phone.count(virtual.Disconnected, "", "")
	w.relay.Set(network.Weather{Deaf: true})
	w.decide(request)
	if code := <-ended; code != api.Approved {
		t.Fatalf("the page gets %q", code)
	}
	eventually(t, "the phone has lost the desktop", func() bool { return w.phone.count(virtual.Disconnected, "", "") > gone })
	if n := w.phone.count(virtual.Ended, request.ID, ""); n != 0 {
		t.Fatalf("the phone knows the end %d times", n)
	}
	w.relay.Set(network.Weather{})
	eventually(t, "the phone knows that it was approved", func() bool { return w.phone.count(virtual.Ended, request.ID, "approved") == 1 })
	w.back()
	w.mustSignIn()
	w.consistent()
}

// The phone loses its power while it shows the request.
func TestPhoneDiesInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 34)
	_, ended := w.asked(nil)
	w.phone.end()
	if code := <-ended; code != api.PhoneUnreachable {
		t.Errorf("the page gets %q", code)
	}
	w.phone.start()
	w.back()
	w.mustSignIn()
	w.consistent()
}

// tries is how often a person begins again on the worst of links. Of ten sign-ins there perhaps one fails.
const tries = 5

// Three packets in ten are lost each way: whoever registers or signs in gets there, nothing is lost and nothing is made
// twice.
func TestLoss(t *testing.T) {
	t.Parallel()
	for name, weather := range map[string]network.Weather{
		"without delay": {Loss: 0.3, Swap: 0.1},
		"with delay":    {Loss: 0.3, Delay: 250 * time.Millisecond}, // each way
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 35)
			w.relay.Set(weather)
			for _, user := range []string{"bob@contoso.example", "carol@contoso.example"} {
				w.persist("register", api.Registered, func() api.Code {
					code, key := w.create(user)
					if code == api.Registered {
						w.key = key
					}
					return code
				})
				w.persist("sign in", api.Approved, w.signIn)
			}
			w.relay.Set(network.Weather{})
			w.mustSignIn()
			w.consistent()
		})
	}
}

// persist begins again as a person does whose phone was not reached.
func (w *world) persist(what string, want api.Code, begin func() api.Code) {
	w.t.Helper()
	for range tries {
		switch code := begin(); code {
		case want:
			return
		case api.PhoneUnreachable, api.TimedOut:
			w.t.Logf("%s: %s", what, code)
		default:
			w.t.Fatalf("%s ended with %q", what, code)
		}
	}
	w.t.Errorf("%s: never in %d tries", what, tries)
}
