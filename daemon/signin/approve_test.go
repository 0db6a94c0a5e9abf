package signin

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

const plain = `"extensions":{"numberMatch":{"mode":"approve"}}`

// TestOneApproval is approve or deny in order: no number is anywhere.
func TestOneApproval(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		from := len(d.shown)
		end := d.getWith(plain)
		r := got[*link.Request](d, phone)
		if r.Mode != link.Approve || len(r.Numbers) != 0 || !r.NumberMatch {
			t.Errorf("the phone is asked %+v", r)
		}
		d.from(phone, &link.Received{ID: r.ID})
		if s := d.last(); s.State != api.Delivered || s.Mode != "approve" {
			t.Errorf("the desktop shows %+v", s)
		}
		d.from(phone, p.answer(r, ""))
		if e := got[*link.Ended](d, phone); e.Code != string(api.Approved) {
			t.Errorf("the phone hears %s", e.Code)
		}
		if o := <-end; o.err != nil {
			t.Fatal(o.err)
		}
		var states []api.State
		for _, s := range d.shown[from:] {
			if states = append(states, s.State); s.Number != "" {
				t.Errorf("a number in state %s", s.State)
			}
		}
		if diff := cmp.Diff([]api.State{api.Queued, api.Waiting, api.Delivered, api.Answering, api.Ended}, states); diff != "" {
			t.Error(diff)
		}
		last := d.journal.all[len(d.journal.all)-1]
		if last.Code != api.Approved || last.Phone != phone || last.Account != "alice@contoso.example" || last.Registration == "" {
			t.Errorf("in the log: %+v", last)
		}
	})
}

func TestApprovalsThatDoNotCount(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(d *desk, p *testPhone, phone string, r *link.Request)
		want api.Code
	}{
		"a number": {func(d *desk, _ *testPhone, phone string, r *link.Request) {
			d.from(phone, &link.Received{ID: r.ID})
			d.from(phone, &link.Number{ID: r.ID, Number: "00"})
		}, api.MessageInvalid},
		"an approval with a number": {func(d *desk, p *testPhone, phone string, r *link.Request) {
			d.from(phone, &link.Received{ID: r.ID})
			d.from(phone, p.answer(r, "00"))
		}, api.VerificationFailed},
		"of an account that was not asked about": {func(d *desk, p *testPhone, phone string, r *link.Request) {
			d.from(phone, &link.Received{ID: r.ID})
			m := p.answer(r, "")
			m.Credential = "ICEiIyQlJicoKSorLC0uLw"
			d.from(phone, m)
		}, api.SignatureInvalid},
		"declined": {func(d *desk, _ *testPhone, phone string, r *link.Request) {
			d.from(phone, &link.Received{ID: r.ID})
			d.from(phone, &link.Decline{ID: r.ID, Code: "declined"})
		}, api.Declined},
		"reported": {func(d *desk, _ *testPhone, phone string, r *link.Request) {
			d.from(phone, &link.Decline{ID: r.ID, Code: "reported"})
		}, api.Reported},
		"before the phone had it": {func(d *desk, p *testPhone, phone string, r *link.Request) {
			d.from(phone, p.answer(r, ""))
			if s := d.last().State; s != api.Waiting {
				d.t.Errorf("state %s", s)
			}
			d.Cancel(r.ID)
		}, api.CancelledOnDesktop},
		"nobody": {func(d *desk, _ *testPhone, phone string, r *link.Request) {
			d.from(phone, &link.Received{ID: r.ID})
			time.Sleep(link.RequestSeconds * time.Second)
		}, api.TimedOut},
	} {
		t.Run(name, func(t *testing.T) {
			withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
				end := d.getWith(plain)
				tt.do(d, p, phone, got[*link.Request](d, phone))
				if o := <-end; o.code() != tt.want {
					t.Errorf("%v, want %s", o.err, tt.want)
				}
			})
		})
	}
}

func TestThreeDeclinedApprovalsPause(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		for range badEnds {
			end := d.getWith(plain)
			d.from(phone, &link.Decline{ID: got[*link.Request](d, phone).ID, Code: "declined"})
			<-end
		}
		if o := <-d.getWith(plain); o.code() != api.Paused {
			t.Error(o.err)
		}
	})
}

// An answer in a request with a number is worth nothing before the number, whatever the phone thinks of the mode.
func TestAnApprovalDoesNotServeWhereANumberIsAsked(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		end := d.get(t.Context())
		r := got[*link.Request](d, phone)
		d.from(phone, &link.Received{ID: r.ID})
		d.from(phone, p.answer(r, ""))
		d.from(phone, p.answer(r, d.last().Number))
		if s := d.last().State; s != api.Delivered {
			t.Errorf("state %s", s)
		}
		d.Cancel(r.ID)
		<-end
	})
}

func TestTheFirstApprovalTakesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, a, b := newDesk(t), newTestPhone(t, desktopID), newTestPhone(t, desktopID)
		one, two := d.pair(a), d.pair(b)
		d.connect(one)
		d.register(one, a, "alice@contoso.example")
		d.disconnect(one)
		d.connect(two)
		d.register(two, b, "alice@contoso.example")
		d.connect(one)
		end := d.getWith(plain)
		for _, phone := range []string{one, two} {
			d.from(phone, &link.Received{ID: got[*link.Request](d, phone).ID})
		}
		r := got[*link.Request](d, two)
		d.from(two, b.answer(r, ""))
		if e := got[*link.Ended](d, one); e.Code != string(api.AnsweredElsewhere) {
			t.Errorf("the other phone hears %s", e.Code)
		}
		if o := <-end; o.err != nil || o.get.ID != r.Accounts[0].Credential {
			t.Error(o.err)
		}
	})
}
