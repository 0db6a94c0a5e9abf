//go:build desktop

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
	"tallykey/daemon/desktop/desktoptest"
)

// startMain is a session whose daemon has something to show.
func startMain(t testing.TB, more ...string) *session {
	t.Helper()
	s := startSession(t, more...)
	s.daemon.SetRegistrations(apitest.Registrations())
	s.daemon.SetActivity(apitest.Activity())
	return s
}

// controls are what a person can use, and the headings, as a screen reader lists them.
func (s *session) controls() (lines []string) {
	s.Walk(func(_ *dbus.Conn, _ desktoptest.Node, role, name string) bool {
		if slices.Contains([]string{"button", "check box", "combo box", "entry", "heading", "link", "radio button", "toggle button"}, role) {
			lines = append(lines, role+": "+name)
		}
		return true
	})
	return lines
}

// reading is a section as a screen reader finds it: what is there once the section is, and controls by role and the
// beginning of their name.
type reading struct {
	section Section
	sign    string
	want    []string
}

// Every section is there for a screen reader: its heading, and each control with a name and a role. One window shows all
// of them, asked by other processes as the tray does.
func TestSectionsThroughAScreenReader(t *testing.T) {
	s := startMain(t)
	s.open("about")
	s.read([]reading{
		{SectionAbout, "button: Copy the desktop id", []string{"heading: About"}},
		{SectionPair, "Pairing code", []string{"heading: Pair a phone", "button: Cancel", "button: Copy the command"}},
		{SectionPhones, "heading: Spare phone", []string{"heading: Phones", "heading: Alice’s phone", "button: Rename Alice’s phone",
			"button: Remove Alice’s phone", "button: Remove Spare phone", "link: Pair a phone", "link: Registrations"}},
		{SectionRegistrations, "heading: git.northwind.example", []string{"heading: Registrations", "heading: contoso.example"}},
		{SectionActivity, "Export as CSV", []string{"heading: Activity", "entry: Search", "combo box: Outcome", "combo box: Website",
			"button: Export as JSON", "button: Export as CSV"}},
		{SectionSettings, "Nothing is paused", []string{"heading: Settings", "toggle button: Start when I log in", "toggle button: Always type the number",
			"toggle button: Wake the phone", "toggle button: Trial mode", "radio button: All that fit", "radio button: Only these", "combo box: Website",
			"combo box: For", "button: Pause"}},
		{SectionDoctor, "button: Check again", []string{"heading: Doctor", "button: Check again"}},
	})
}

func TestGermanSectionsThroughAScreenReader(t *testing.T) {
	s := startMain(t, "LANG=de_DE.UTF-8", "GTK_THEME=Adwaita:dark")
	s.open("about")
	s.read([]reading{
		{SectionAbout, "heading: Über tallykey", nil},
		{SectionPair, "Kopplungscode", []string{"heading: Telefon koppeln", "button: Abbrechen"}},
		{SectionPhones, "heading: Spare phone", []string{"heading: Telefone", "button: Alice’s phone umbenennen", "button: Spare phone entfernen"}},
		{SectionRegistrations, "heading: git.northwind.example", []string{"heading: Registrierungen"}},
		{SectionActivity, "Als CSV exportieren", []string{"heading: Aktivität", "entry: Suchen", "combo box: Ergebnis"}},
		{SectionSettings, "Nichts ist pausiert", []string{"heading: Einstellungen", "toggle button: Zahl immer eintippen", "link: Über tallykey",
			"button: Pausieren"}},
		{SectionDoctor, "button: Erneut prüfen", []string{"heading: Diagnose"}},
	})
}

// read turns to each section and reads it.
func (s *session) read(all []reading) {
	s.t.Helper()
	s.Accessible(all[0].sign)
	for _, r := range all {
		s.open(string(r.section)).left()
		s.Accessible(r.sign)
		got := s.controls()
		for _, want := range r.want {
			if !slices.ContainsFunc(got, func(line string) bool { return strings.HasPrefix(line, want) }) {
				s.t.Errorf("%s: no %q among\n%s", r.section, want, strings.Join(got, "\n"))
			}
		}
		for _, line := range got {
			if _, name, _ := strings.Cut(line, ": "); strings.TrimSpace(name) == "" {
				s.t.Errorf("%s: a control without a name: %q among\n%s", r.section, line, strings.Join(got, "\n"))
			}
		}
	}
}

