package desktop

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"tallykey/build/icons"
	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
)

// stage is a Surface with parts that only take notes.
type stage struct {
	*Surface
	mu      sync.Mutex
	trays   []TrayState
	notes   []api.Request
	opened  []View
	fails   error // of the next windows
	paints  []Painting
	stopped bool
	more    []int // as many as notes
	closed  []string
	did     []string
}

func (s *stage) Set(t TrayState)    { s.note(func() { s.trays = append(s.trays, t) }) }
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

// notes are the notifications of a stage.
type notes struct{ *stage }

func (n notes) Show(r api.Request, more int) {
	n.note(func() { n.notes, n.more = append(n.notes, r), append(n.more, more) })
}
func (n notes) Close(id string) { n.note(func() { n.closed = append(n.closed, id) }) }

func newStage() *stage {
	s := &stage{}
	s.Surface = newSurface(Config{WindowPath: "tallykey-window", Language: "en", Painting: s.painted, Actions: Actions{
		Pause:  func(d time.Duration) { s.did = append(s.did, "pause "+d.String()) },
		Resume: func(origin string) { s.did = append(s.did, "resume "+origin) },
		Quit:   func() { s.did = append(s.did, "quit") }}})
	s.Surface.tray, s.Surface.notes, s.Surface.window = s, notes{s}, s
	return s
}

// tray is what the tray shows, without its menu.
func (s *stage) tray() TrayState {
	last := s.trays[len(s.trays)-1]
	return TrayState{Badge: last.Badge, Text: last.Text}
}

// labels are the menu as text: a line each, "-" for a separator, deeper lines indented.
func labels(entries []MenuEntry, indent string) (out []string) {
	for _, e := range entries {
		out = append(out, indent+cmp.Or(e.Label, "-"))
		out = append(out, labels(e.Children, indent+"  ")...)
	}
	return out
}

func (s *stage) menu() []MenuEntry { return s.trays[len(s.trays)-1].Menu }

// choose is a click on the menu's entry.
func (s *stage) choose(t *testing.T, label string) {
	t.Helper()
	var find func([]MenuEntry) bool
	find = func(all []MenuEntry) bool {
		for _, e := range all {
			if e.Label == label && len(e.Children) == 0 {
				e.Choose()
				return true
			}
			if find(e.Children) {
				return true
			}
		}
		return false
	}
	if !find(s.menu()) {
		t.Errorf("no %q in %q", label, labels(s.menu(), ""))
	}
}

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

func TestTrayStates(t *testing.T) {
	s := newStage()
	now := time.Now()
	for _, test := range []struct {
		name  string
		do    func()
		badge icons.Badge
		text  string
	}{
		{"no phone", func() { s.Phones(nil) }, icons.Away, "No phone is paired yet"},
		{"away", func() { s.Phones(apitest.Phones()[1:]) }, icons.Away, "No phone is connected"},
		{"locked", func() { s.Problem(api.KeyringLocked) }, icons.Locked, "Problem: The keyring is locked"},
		{"file locked", func() { s.Problem(api.KeyringFileLocked) }, icons.Locked, "Problem: The keyring file is locked"},
		{"problem", func() { s.Problem(api.KeyringFailed) }, icons.Problem, "Problem: The keyring did not answer"},
		{"connected but still a problem", func() { s.Phones(apitest.Phones()) }, icons.Problem, "Problem: The keyring did not answer"},
		{"well again", func() { s.Problem("") }, icons.Plain, "Ready: Alice’s phone is connected"},
		{"paused", func() { s.Pauses([]api.Pause{{}}) }, icons.Paused, "Prompts are paused"},
		{"paused until", func() { s.Pauses([]api.Pause{{Until: now.AddDate(1, 0, 0)}}) }, icons.Paused,
			"Paused until " + now.AddDate(1, 0, 0).Format("2 Jan, 15:04")},
		{"one website paused", func() { s.Pauses([]api.Pause{{Origin: "https://shop.example"}}) }, icons.Plain,
			"Ready: Alice’s phone is connected"},
	} {
		test.do()
		if got := s.tray(); got.Badge != test.badge || got.Text != test.text {
			t.Errorf("%s: %+v; want %s %q", test.name, got, test.badge, test.text)
		}
	}
}

