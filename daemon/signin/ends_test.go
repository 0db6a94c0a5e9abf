package signin

import (
	"context"
	"slices"
	"testing"
	"time"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

// waysToEnd are what can become of a request that a phone has.
var waysToEnd = []struct {
	name string
	do   func(d *desk, p *testPhone, phone string, r *link.Request, cancel context.CancelCauseFunc)
	want api.Code
}{
	{"wrong number", func(d *desk, _ *testPhone, phone string, r *link.Request, _ context.CancelCauseFunc) {
		d.from(phone, &link.Number{ID: r.ID, Number: wrongNumber(r, d.last().Number)})
	}, api.WrongNumber},
	{"a number that no one was shown", func(d *desk, _ *testPhone, phone string, r *link.Request, _ context.CancelCauseFunc) {
		d.from(phone, &link.Number{ID: r.ID, Number: unshown(r)})
	}, api.WrongNumber},
	{"declined on the phone", func(d *desk, _ *testPhone, phone string, r *link.Request, _ context.CancelCauseFunc) {
		d.from(phone, &link.Decline{ID: r.ID, Code: "declined"})
	}, api.Declined},
	{"not me on the phone", func(d *desk, _ *testPhone, phone string, r *link.Request, _ context.CancelCauseFunc) {
		d.from(phone, &link.Decline{ID: r.ID, Code: "reported"})
	}, api.Reported},
	{"not me on the desktop", func(d *desk, _ *testPhone, _ string, r *link.Request, _ context.CancelCauseFunc) {
		d.Report(r.ID)
	}, api.Reported},
	{"cancelled on the desktop", func(d *desk, _ *testPhone, _ string, r *link.Request, _ context.CancelCauseFunc) {
		d.Cancel(r.ID)
	}, api.CancelledOnDesktop},
	{"another way chosen on the desktop", func(d *desk, _ *testPhone, _ string, r *link.Request, _ context.CancelCauseFunc) {
		d.AnotherWay(r.ID)
	}, api.AnotherWay},
	{"the person is not recognised", func(d *desk, _ *testPhone, phone string, r *link.Request, _ context.CancelCauseFunc) {
		d.from(phone, &link.Number{ID: r.ID, Number: d.last().Number})
		d.from(phone, &link.Decline{ID: r.ID, Code: "verification_failed"})
	}, api.VerificationFailed},
	{"the page aborts", func(_ *desk, _ *testPhone, _ string, _ *link.Request, cancel context.CancelCauseFunc) {
		cancel(nil)
	}, api.CancelledByPage},
	{"the daemon stops", func(_ *desk, _ *testPhone, _ string, _ *link.Request, cancel context.CancelCauseFunc) {
		cancel(&api.Error{Code: api.DaemonStopped})
	}, api.DaemonStopped},
	{"no answer in 60 seconds", func(*desk, *testPhone, string, *link.Request, context.CancelCauseFunc) {
		time.Sleep(60 * time.Second)
	}, api.TimedOut},
	{"the number, but no confirmation in 60 seconds", func(d *desk, _ *testPhone, phone string, r *link.Request, _ context.CancelCauseFunc) {
		d.from(phone, &link.Number{ID: r.ID, Number: d.last().Number})
		time.Sleep(60 * time.Second)
	}, api.TimedOut},
	{"the phone leaves in the middle", func(d *desk, _ *testPhone, phone string, _ *link.Request, _ context.CancelCauseFunc) {
		d.disconnect(phone)
		time.Sleep(reconnectWithin)
	}, api.PhoneUnreachable},
}

func TestWaysToEnd(t *testing.T) {
	for _, test := range waysToEnd {
		t.Run(test.name, func(t *testing.T) {
			withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
				ctx, cancel := context.WithCancelCause(t.Context())
				end := d.get(ctx)
				r := got[*link.Request](d, phone)
				d.from(phone, &link.Received{ID: r.ID})
				test.do(d, p, phone, r, cancel)
				if o := <-end; o.code() != test.want {
					t.Errorf("the page gets %v, want %s", o.err, test.want)
				}
				if last := d.last(); last.State != api.Ended || last.Code != test.want || last.Number != "" {
					t.Errorf("the desktop shows %+v", last)
				}
				if d.there[phone] && got[*link.Ended](d, phone).Code != string(test.want) {
					t.Errorf("the phone hears %s", got[*link.Ended](d, phone).Code)
				}
				if codes := d.journal.codes(); codes[len(codes)-1] != test.want {
					t.Errorf("the log says %v", codes)
				}
				// What is over stays over.
				if err := d.Cancel(r.ID); err == nil {
					t.Error("a request that ended was cancelled")
				}
			})
		})
	}
}

func wrongNumber(r *link.Request, right string) string {
	i := slices.IndexFunc(r.Numbers, func(n string) bool { return n != right })
	return r.Numbers[i]
}

func unshown(r *link.Request) string {
	for _, n := range []string{"00", "01", "02", "03"} {
		if !slices.Contains(r.Numbers, n) {
			return n
		}
	}
	panic("three numbers can't fill four places")
}

func TestAPhoneThatNeverComesIsUnreachable(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		d.disconnect(phone)
		began := time.Now()
		o := <-d.get(t.Context())
		if o.code() != api.PhoneUnreachable || time.Since(began) != 60*time.Second {
			t.Errorf("%v after %v", o.err, time.Since(began))
		}
	})
}
