package signin

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"tallykey/daemon/api"
)

// alarm notes which phones were to be woken for which request.
type alarm struct {
	mu    sync.Mutex
	calls []waking
}

type waking struct {
	request string
	phones  []string
}

func (a *alarm) ring(request string, phones []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, waking{request, phones})
}

func (a *alarm) last(t *testing.T) waking {
	t.Helper()
	synctest.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.calls) == 0 {
		t.Fatal("no phone was to be woken")
	}
	return a.calls[len(a.calls)-1]
}

func (a *alarm) count() int {
	synctest.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.calls)
}

// wakingDesk has two phones with an account each at the same website.
func wakingDesk(t *testing.T) (d *desk, a *alarm, phones []string, people []*testPhone) {
	d, a = newDesk(t), &alarm{}
	for range 2 {
		p := newTestPhone(t, desktopID)
		id := d.pair(p)
		d.connect(id)
		d.register(id, p, "alice"+id+"@contoso.example")
		d.disconnect(id)
		phones, people = append(phones, id), append(people, p)
	}
	d.cfg.Wake = a.ring
	return d, a, phones, people
}

func TestAbsentPhonesAreWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, a, phones, people := wakingDesk(t)
		d.connect(phones[1])
		end := d.get(t.Context())
		if got := a.last(t); !slices.Equal(got.phones, phones[:1]) {
			t.Errorf("woken: %q, want the absent one of %q", got.phones, phones)
		}
		if d.last().Notified {
			t.Error("it says that the phone was notified before it was")
		}
		request := d.last().ID
		d.Woken(request, nil)
		if got := d.last(); !got.Notified || got.State != api.Waiting {
			t.Errorf("after the message was taken: %+v", got)
		}
		d.connect(phones[0])
		d.approve(phones[0], people[0])
		if o := <-end; o.err != nil {
			t.Fatal(o.err)
		}
		for _, r := range d.shown {
			if r.Notified && r.State != api.Waiting {
				t.Errorf("still notified in state %s", r.State)
			}
		}
		d.Woken(request, nil) // late
		d.Woken("another", nil)
	})
}

func TestAPhoneThatLeavesBeforeItHadTheRequestIsWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, a, phones, _ := wakingDesk(t)
		d.connect(phones[0])
		d.connect(phones[1])
		end := d.get(t.Context())
		if n := a.count(); n != 0 {
			t.Errorf("%d wakings although all phones are there", n)
		}
		d.disconnect(phones[0])
		if got := a.last(t); !slices.Equal(got.phones, phones[:1]) {
			t.Errorf("woken: %q", got.phones)
		}
		if err := d.Cancel(d.last().ID); err != nil {
			t.Error(err)
		}
		<-end
	})
}

func TestARegistrationWakesPhonesOnlyWhereNoneIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, a, phones, _ := wakingDesk(t)
		for _, there := range []bool{true, false} {
			before := a.count()
			if there {
				d.connect(phones[0])
			}
			end := d.create(t.Context(), "bob@contoso.example")
			if n := a.count() - before; there != (n == 0) {
				t.Errorf("a phone is there: %t, wakings: %d", there, n)
			}
			if err := d.Cancel(d.last().ID); err != nil {
				t.Error(err)
			}
			<-end
			if there {
				d.disconnect(phones[0])
			}
		}
		if got := a.last(t); !slices.Equal(slices.Sorted(slices.Values(got.phones)), slices.Sorted(slices.Values(phones))) {
			t.Errorf("woken: %q, want %q", got.phones, phones)
		}
	})
}

func TestWhyNoPhoneCouldBeWokenIsInTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, _, _ := wakingDesk(t)
		end := d.get(t.Context())
		d.Woken(d.last().ID, errors.New("push.example: status 502"))
		if d.last().Notified {
			t.Error("it says that the phone was notified")
		}
		if o := <-end; o.code() != api.PhoneUnreachable {
			t.Errorf("got %v", o.err)
		}
		all := d.journal.Since(d.last().Started)
		if last := all[len(all)-1]; last.Detail != "push.example: status 502" {
			t.Errorf("logged: %+v", last)
		}
	})
}
