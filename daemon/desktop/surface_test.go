package desktop

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/build/icons"
	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
)

// stage is a Surface with parts that only take notes.
type stage struct {
	*Surface
	mu       sync.Mutex
	trays    []TrayState
	notes    []api.Request
	opened   []View
	fails    error // of the next windows
	paints   []Painting
	stopped  bool
	pairings int
}

func (s *stage) Set(t TrayState)    { s.note(func() { s.trays = append(s.trays, t) }) }
func (s *stage) Show(r api.Request) { s.note(func() { s.notes = append(s.notes, r) }) }
func (s *stage) Running(View) bool  { return false }
func (s *stage) Close()             { s.note(func() { s.stopped = true }) }
func (s *stage) painted(p Painting) { s.note(func() { s.paints = append(s.paints, p) }) }
func (s *stage) note(f func())      { s.mu.Lock(); defer s.mu.Unlock(); f() }
func (s *stage) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func (s *stage) Open(v View) (err error) {
	s.note(func() { s.opened = append(s.opened, v); err = s.fails })
	return err
}

func newStage() *stage {
	s := &stage{}
	s.Surface = newSurface(Config{Language: "en", Painting: s.painted,
		Actions: Actions{Pair: func() { s.pairings++ }}})
	s.Surface.tray, s.Surface.notes, s.Surface.window = s, s, s
	return s
}

func (s *stage) tray() TrayState { return s.trays[len(s.trays)-1] }

func TestARequestOnTheDesktop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		s.Phones(apitest.Phones())
		if want := (TrayState{icons.Plain, "Ready: Alice’s phone is connected"}); s.tray() != want {
			t.Errorf("tray %+v; want %+v", s.tray(), want)
		}

		// It asks: notification, window and tray at once.
		s.Request(apitest.Request(api.Waiting))
		synctest.Wait()
		if want := (TrayState{icons.Waiting, "Waiting for your answer: mail.contoso.example"}); s.tray() != want {
			t.Errorf("tray %+v; want %+v", s.tray(), want)
		}
		if diff := cmp.Diff([]View{ViewPrompt}, s.opened); diff != "" {
			t.Errorf("windows (-want +got):\n%s", diff)
		}

		// The window has painted in time, and says so twice.
		time.Sleep(450 * time.Millisecond)
		s.Surface.Painted("r1")
		s.Surface.Painted("r1")
		time.Sleep(PaintTimeout)
		if diff := cmp.Diff([]Painting{{"r1", Painted, 450 * time.Millisecond}}, s.paints); diff != "" {
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
		if diff := cmp.Diff(want, s.paints); diff != "" {
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
		s.pair()
		if s.pairings != 1 {
			t.Error("Pair a phone did nothing where there is no window")
		}
	})
}

func TestRequestsThatAreNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		pairing := apitest.Request(api.Delivered)
		pairing.Action = "pair"
		s.Request(pairing)
		s.Request(apitest.Request(api.Queued))
		s.Request(apitest.Ended(api.CancelledByPage))
		synctest.Wait()
		if len(s.opened) != 0 {
			t.Errorf("windows %v; want none", s.opened)
		}
		for _, r := range s.notes {
			if _, ok := notificationOf(r, "en", false); ok {
				t.Errorf("notified: %+v", r)
			}
		}
	})
}

func TestTrayStates(t *testing.T) {
	s := newStage()
	for _, test := range []struct {
		name string
		do   func()
		want TrayState
	}{
		{"no phone", func() { s.Phones(nil) }, TrayState{icons.Away, "No phone is paired yet"}},
		{"away", func() { s.Phones(apitest.Phones()[1:]) }, TrayState{icons.Away, "No phone is connected"}},
		{"problem", func() { s.Problem(api.KeyringLocked) }, TrayState{icons.Problem, "Problem: The keyring is locked"}},
		{"connected but still a problem", func() { s.Phones(apitest.Phones()) }, TrayState{icons.Problem, "Problem: The keyring is locked"}},
		{"well again", func() { s.Problem("") }, TrayState{icons.Plain, "Ready: Alice’s phone is connected"}},
	} {
		test.do()
		if s.tray() != test.want {
			t.Errorf("%s: %+v; want %+v", test.name, s.tray(), test.want)
		}
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

func TestLanguage(t *testing.T) {
	for _, test := range []struct{ all, messages, lang, want string }{
		{"", "", "", "en"}, {"", "", "de_DE.UTF-8", "de"}, {"C", "", "de_DE.UTF-8", "en"}, {"de_AT", "en_GB", "en_US", "de"},
		{"", "de.UTF-8", "en_US", "de"}, {"", "", "den_CA", "en"},
	} {
		t.Setenv("LC_ALL", test.all)
		t.Setenv("LC_MESSAGES", test.messages)
		t.Setenv("LANG", test.lang)
		if got := Language(); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
