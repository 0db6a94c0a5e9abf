package settings

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tallykey/daemon/api"
)

// login is an Autostart in folders of the test's own; system is the entry of a package, empty without one.
func login(t *testing.T, system string) Autostart {
	t.Helper()
	dir := t.TempDir()
	a := Autostart{Config: filepath.Join(dir, "config"), System: []string{filepath.Join(dir, "none"), filepath.Join(dir, "xdg")},
		Program: "/opt/tally key/tallykey"}
	if system != "" {
		write(t, filepath.Join(dir, "xdg", "autostart", entryName), system)
	}
	return a
}

const starter = "[Desktop Entry]\nType=Application\nName=tallykey\nExec=tallykey daemon\n"

func TestStartAtLogin(t *testing.T) {
	for _, test := range []struct {
		name, system, own string
		enabled           bool
	}{
		{"nothing", "", "", false},
		{"a package's", starter, "", true},
		{"a package's that is off", starter + "Hidden = true\n", "", false},
		{"hidden by the person", starter, "[Desktop Entry]\nHidden=true\n", false},
		{"switched off in the settings of the desktop", starter, starter + "X-GNOME-Autostart-enabled=false\n", false},
		{"the person's own", "", starter, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := login(t, test.system)
			if test.own != "" {
				write(t, a.path(), test.own)
			}
			if a.Enabled() != test.enabled {
				t.Errorf("enabled %t", a.Enabled())
			}
			for _, on := range []bool{!test.enabled, test.enabled, !test.enabled} {
				if err := a.Set(on); err != nil || a.Enabled() != on {
					t.Errorf("set %t: %v, %t", on, err, a.Enabled())
				}
			}
		})
	}
}

func TestAnEntryIsWrittenOnlyWhereItSaysSomething(t *testing.T) {
	a := login(t, starter)
	for _, on := range []bool{true, false, true} {
		if err := a.Set(on); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(a.path()); err == nil {
		t.Error("an entry of the person's says what the package's says")
	}
}

// The entry, taken apart as the Desktop Entry Specification has it, gives the program back.
func TestTheEntryStartsThisProgram(t *testing.T) {
	for _, program := range []string{"/usr/bin/tallykey", "/opt/tally key/tallykey", "/opt/100%/a$b`c\"d\\e/tallykey"} {
		a := login(t, "")
		a.Program = program
		if err := a.Set(true); err != nil {
			t.Fatal(err)
		}
		entry, err := os.ReadFile(a.path())
		if err != nil {
			t.Fatal(err)
		}
		_, value, _ := strings.Cut(string(entry), "\nExec=")
		value, _, _ = strings.Cut(value, "\n")
		// A string value's backslashes first, then the shell-like quoting of Exec, then its percent signs.
		quoted, _ := strings.CutSuffix(strings.ReplaceAll(value, `\\`, `\`), " daemon")
		out, err := exec.Command("sh", "-c", "printf %s "+quoted).Output()
		if got := strings.ReplaceAll(string(out), "%%", "%"); err != nil || got != program {
			t.Errorf("%s starts %q, %v", value, got, err)
		}
	}
}

func TestNoAutostartOnThisSystem(t *testing.T) {
	s := open(t, file(t))
	if _, err := s.Change(api.SettingsChange{StartAtLogin: yes()}); code(err) != api.SettingsFailed {
		t.Error(err)
	}
	if s.Get().StartAtLogin {
		t.Error("it says that it starts")
	}
}

func TestStartAtLoginIsASetting(t *testing.T) {
	a := login(t, "")
	s := Open(Config{Path: file(t), Autostart: a})
	defer s.Close()
	now, err := s.Change(api.SettingsChange{StartAtLogin: yes()})
	if err != nil || !now.StartAtLogin || !a.Enabled() {
		t.Errorf("%+v, %v", now, err)
	}
}

// A program that moved is started from its new place; what still starts something, or is another's, stays.
func TestTheEntryFollowsTheProgram(t *testing.T) {
	here := filepath.Join(t.TempDir(), "tallykey")
	if err := os.WriteFile(here, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		entry string
		moves bool
	}{
		"moved":          {beforeExec + quoteExec(filepath.Join(t.TempDir(), `old "place" \ of $100%`, "tallykey")) + afterExec, true},
		"still there":    {beforeExec + quoteExec(here) + afterExec, false},
		"switched off":   {"[Desktop Entry]\nType=Application\nName=tallykey\nHidden=true\n", false},
		"of a package":   {"[Desktop Entry]\nType=Application\nName=tallykey\nExec=sh -c \"exec /gone/tallykey daemon\"\n", false},
		"cut off":        {beforeExec, false},
		"something else": {"?", false},
	} {
		a := login(t, "")
		a.Program = "/new/place/tallykey"
		write(t, a.path(), test.entry)
		if err := a.Refresh(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := test.entry
		if test.moves {
			want = string(a.entry(true))
		}
		if got, err := os.ReadFile(a.path()); err != nil || string(got) != want {
			t.Errorf("%s: it became %q, %v", name, got, err)
		}
	}
	if err := login(t, "").Refresh(); err != nil {
		t.Errorf("without an entry: %v", err)
	}
	if err := (Autostart{}).Refresh(); err != nil {
		t.Errorf("where there are none: %v", err)
	}
}
