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

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
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
	s.walk(func(_ *dbus.Conn, _ node, role, name string) bool {
		if slices.Contains([]string{"button", "check box", "combo box", "entry", "heading", "link", "radio button", "toggle button"}, role) {
			lines = append(lines, role+": "+name)
		}
		return true
	})
	return lines
}

// Every section is there for a screen reader: its heading, and each control with a name and a role.
func TestSectionsThroughAScreenReader(t *testing.T) {
	for _, test := range []struct {
		section Section
		env     []string
		sign    string // what is there once the section is
		want    []string
	}{
		{SectionPair, nil, "Pairing code", []string{"heading: Pair a phone", "button: Cancel", "button: Copy the command"}},
		{SectionPhones, nil, "heading: Spare phone", []string{"heading: Phones", "heading: Alice’s phone", "button: Rename Alice’s phone",
			"button: Remove Alice’s phone", "button: Remove Spare phone", "link: Pair a phone", "link: Registrations"}},
		{SectionRegistrations, nil, "heading: git.northwind.example", []string{"heading: Registrations", "heading: contoso.example"}},
		{SectionActivity, nil, "Export as CSV", []string{"heading: Activity", "entry: Search", "combo box: Outcome", "combo box: Website",
			"button: Export as JSON", "button: Export as CSV"}},
		{SectionSettings, nil, "Nothing is paused", []string{"heading: Settings", "toggle button: Start when I log in", "toggle button: Always type the number",
			"toggle button: Wake the phone", "toggle button: Trial mode", "radio button: All that fit", "radio button: Only these", "combo box: Website",
			"combo box: For", "button: Pause"}},
		{SectionDoctor, nil, "button: Check again", []string{"heading: Doctor", "button: Check again"}},
		{SectionAbout, nil, "button: Copy the desktop id", []string{"heading: About"}},
		{SectionSettings, []string{"LANG=de_DE.UTF-8", "GTK_THEME=Adwaita:dark"}, "Nichts ist pausiert", []string{"heading: Einstellungen",
			"toggle button: Zahl immer eintippen", "link: Über tallykey", "button: Pausieren"}},
	} {
		t.Run(string(test.section)+strings.Join(test.env, ""), func(t *testing.T) {
			s := startMain(t, test.env...)
			s.open(string(test.section))
			s.accessible(test.sign)
			s.picture("section-" + string(test.section))
			got := s.controls()
			for _, want := range test.want {
				if !slices.ContainsFunc(got, func(line string) bool { return strings.HasPrefix(line, want) }) {
					t.Errorf("no %q among\n%s", want, strings.Join(got, "\n"))
				}
			}
			for _, line := range got {
				if _, name, _ := strings.Cut(line, ": "); strings.TrimSpace(name) == "" {
					t.Errorf("a control without a name: %q among\n%s", line, strings.Join(got, "\n"))
				}
			}
		})
	}
}

// focus waits until the keyboard is on something whose name begins so.
func (s *session) focus(name string) {
	s.t.Helper()
	s.await("the focus on "+name, func() bool { _, found := s.focusedControl(); return strings.HasPrefix(found, name) })
}

func (s *session) focusedControl() (role, name string) {
	s.walk(func(bus *dbus.Conn, n node, r, found string) bool {
		var states []uint32
		if bus.Object(n.Dest, n.Path).Call(accessible+".GetState", 0).Store(&states) == nil && len(states) > 0 && states[0]&(1<<stateFocused) != 0 {
			role, name = r, found // the deepest one counts
		}
		return true
	})
	return role, name
}

// stateFocused is the number of a bit of AtspiStateType.
const stateFocused = 12

