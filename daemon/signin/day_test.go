package signin

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

// every is how often somebody begins something in the day of TestADay.
const every = 2 * time.Minute

// heapBound is what may be left of half a day, in bytes: under 200 for each of its 360 requests, and the smallest of them
// holds many times that while it lives.
const heapBound = 64 << 10

// Twenty-four hours in which requests are answered, time out, are declined, lose their page or their phone, and pairings
// are begun and forgotten: the second half leaves nothing behind that the first did not.
func TestADay(t *testing.T) {
	withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
		began := time.Now()
		d.live(began.Add(12*time.Hour), phone, p)
		goroutines, heap := held()
		d.live(began.Add(24*time.Hour), phone, p)
		laterGoroutines, laterHeap := held()
		t.Logf("live heap %d KB at noon, %d KB at the end", heap>>10, laterHeap>>10)
		if laterGoroutines > goroutines {
			t.Errorf("%d goroutines at noon, %d at the end", goroutines, laterGoroutines)
		}
		if laterHeap > heap+heapBound {
			t.Errorf("%d bytes of live heap at noon, %d at the end", heap, laterHeap)
		}
		if all := d.Requests(); len(all) != 0 {
			t.Errorf("%d requests are left", len(all))
		}
		if now := time.Now(); now.Before(began.Add(24 * time.Hour)) {
			t.Errorf("the day ended at %v", now)
		}
	})
}

// live does something every two minutes until a time. What the test itself remembers is dropped each time.
func (d *desk) live(until time.Time, phone string, p *testPhone) {
	d.t.Helper()
	for n := 0; time.Now().Before(until); n++ {
		next := time.Now().Add(every)
		if want, got := d.one(n%len(ofADay), phone, p); got != want {
			d.t.Fatalf("%s ended with %q, want %q", ofADay[n%len(ofADay)].name, got, want)
		}
		time.Sleep(time.Until(next))
		d.drop()
	}
}

// one lets a person do one thing of the day.
func (d *desk) one(n int, phone string, p *testPhone) (want, got api.Code) {
	ctx, leave := context.WithCancel(d.t.Context())
	defer leave()
	c := ofADay[n]
	if c.do == nil { // a pairing that nobody comes for
		ended := make(chan error, 1)
		if _, _, _, err := d.Pair(ctx, func(err error) { ended <- err }); err != nil {
			d.t.Fatal(err)
		}
		return c.want, outcome{err: <-ended}.code()
	}
	end := d.get(ctx)
	c.do(d, p, phone, leave)
	return c.want, (<-end).code()
}

// ofADay are the things that happen, in turn; of those that may pause the account, less than three in ten minutes.
var ofADay = []struct {
	name string
	want api.Code // empty: signed in
	do   func(d *desk, p *testPhone, phone string, leave func())
}{
	{"a sign-in", "", signsIn},
	{"a phone that does not answer", api.TimedOut, func(d *desk, _ *testPhone, phone string, _ func()) {
		d.from(phone, &link.Received{ID: got[*link.Request](d, phone).ID})
	}},
	{"a sign-in", "", signsIn},
	{"a page that is left", api.CancelledByPage, func(_ *desk, _ *testPhone, _ string, leave func()) { leave() }},
	{"a sign-in", "", signsIn},
	{"a phone that is away for a moment", "", func(d *desk, p *testPhone, phone string, leave func()) {
		d.disconnect(phone)
		d.connect(phone)
		signsIn(d, p, phone, leave)
	}},
	{"a request that is declined", api.Declined, func(d *desk, _ *testPhone, phone string, _ func()) {
		d.from(phone, &link.Decline{ID: got[*link.Request](d, phone).ID, Code: "declined"})
	}},
	{"a pairing", api.PairingExpired, nil},
}

func signsIn(d *desk, p *testPhone, phone string, _ func()) { d.approve(phone, p) }

// drop forgets what only the test holds.
func (d *desk) drop() {
	synctest.Wait()
	d.mu.Lock()
	d.sent, d.shown, d.asks = map[string][]link.Message{}, nil, nil
	d.mu.Unlock()
	d.journal.mu.Lock()
	d.journal.all = nil
	d.journal.mu.Unlock()
}

// held is what is left once all that is dead is collected.
func held() (goroutines int, heap uint64) {
	synctest.Wait()
	var m runtime.MemStats
	for range 2 { // what a first collection finds to finalize, a second one takes
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return runtime.NumGoroutine(), m.HeapAlloc
}