// With the keyboard alone: in each section Tab goes from the heading through everything in the order in which it is read,
// and out of it again.
func TestEverySectionIsWalkedByKeyboard(t *testing.T) {
	s := startMain(t)
	s.open("about")
	s.Accessible("button: Copy the desktop id")
	s.Focused("tallykey")
	for _, section := range []struct {
		section Section
		heading string
		sign    string
		stops   []string // names, or their beginnings
	}{
		{SectionPair, "Pair a phone", "Pairing code", []string{"Cancel", "Phone can’t reach this computer?", "Copy the command", "Can’t scan?"}},
		{SectionPhones, "Phones", "Remove Spare phone", []string{"Rename Alice’s phone", "Remove Alice’s phone", "Rename Spare phone", "Remove Spare phone"}},
		{SectionRegistrations, "Registrations", "heading: git.northwind.example",
			[]string{"alice.admin@contoso.example", "alice@contoso.example", "alice-dev", "alice@shop.example"}},
		{SectionActivity, "Activity", "Export as CSV", []string{"Search", "Outcome", "Website", "Export as JSON", "Export as CSV",
			"Approved mail. contoso.example", "Wrong number portal. contoso.example", "Timed out wiki. fabrikam.example", "Declined mail. contoso.example"}},
		{SectionSettings, "Settings", "Nothing is paused",
			[]string{"Start when I log in", "Always type the number", "Wake the phone", "Trial mode", "All that fit", "Website", "For", "Pause"}},
		{SectionDoctor, "Doctor", "button: Check again", []string{"Check again"}},
		{SectionAbout, "About", "button: Copy the desktop id", []string{"Copy the desktop id", "Copy man tallykey", "Copy tallykey help"}},
	} {
		s.open(string(section.section)).left()
		s.Accessible(section.sign)
		s.focus(section.heading)
		got := s.stops()
		for i := range min(len(got), len(section.stops)) {
			if strings.HasPrefix(got[i], section.stops[i]) {
				got[i] = section.stops[i]
			}
		}
		if diff := cmp.Diff(section.stops, got); diff != "" {
			t.Errorf("%s: stops of the keyboard (-want +got):\n%s", section.section, diff)
		}
	}
}

// maxStops is more than any section has places for the keyboard.
const maxStops = 25

// stops are the names of what Tab reaches from here on to the end of the page.
func (s *session) stops() (names []string) {
	s.t.Helper()
	for range maxStops {
		before, _ := s.Keyboard()
		s.Xdotool("key", "Tab")
		var now desktoptest.Node
		var name string
		s.Await("the keyboard to move on", func() bool {
			now, name = s.Keyboard()
			if now == (desktoptest.Node{}) { // it may have moved back past what was read already
				now, name = s.Keyboard()
			}
			return now != before
		})
		if now == (desktoptest.Node{}) {
			return names
		}
		names = append(names, name)
	}
	s.t.Errorf("the keyboard does not come to the end of the page: %q", names)
	return names
}

// focus waits until the keyboard is on something whose name begins so.
func (s *session) focus(name string) {
	s.t.Helper()
	s.Await("the focus on "+name, func() bool { _, found := s.Keyboard(); return strings.HasPrefix(found, name) })
}