// With the keyboard alone: the heading first, then everything in the order in which it is read, and a name is changed.
func TestAPhoneIsRenamedByKeyboard(t *testing.T) {
	s := startMain(t)
	s.open("phones")
	s.accessible("Remove Spare phone")
	s.focused("tallykey")
	s.focus("Phones")
	for _, want := range []string{"Rename Alice’s phone", "Remove Alice’s phone", "Rename Spare phone", "Remove Spare phone"} {
		s.xdotool("key", "Tab")
		s.focus(want)
	}
	s.xdotool("key", "shift+Tab")
	s.focus("Rename Spare phone")
	s.xdotool("key", "Return")
	s.focus("Name on this desktop")
	s.xdotool("type", "Kitchen tablet")
	s.xdotool("key", "Return")
	c := s.call(api.MethodRenamePhone)
	var r api.Rename
	if err := json.Unmarshal(c.Params, &r); err != nil || r != (api.Rename{ID: "p2", Name: "Kitchen tablet"}) {
		t.Errorf("%s, %v", c.Params, err)
	}
	s.accessible("Kitchen tablet")
	s.focus("Rename Kitchen tablet")
}

func TestRemovingAPhoneNamesWhatIsLost(t *testing.T) {
	s := startMain(t)
	s.open("phones")
	s.press("Remove Alice’s phone")
	tree := s.accessible("Remove \u2068Alice’s phone\u2069?")
	s.picture("phones-remove")
	if !strings.Contains(strings.Join(tree, "\n"), "alice.admin@contoso.example") {
		t.Errorf("what is lost is not named:\n%s", strings.Join(tree, "\n"))
	}
	s.press("Remove")
	if id := s.called(api.MethodRemovePhone); id != "p1" {
		t.Errorf("removed %q", id)
	}
}

func TestASettingIsChanged(t *testing.T) {
	s := startMain(t)
	s.open("settings")
	s.accessible("Nothing is paused")
	s.focused("tallykey")
	s.focus("Settings")
	s.xdotool("key", "Tab")
	s.focus("Start when I log in")
	s.xdotool("key", "Tab")
	s.focus("Always type the number")
	s.xdotool("key", "space")
	var change api.SettingsChange
	if c := s.call(api.MethodChangeSettings); json.Unmarshal(c.Params, &change) != nil || change.TypeNumbers == nil || !*change.TypeNumbers {
		t.Errorf("%s", c.Params)
	}
	s.accessible("Saved")
	s.picture("settings-saved")
}

// The dialog for the file is GTK's own; the file has what the list showed.
func TestActivityIsExported(t *testing.T) {
	s := startMain(t)
	s.open("activity")
	s.accessible("Export as JSON")
	s.focused("tallykey")
	s.press("Export as JSON")
	path := filepath.Join(s.home, "a.json")
	s.focused("Export activity")
	s.picture("export")
	s.xdotool("key", "ctrl+a")
	s.xdotool("type", path)
	s.xdotool("key", "Return")
	s.await("the file", func() bool { _, err := os.Stat(path); return err == nil })
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []api.Activity
	if err := json.Unmarshal(text, &got); err != nil || len(got) != len(apitest.Activity()) {
		t.Errorf("%s, %v", text, err)
	}
	s.accessible("Written to " + path)
}

// The tray asks for a section while the window is open behind another one.
func TestASecondProcessTurnsThePage(t *testing.T) {
	s := startMain(t)
	s.open("about")
	s.accessible("heading: About")
	s.focused("tallykey")
	s.daemon.Put(apitest.Request(api.Delivered))
	s.open("--view", "prompt")
	s.called(api.MethodPainted)
	s.focused("Sign in with your phone")
	second := s.open("registrations")
	second.left()
	s.accessible("heading: Registrations")
	s.focused("tallykey")
	if n := len(strings.Fields(s.xdotool("search", "--onlyvisible", "--name", "^tallykey$"))); n != 1 {
		t.Errorf("%d windows", n)
	}
}

// What happens elsewhere is seen here: a phone that leaves, a website that hides, a pause from the tray.
func TestTheWindowFollowsTheDaemon(t *testing.T) {
	s := startMain(t)
	s.open("phones")
	s.accessible("Remove Alice’s phone")
	s.daemon.SetPhones(apitest.Phones()[1:])
	tree := s.accessible("No phone connected")
	if strings.Contains(strings.Join(tree, "\n"), "Remove Alice’s phone") {
		t.Error("the phone that has gone is still listed")
	}
	s.daemon.Close()
	s.accessible("tallykey is not running.")
}
