package signin

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

func TestNothingBeginsWhileTheScreenIsLocked(t *testing.T) {
	begin := map[string]func(d *desk) <-chan outcome{
		"sign-in":      func(d *desk) <-chan outcome { return d.get(d.t.Context()) },
		"registration": func(d *desk) <-chan outcome { return d.create(d.t.Context(), "bob@contoso.example") },
		"pairing": func(d *desk) <-chan outcome {
			return call(func() outcome {
				_, _, _, err := d.Pair(d.t.Context(), func(error) { t.Error("a pairing that never began has ended") })
				return outcome{err: err}
			})
		},
	}
	for name, f := range begin {
		t.Run(name, func(t *testing.T) {
			withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
				d.setLock(true)
				shown, sent := len(d.shown), len(d.sent[phone])
				if o := <-f(d); o.code() != api.DesktopLocked {
					t.Errorf("ended with %v", o.err)
				}
				if len(d.shown) != shown || len(d.sent[phone]) != sent {
					t.Errorf("shown %v, sent %v", d.shown[shown:], d.sent[phone][sent:])
				}
				want := []api.Code{api.Paired, api.Registered, api.DesktopLocked}
				if diff := cmp.Diff(want, d.journal.codes()); diff != "" {
					t.Error(diff)
				}
				if all := d.Requests(); len(all) != 0 {
					t.Errorf("left behind: %v", all)
				}
				d.setLock(false)
				end := d.get(t.Context())
				d.approve(phone, p)
				if o := <-end; o.err != nil {
					t.Errorf("after the unlock: %v", o.err)
				}
			})
		})
	}
}

// A page that is not ours must not learn of the lock, and goes on to the browser's own WebAuthn.
func TestALockedScreenIsNoAnswerForOtherWebsites(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, _ *testPhone, _ string) {
		d.setLock(true)
		if o := <-d.getFrom(t.Context(), "https://shop.example", `{"challenge":"AAEC"}`); o.code() != api.NotOurs {
			t.Error(o.err)
		}
	})
}

func TestDesktopLockedDoesNotFallThrough(t *testing.T) {
	o := api.DesktopLocked.Outcome()
	if o.FallThrough || o.Error != "NotAllowedError" || o.Bad {
		t.Errorf("%+v", o)
	}
}

// stages bring a sign-in to each of its states.
var stages = []struct {
	state api.State
	bring func(d *desk, phone string)
}{
	{api.Waiting, func(d *desk, phone string) {}},
	{api.Delivered, func(d *desk, phone string) { d.from(phone, &link.Received{ID: d.Requests()[0].ID}) }},
	{api.Answering, func(d *desk, phone string) {
		r := d.Requests()[0]
		d.from(phone, &link.Received{ID: r.ID})
		d.from(phone, &link.Number{ID: r.ID, Number: d.last().Number})
	}},
}

func TestALockEndsWhatIsPending(t *testing.T) {
	for _, s := range stages {
		t.Run(s.state.String(), func(t *testing.T) {
			withRegistration(t, func(t *testing.T, d *desk, _ *testPhone, phone string) {
				first := d.get(t.Context())
				second := d.get(t.Context())
				s.bring(d, phone)
				if now := d.Requests(); now[0].State != s.state || now[1].State != api.Queued {
					t.Fatalf("%+v", now)
				}
				d.lockScreen()
				for _, end := range []<-chan outcome{first, second} {
					if o := <-end; o.code() != api.DesktopLocked {
						t.Error(o.err)
					}
				}
				if e := got[*link.Ended](d, phone); e.Code != string(api.DesktopLocked) {
					t.Errorf("the phone hears %s", e.Code)
				}
				if last := d.last(); last.State != api.Ended || last.Code != api.DesktopLocked || last.Number != "" {
					t.Errorf("on the screen: %+v", last)
				}
			})
		})
	}
}

func TestALockEndsAPairing(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, _ *testPhone, _ string) {
		ended := make(chan error, 1)
		if _, _, _, err := d.Pair(t.Context(), func(err error) { ended <- err }); err != nil {
			t.Fatal(err)
		}
		d.lockScreen()
		if o := (outcome{err: <-ended}); o.code() != api.DesktopLocked {
			t.Error(o.err)
		}
		if _, ok := d.Offer(); ok {
			t.Error("the pairing link is still good")
		}
	})
}

// The lock and a phone's word can come at the same moment: an answer that is heard before the engine was told of the lock
// approves nothing, and nothing new reaches a phone.
func TestNothingIsHeardOnceTheScreenIsLocked(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		end := d.get(t.Context())
		r := got[*link.Request](d, phone)
		d.from(phone, &link.Received{ID: r.ID})
		number := d.last().Number
		d.from(phone, &link.Number{ID: r.ID, Number: number})
		d.setLock(true)
		d.from(phone, p.answer(r, number))
		if o := <-end; o.code() != api.DesktopLocked {
			t.Errorf("%+v", o)
		}
	})
	withRegistration(t, func(t *testing.T, d *desk, _ *testPhone, phone string) {
		d.disconnect(phone)
		end := d.get(t.Context())
		sent := len(d.sent[phone])
		d.setLock(true)
		d.connect(phone)
		if o := <-end; o.code() != api.DesktopLocked {
			t.Errorf("%+v", o)
		}
		for _, m := range d.sent[phone][sent:] {
			if m.Type() != "ended" { // of earlier requests
				t.Errorf("sent %+v", m)
			}
		}
	})
}
