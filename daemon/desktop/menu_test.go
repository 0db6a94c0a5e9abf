package desktop

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"tallykey/build/icons"
	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
)

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
