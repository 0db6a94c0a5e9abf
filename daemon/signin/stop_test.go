package signin

import (
	"testing"
	"testing/synctest"
	"time"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

// Every prompt ends with the stop, on the screen, behind it and a pairing, and phones hear it; nothing comes after.
func TestStop(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		first, second := d.get(t.Context()), d.get(t.Context())
		r := got[*link.Request](d, phone)
		d.from(phone, &link.Received{ID: r.ID})
		paired := make(chan error, 1)
		if _, _, _, err := d.Pair(t.Context(), func(err error) { paired <- err }); err != nil {
			t.Fatal(err)
		}
		d.Stop(api.DaemonStopped)
		if e := got[*link.Ended](d, phone); e.ID != r.ID || e.Code != string(api.DaemonStopped) {
			t.Errorf("the phone hears %+v", e)
		}
		for _, end := range []<-chan outcome{first, second, d.get(t.Context())} {
			if o := <-end; o.code() != api.DaemonStopped {
				t.Errorf("a page gets %v", o.err)
			}
		}
		if o := (outcome{err: <-paired}); o.code() != api.DaemonStopped {
			t.Errorf("the pairing ends with %v", o.err)
		}
		if _, _, _, err := d.Pair(t.Context(), nil); (outcome{err: err}).code() != api.DaemonStopped {
			t.Errorf("a pairing after the stop: %v", err)
		}
		if n := len(d.Requests()); n != 0 {
			t.Errorf("%d requests are left", n)
		}
	})
}

// missed has a phone approve on a connection that breaks before it hears the end, and returns the request.
func missed(t *testing.T, d *desk, p *testPhone, phone string) *link.Request {
	t.Helper()
	end := d.get(t.Context())
	r := got[*link.Request](d, phone)
	d.from(phone, &link.Received{ID: r.ID})
	number := d.last().Number
	d.from(phone, &link.Number{ID: r.ID, Number: number})
	d.mu.Lock()
	delete(d.there, phone) // the desktop does not know yet
	d.mu.Unlock()
	d.from(phone, p.answer(r, number))
	if o := <-end; o.code() != "" || o.err != nil {
		t.Fatalf("the page gets %v", o.err)
	}
	return r
}

func TestAMissedEndIsToldAgain(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		r := missed(t, d, p, phone)
		d.connect(phone)
		if e := got[*link.Ended](d, phone); e.ID != r.ID || e.Code != string(api.Approved) {
			t.Errorf("on connecting it hears %+v", e)
		}
		d.from(phone, &link.Received{ID: r.ID})
		if e := got[*link.Ended](d, phone); e.ID != r.ID || e.Code != string(api.Approved) {
			t.Errorf("on asking it hears %+v", e)
		}
		before := len(d.sent[phone])
		time.Sleep(endsFor)
		if d.connect(phone); len(d.sent[phone]) != before {
			t.Errorf("long after, it hears %+v", d.sent[phone][before:])
		}
	})
}

// The activity log knows the end also where the daemon was killed since.
func TestAMissedEndIsToldAfterARestart(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		r := missed(t, d, p, phone)
		other := d.pair(newTestPhone(t, desktopID))
		d.start()
		for _, c := range []struct {
			peer, request string
			want          api.Code
		}{{phone, r.ID, api.Approved}, {other, r.ID, api.AnsweredElsewhere}, {phone, "AAECAwQFBgcICQoLDA0ODw", api.RequestUnknown}} {
			d.connect(c.peer)
			d.from(c.peer, &link.Received{ID: c.request})
			if e := got[*link.Ended](d, c.peer); e.ID != c.request || e.Code != string(c.want) {
				t.Errorf("hears %+v, want %s", e, c.want)
			}
		}
	})
}

func TestEndsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l ends
		for range maxEnds + 1 {
			l.put(lastWord{"phone", "request", &link.Ended{}, time.Now()})
		}
		if n := len(l.of("phone", "", time.Now())); n != maxEnds {
			t.Errorf("%d are remembered", n)
		}
		if n := len(l.of("other", "", time.Now())) + len(l.of("phone", "other", time.Now())); n != 0 {
			t.Errorf("%d of nobody", n)
		}
	})
}