func TestTheMenu(t *testing.T) {
	s := newStage()
	s.Phones([]api.Phone{{ID: "a", Name: "Alice’s phone", Connected: true}, {ID: "b", Name: "Old phone"}})
	s.Pauses([]api.Pause{{Origin: "https://shop.example:8443"}})
	want := []string{"Ready: Alice’s phone is connected", "-", "Alice’s phone: connected", "Old phone: away", "Pair a phone",
		"Pause prompts", "  For 1 hour", "  Until tomorrow, 06:00", "  Resume for shop.example:8443",
		"-", "Activity", "Registrations", "Doctor", "Settings", "-", "Quit"}
	if diff := gocmp.Diff(want, labels(s.menu(), "")); diff != "" {
		t.Errorf("menu (-want +got):\n%s", diff)
	}
	for _, label := range []string{"Old phone: away", "Pair a phone", "Activity", "Registrations", "Doctor", "Settings",
		"Ready: Alice’s phone is connected"} {
		s.choose(t, label)
	}
	views := []View{ViewPhones, ViewPair, ViewActivity, ViewRegistrations, ViewDoctor, ViewSettings, ViewMain}
	if diff := gocmp.Diff(views, s.opened); diff != "" {
		t.Errorf("opened (-want +got):\n%s", diff)
	}
	s.choose(t, "For 1 hour")
	s.choose(t, "Resume for shop.example:8443")
	s.Pauses([]api.Pause{{}, {Origin: "https://shop.example:8443"}})
	s.choose(t, "Resume prompts")
	s.choose(t, "Quit")
	if diff := gocmp.Diff([]string{"pause 1h0m0s", "resume https://shop.example:8443", "resume ", "quit"}, s.did); diff != "" {
		t.Errorf("did (-want +got):\n%s", diff)
	}
}

// No entry of the menu leads to a window where there is none.
func TestTheMenuWithoutAWindow(t *testing.T) {
	s := newStage()
	s.cfg.WindowPath = ""
	s.Phones(nil)
	want := []string{"No phone is paired yet", "-", "Pause prompts", "  For 1 hour", "  Until tomorrow, 06:00", "-", "Quit"}
	if diff := gocmp.Diff(want, labels(s.menu(), "")); diff != "" {
		t.Errorf("menu (-want +got):\n%s", diff)
	}
}

// Every entry has a key of its own: a panel's click names an entry by it.
func TestMenuKeysAreUnique(t *testing.T) {
	s := newStage()
	s.Phones(apitest.Phones())
	s.Pauses([]api.Pause{{Origin: "https://a.example"}, {Origin: "https://b.example"}})
	s.Request(apitest.Request(api.Waiting))
	queued := apitest.Request(api.Queued)
	queued.ID = "r2"
	s.Request(queued)
	seen := map[string]bool{}
	var visit func([]MenuEntry)
	visit = func(all []MenuEntry) {
		for _, e := range all {
			if seen[e.Key] || e.Key == "" {
				t.Errorf("key %q", e.Key)
			}
			seen[e.Key] = true
			visit(e.Children)
		}
	}
	visit(s.menu())
}

func TestPausedUntil(t *testing.T) {
	now := time.Date(2026, 12, 31, 23, 50, 0, 0, time.UTC)
	if got := tomorrow(now); !got.Equal(time.Date(2027, 1, 1, 6, 0, 0, 0, time.UTC)) {
		t.Errorf("tomorrow begins %v", got)
	}
	for until, want := range map[time.Time][2]string{
		{}:                       {"Prompts are paused", "Anfragen pausieren"},
		now.Add(5 * time.Minute): {"Paused until 23:55", "Pausiert bis 23:55"},
		tomorrow(now):            {"Paused until tomorrow, 06:00", "Pausiert bis morgen, 06:00"},
		now.AddDate(0, 0, 3):     {"Paused until 3 Jan, 23:50", "Pausiert bis 3.1., 23:50"},
		now.Add(time.Hour).In(time.FixedZone("", 3600)): {"Paused until tomorrow, 00:50", "Pausiert bis morgen, 00:50"},
	} {
		if got := [2]string{english.pausedUntil(until, now), german.pausedUntil(until, now)}; got != want {
			t.Errorf("%v: %q; want %q", until, got, want)
		}
	}
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