// With the keyboard alone: the heading first, then everything in the order in which it is read, and a name is changed.
func TestAPhoneIsRenamedByKeyboard(t *testing.T) {
	s := startMain(t)
	s.open("phones")
	s.Accessible("Remove Spare phone")
	s.Focused("tallykey")
	s.focus("Phones")
	for _, want := range []string{"Rename Alice’s phone", "Remove Alice’s phone", "Rename Spare phone", "Remove Spare phone"} {
		s.Xdotool("key", "Tab")
		s.focus(want)
	}
	s.Xdotool("key", "shift+Tab")
	s.focus("Rename Spare phone")
	s.Xdotool("key", "Return")
	s.focus("Name on this desktop")
	s.Xdotool("type", "Kitchen tablet")
	s.Xdotool("key", "Return")
	c := s.call(api.MethodRenamePhone)
	var r api.Rename
	if err := json.Unmarshal(c.Params, &r); err != nil || r != (api.Rename{ID: "p2", Name: "Kitchen tablet"}) {
		t.Errorf("%s, %v", c.Params, err)
	}
	s.Accessible("Kitchen tablet")
	s.focus("Rename Kitchen tablet")
}

func TestRemovingAPhoneNamesWhatIsLost(t *testing.T) {
	s := startMain(t)
	s.open("phones")
	s.Press("Remove Alice’s phone")
	tree := s.Accessible("Remove \u2068Alice’s phone\u2069?")
	s.Picture("phones-remove")
	if !strings.Contains(strings.Join(tree, "\n"), "alice.admin@contoso.example") {
		t.Errorf("what is lost is not named:\n%s", strings.Join(tree, "\n"))
	}
	s.Press("Remove")
	if id := s.called(api.MethodRemovePhone); id != "p1" {
		t.Errorf("removed %q", id)
	}
}

func TestASettingIsChanged(t *testing.T) {
	s := startMain(t)
	s.open("settings")
	s.Accessible("Nothing is paused")
	s.Focused("tallykey")
	s.focus("Settings")
	s.Xdotool("key", "Tab")
	s.focus("Start when I log in")
	s.Xdotool("key", "Tab")
	s.focus("Always type the number")
	s.Xdotool("key", "space")
	var change api.SettingsChange
	if c := s.call(api.MethodChangeSettings); json.Unmarshal(c.Params, &change) != nil || change.TypeNumbers == nil || !*change.TypeNumbers {
		t.Errorf("%s", c.Params)
	}
	s.Accessible("Saved")
	s.Picture("settings-saved")
}

// The dialog for the file is GTK's own; the file has what the list showed.
func TestActivityIsExported(t *testing.T) {
	s := startMain(t)
	s.open("activity")
	s.Accessible("Export as JSON")
	s.Focused("tallykey")
	s.Press("Export as JSON")
	path := filepath.Join(s.Home, "a.json")
	s.Focused("Export activity")
	s.Picture("export")
	s.Xdotool("key", "ctrl+a")
	s.Xdotool("type", path)
	s.Xdotool("key", "Return")
	s.Await("the file", func() bool { _, err := os.Stat(path); return err == nil })
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []api.Activity
	if err := json.Unmarshal(text, &got); err != nil || len(got) != len(apitest.Activity()) {
		t.Errorf("%s, %v", text, err)
	}
	s.Accessible("Written to " + path)
}

// The tray asks for a section while the window is open behind another one.
func TestASecondProcessTurnsThePage(t *testing.T) {
	s := startMain(t)
	s.open("about")
	s.Accessible("heading: About")
	s.Focused("tallykey")
	s.daemon.Put(apitest.Request(api.Delivered))
	s.open("--view", "prompt")
	s.called(api.MethodPainted)
	s.Focused("Sign in with your phone")
	second := s.open("registrations")
	second.left()
	s.Accessible("heading: Registrations")
	s.Focused("tallykey")
	if n := len(strings.Fields(s.Xdotool("search", "--onlyvisible", "--name", "^tallykey$"))); n != 1 {
		t.Errorf("%d windows", n)
	}
}

// What happens elsewhere is seen here: a phone that leaves, a website that hides, a pause from the tray.
func TestTheWindowFollowsTheDaemon(t *testing.T) {
	s := startMain(t)
	s.open("phones")
	s.Accessible("Remove Alice’s phone")
	s.daemon.SetPhones(apitest.Phones()[1:])
	tree := s.Accessible("No phone connected")
	if strings.Contains(strings.Join(tree, "\n"), "Remove Alice’s phone") {
		t.Error("the phone that has gone is still listed")
	}
	s.daemon.Close()
	s.Accessible("tallykey is not running.")
}
