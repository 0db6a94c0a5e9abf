package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/daemon/wellknown"
)

// website hears what an outbox tells, answers with an error or nil, and keeps what came of it.
type website struct {
	*outbox
	answers func(notice) error
	heard   []string // "credential after pause"
	noted   []string // "credential code"
	began   time.Time
	stop    func()
}

// newTold opens the outbox in a folder and runs it. It belongs into a bubble of synctest.
func newTold(t *testing.T, folder string, answers func(notice) error) *website {
	t.Helper()
	o, err := openOutbox(folder)
	if err != nil {
		t.Fatal(err)
	}
	w := &website{outbox: o, answers: answers, began: time.Now()}
	o.tell = func(_ context.Context, n notice) error {
		w.heard = append(w.heard, fmt.Sprint(n.Credential, " after ", time.Since(w.began)))
		return w.answers(n)
	}
	o.note = func(n notice, code api.Code, err error) {
		w.noted = append(w.noted, fmt.Sprint(n.Credential, " ", code))
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); o.run(ctx) }()
	w.stop = func() { cancel(); <-ended }
	t.Cleanup(w.stop)
	return w
}

// told is what the website has heard; notes is what the person can read.
func (w *website) told() []string  { synctest.Wait(); return w.heard }
func (w *website) notes() []string { synctest.Wait(); return w.noted }

func (w *website) removed(t *testing.T, credential string) <-chan api.Code {
	t.Helper()
	if err := w.hold(notice{RPID: "login.contoso.example", Credential: credential, Token: "T", On: onPhone, Since: time.Now().UnixMilli()}); err != nil {
		t.Fatal(err)
	}
	return w.release(credential)
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func down(notice) error    { return wellknown.ErrUnavailable }
func up(notice) error      { return nil }
func refuses(notice) error { return wellknown.ErrRefused }

func TestAWebsiteIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		w := newTold(t, folder, up)
		if code := <-w.removed(t, "one"); code != api.WebsiteTold {
			t.Error(code)
		}
		synctest.Wait()
		if i, err := os.Stat(filepath.Join(folder, "unregister.json")); err != nil || i.Mode().Perm() != 0o600 {
			t.Errorf("the file: %v, %v", i, err)
		}
		w.stop()
		again := newTold(t, folder, up)
		time.Sleep(giveUp)
		again.stop()
		same(t, []string{"one after 0s"}, w.told())
		same(t, []string{"one website_told"}, w.notes())
		same(t, []string(nil), again.told())
	})
}

// A website that does not answer is told again after longer and longer pauses, across restarts, and hears at last; the
// person reads once that it waits and once that it was told.
func TestAWebsiteThatIsDownIsToldLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		w := newTold(t, folder, down)
		if code := <-w.removed(t, "one"); code != api.WebsiteWaiting {
			t.Error(code)
		}
		time.Sleep(80 * time.Second)
		w.stop()
		same(t, []string{"one after 0s", "one after 5s", "one after 15s", "one after 35s", "one after 1m15s"}, w.told())
		same(t, []string{"one website_waiting"}, w.notes())

		w = newTold(t, folder, up)
		synctest.Wait()
		same(t, []string{"one after 0s"}, w.told())
		same(t, []string{"one website_told"}, w.notes())
	})
}

func TestATryComesEverySixHoursInTheEndAndStopsAfterThirtyDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTold(t, t.TempDir(), down)
		w.removed(t, "one")
		time.Sleep(2 * giveUp)
		if n := len(w.told()); n < 120 || n > 140 {
			t.Errorf("told %d times", n)
		}
		same(t, []string{"one website_waiting", "one website_not_told"}, w.notes())
		same(t, 0, len(w.list()))
	})
}

func TestARefusalEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTold(t, t.TempDir(), refuses)
		if code := <-w.removed(t, "one"); code != api.WebsiteNotTold {
			t.Error(code)
		}
		time.Sleep(giveUp)
		same(t, []string{"one after 0s"}, w.told())
	})
}

// One website that is down keeps no other from hearing.
func TestWebsitesWaitForNoneButThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTold(t, t.TempDir(), func(n notice) error {
			if n.Credential == "two" {
				return nil
			}
			return wellknown.ErrUnavailable
		})
		w.removed(t, "one")
		time.Sleep(6 * time.Second)
		w.removed(t, "two")
		synctest.Wait()
		same(t, []string{"one after 0s", "one after 5s", "two after 6s"}, w.told())
	})
}

// What is held is not told, what was taken back never, and what the daemon died over by the next one.
func TestHeldNotices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		w := newTold(t, folder, up)
		for _, c := range []string{"back", "killed"} {
			if err := errors.Join(w.hold(notice{Credential: c}), w.hold(notice{Credential: c})); err != nil {
				t.Fatal(err)
			}
		}
		w.hurry()
		synctest.Wait()
		if err := w.withdraw("back"); err != nil {
			t.Fatal(err)
		}
		if w.release("back") != nil {
			t.Error("what was taken back is told")
		}
		synctest.Wait()
		w.stop()
		same(t, []string(nil), w.told())
		w = newTold(t, folder, up)
		synctest.Wait()
		same(t, []string{"killed after 0s"}, w.told())
	})
}

// Another network is a reason to try, but a network that comes and goes is not one to try all the time.
func TestAnotherNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTold(t, t.TempDir(), down)
		w.removed(t, "one")
		time.Sleep(time.Hour)
		n := len(w.told())
		for range 100 {
			w.hurry()
			time.Sleep(100 * time.Millisecond)
		}
		if got := len(w.told()) - n; got != 2 {
			t.Errorf("%d tries in ten seconds", got)
		}
	})
}

// With nothing to tell there is nothing to wait for, so no timer either.
func TestAnEmptyOutboxSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTold(t, t.TempDir(), up)
		synctest.Wait()
		if n, _ := w.next(); n != nil {
			t.Error(n)
		}
		<-w.removed(t, "one")
		synctest.Wait()
		if n, _ := w.next(); n != nil || len(w.list()) != 0 {
			t.Errorf("%v, %v", n, w.list())
		}
	})
}
