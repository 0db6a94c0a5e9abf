package signin

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

func (d *desk) reported(phone string) {
	end := d.get(d.t.Context())
	d.Report(got[*link.Request](d, phone).ID)
	<-end
}

func TestAPausedRequestStandsInTheLog(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		d.reported(phone)
		shown := len(d.shown)
		for range 5 {
			if o := <-d.get(t.Context()); o.code() != api.Paused {
				t.Fatal(o.err)
			}
		}
		if d.last(); len(d.shown) != shown {
			t.Error("something was shown")
		}
		a := d.journal.all[len(d.journal.all)-1]
		want := api.Activity{Action: "get", Code: api.Paused, Origin: "login.contoso.example", RPID: "login.contoso.example",
			Account: "alice@contoso.example", Browser: "Firefox"}
		if id, err := link.B64.DecodeString(a.Request); err != nil || len(id) != 16 || a.Registration == "" {
			t.Errorf("request %q about %q", a.Request, a.Registration)
		}
		a.Request, a.Time, a.Registration = "", time.Time{}, ""
		if diff := cmp.Diff(want, a); diff != "" {
			t.Error(diff)
		}
		// Five in a row are one line; a minute later it is told again.
		if diff := cmp.Diff([]api.Code{api.Paired, api.Registered, api.Reported, api.Paused}, d.journal.codes()); diff != "" {
			t.Error(diff)
		}
		time.Sleep(refusalsWithin)
		<-d.get(t.Context())
		if n := len(d.journal.codes()); n != 5 {
			t.Errorf("%d lines a minute later", n)
		}
	})
}

func TestAPausedRegistrationStandsInTheLog(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		d.reported(phone)
		if o := <-d.create(t.Context(), "alice@contoso.example"); o.code() != api.Paused {
			t.Fatal(o.err)
		}
		if a := d.journal.all[len(d.journal.all)-1]; a.Code != api.Paused || a.Action != "create" || a.Account != "alice@contoso.example" {
			t.Errorf("%+v", a)
		}
	})
}

// A page that asks in a loop, for a new name each time, must not push the bad ends out of the log.
func TestRefusalsDoNotFloodTheLog(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		d.setLock(true)
		before := len(d.journal.codes())
		for i := range 200 {
			if o := <-d.createFrom(t.Context(), origin, fmt.Sprintf("user%d", i), nil); o.code() != api.DesktopLocked {
				t.Fatal(o.err)
			}
		}
		if n := len(d.journal.codes()) - before; n != maxRefusals {
			t.Errorf("%d lines", n)
		}
		time.Sleep(refusalsWithin)
		<-d.create(t.Context(), "alice@contoso.example")
		if n := len(d.journal.codes()) - before; n != maxRefusals+1 {
			t.Errorf("%d lines a minute later", n)
		}
	})
}

// A page asks and takes back in a loop. The eleventh request in a minute reaches no phone; another website's does, and after
// the minute its own again.
func TestAPageThatAsksTooOften(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		for i := range maxTakenBack {
			ctx, cancel := context.WithCancel(t.Context())
			end := d.get(ctx)
			cancel()
			if o := <-end; o.code() != api.CancelledByPage {
				t.Fatalf("request %d: %v", i, o.err)
			}
		}
		sent := len(d.sent[phone])
		for name, end := range map[string]<-chan outcome{"get": d.get(t.Context()), "create": d.create(t.Context(), "bob@contoso.example")} {
			if o := <-end; o.code() != api.AskedTooOften {
				t.Errorf("%s: %v", name, o.err)
			}
		}
		if len(d.sent[phone]) != sent {
			t.Errorf("the phone hears %+v", d.sent[phone][sent:])
		}
		end := d.createFrom(t.Context(), "https://shop.example.net", "alice", nil)
		d.approve(phone, p)
		if o := <-end; o.err != nil {
			t.Errorf("another website: %v", o.err)
		}
		time.Sleep(takenBackWithin)
		end = d.get(t.Context())
		d.approve(phone, p)
		if o := <-end; o.err != nil {
			t.Errorf("after a minute: %v", o.err)
		}
	})
}
