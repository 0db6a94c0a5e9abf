package desktop

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"tallykey/build/icons"
	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
)

func TestARequestOnTheDesktop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		s.Phones(apitest.Phones())
		if want := "Ready: Alice’s phone is connected"; s.tray().Text != want {
			t.Errorf("tray %+v; want %+v", s.tray(), want)
		}

		// It asks: notification, window and tray at once.
		s.Request(apitest.Request(api.Waiting))
		synctest.Wait()
		if want := "Waiting for your answer: mail.contoso.example"; s.tray().Text != want || s.tray().Badge != icons.Waiting {
			t.Errorf("tray %+v; want %+v", s.tray(), want)
		}
		if diff := gocmp.Diff([]View{ViewPrompt}, s.opened); diff != "" {
			t.Errorf("windows (-want +got):\n%s", diff)
		}

		// The window has painted in time, and says so twice.
		time.Sleep(450 * time.Millisecond)
		s.Surface.Painted("r1")
		s.Surface.Painted("r1")
		time.Sleep(PaintTimeout)
		if diff := gocmp.Diff([]Painting{{"r1", Painted, 450 * time.Millisecond}}, s.paints); diff != "" {
			t.Errorf("paintings (-want +got):\n%s", diff)
		}

		// The number; then the end. No second window, and the tray is ready again.
		s.Request(apitest.Request(api.Delivered))
		s.Request(apitest.Ended(api.Approved))
		synctest.Wait()
		states := []api.State{s.notes[0].State, s.notes[1].State, s.notes[2].State}
		if !slices.Equal(states, []api.State{api.Waiting, api.Delivered, api.Ended}) || len(s.opened) != 1 {
			t.Errorf("notified %v, windows %v", states, s.opened)
		}
		if s.tray().Badge != icons.Plain {
			t.Errorf("tray %+v after the end", s.tray())
		}
	})
}

func TestALateWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		s.Request(apitest.Request(api.Waiting))
		time.Sleep(2 * time.Second)
		s.Surface.Painted("r1")
		synctest.Wait()
		want := []Painting{{"r1", Late, PaintTimeout}, {"r1", Painted, 2 * time.Second}}
		if diff := gocmp.Diff(want, s.paints); diff != "" {
			t.Errorf("paintings (-want +got):\n%s", diff)
		}
	})
}

func TestAWindowThatEndsBeforeItPaints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		s.Request(apitest.Request(api.Waiting))
		synctest.Wait()
		for range 5 {
			s.died(ViewPrompt, errors.New("exit status 1"))
		}
		time.Sleep(2 * PaintTimeout)
		if len(s.opened) != 2 {
			t.Errorf("%d windows; want the first one and one more", len(s.opened))
		}
		if len(s.paints) != 1 || s.paints[0].Paint != NoWindow {
			t.Errorf("paintings %+v; want one no_window", s.paints)
		}
	})
}

func TestAWindowThatEndsAfterItPainted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		s.Request(apitest.Request(api.Waiting))
		s.Surface.Painted("r1")
		s.died(ViewPrompt, nil)
		s.died(ViewMain, nil)
		synctest.Wait()
		if len(s.opened) != 1 || len(s.paints) != 1 {
			t.Errorf("windows %v, paintings %v; want no second window: the person closed this one", s.opened, s.paints)
		}
	})
}

func TestNoWindowAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		s.fails = ErrNoWindow
		s.Request(apitest.Request(api.Waiting))
		synctest.Wait()
		if len(s.paints) != 1 || s.paints[0].Paint != NoWindow || len(s.notes) != 1 {
			t.Errorf("paintings %+v, notifications %d; want no_window and the notification", s.paints, len(s.notes))
		}
	})
}

func TestRequestsThatAreNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		s.Request(apitest.Request(api.Queued))
		s.Request(apitest.Ended(api.CancelledByPage))
		synctest.Wait()
		if len(s.opened) != 0 {
			t.Errorf("windows %v; want none", s.opened)
		}
		for _, r := range s.notes {
			if _, ok := notificationOf(r, 0, "en", false); ok {
				t.Errorf("notified: %+v", r)
			}
		}
	})
}

// A second request waits behind the first: the first one's notification and the menu say so, and stop saying so.
func TestASecondRequestWaitsVisibly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		s.Request(apitest.Request(api.Delivered))
		second := apitest.Request(api.Queued)
		second.ID = "r2"
		s.Request(second)
		synctest.Wait()
		if r, more := s.notes[len(s.notes)-1], s.more[len(s.more)-1]; r.ID != "r1" || more != 1 {
			t.Errorf("%s is shown with %d more", r.ID, more)
		} else if n, _ := notificationOf(r, more, "de", true); !strings.HasSuffix(n.body, "\n1 weitere wartet") {
			t.Errorf("notified: %q", n.body)
		}
		if got := labels(s.menu(), "")[1]; got != "1 more waiting" {
			t.Errorf("menu: %q", got)
		}
		s.Request(apitest.Ended(api.Approved))
		second.State = api.Waiting
		s.Request(second)
		synctest.Wait()
		if r, more := s.notes[len(s.notes)-1], s.more[len(s.more)-1]; r.ID != "r2" || more != 0 {
			t.Errorf("%s is shown with %d more", r.ID, more)
		}
		if got := labels(s.menu(), "")[1]; got != "-" {
			t.Errorf("menu: %q", got)
		}
	})
}

// The number of a pairing stands in a notification, too; code and end are where the person began it.
func TestAPairing(t *testing.T) {
	s := newStage()
	for _, state := range []api.State{api.Queued, api.Waiting, api.Delivered, api.Answering, api.Ended} {
		r := apitest.Request(state)
		r.Action, r.Phone = "pair", "Alice’s phone"
		s.Request(r)
	}
	if len(s.notes) != 2 || len(s.closed) != 3 || len(s.opened) != 0 || len(s.trays) != 0 {
		t.Errorf("%d notifications, %d closed, windows %v", len(s.notes), len(s.closed), s.opened)
	}
	note, ok := notificationOf(s.notes[0], 0, "en", false)
	want := notification{summary: "Pair Alice’s phone", body: "Tap " + s.notes[0].Number + " on your phone", urgency: critical,
		actions: []string{actionShow, "Show", actionCancel, "Cancel"}}
	if diff := gocmp.Diff(want, note, gocmp.AllowUnexported(notification{})); diff != "" || !ok {
		t.Error(diff)
	}
}

func TestRunEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Surface.Run(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-ended; err != nil || !s.stopped {
			t.Errorf("%v; windows closed: %v", err, s.stopped)
		}
	})
}

func TestParts(t *testing.T) {
	s := newSurface(Config{NoTray: true})
	tray, notes := s.Parts()
	if tray.State != "absent" || notes.State != "starting" {
		t.Errorf("tray %+v, notifications %+v", tray, notes)
	}
	s.ran("notifications", errors.New("the session bus went away"), s.setNotePart)
	if _, notes = s.Parts(); notes.State != "absent" || notes.Detail == "" {
		t.Errorf("notifications %+v; want absent with a reason", notes)
	}
}
