package settings

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// entryName is the file of the autostart entry, the person's and the system's: the person's hides the other.
const entryName = "tallykey.desktop"

// Autostart is the entry that starts tallykey at login, by the XDG autostart specification.
type Autostart struct {
	Config  string   // the person's configuration folder; empty: not on this system
	System  []string // the system's configuration folders, the first wins
	Program string   // what is started
}

// NewAutostart finds the folders by the environment, and this program as what is started.
func NewAutostart(getenv func(string) string, config string) Autostart {
	program, err := os.Executable()
	if err != nil || !freedesktop {
		return Autostart{}
	}
	system := getenv("XDG_CONFIG_DIRS")
	if system == "" {
		system = "/etc/xdg"
	}
	return Autostart{Config: config, System: filepath.SplitList(system), Program: program}
}

// Entry is the path of the person's own entry, whether or not there is one.
func (a Autostart) Entry() string { return a.path() }

func (a Autostart) path() string { return filepath.Join(a.Config, "autostart", entryName) }

// Enabled says whether the desktop starts tallykey at login. An entry that can't be read starts nothing.
func (a Autostart) Enabled() bool {
	if a.Config == "" {
		return false
	}
	if entry, err := os.ReadFile(a.path()); err == nil {
		return starts(entry)
	}
	return a.bySystem()
}

// bySystem says whether a package's entry starts tallykey for everybody.
func (a Autostart) bySystem() bool {
	for _, folder := range a.System {
		if entry, err := os.ReadFile(filepath.Join(folder, "autostart", entryName)); err == nil {
			return starts(entry)
		}
	}
	return false
}

// starts reads the two keys by which desktops switch an entry off.
func starts(entry []byte) bool {
	for line := range strings.Lines(string(entry)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch strings.TrimSpace(key) + "=" + strings.TrimSpace(value) {
		case "Hidden=true", "X-GNOME-Autostart-enabled=false":
			return false
		}
	}
	return true
}

// Set makes the desktop start tallykey at login, or not. It writes the person's own entry only where the system's does
// not say the same.
func (a Autostart) Set(on bool) error {
	if a.Config == "" {
		return errors.ErrUnsupported
	}
	if on == a.Enabled() {
		return nil
	}
	if err := os.Remove(a.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if on == a.bySystem() {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(a.path()), 0o700); err != nil {
		return err
	}
	return replace(a.path(), a.entry(on), 0o644)
}

// What stands around the program in an entry.
const (
	beforeExec = "[Desktop Entry]\nType=Application\nName=tallykey\nExec="
	afterExec  = " daemon\nTerminal=false\nNoDisplay=true\n"
)

func (a Autostart) entry(on bool) []byte {
	if !on {
		return []byte("[Desktop Entry]\nType=Application\nName=tallykey\nHidden=true\n")
	}
	return []byte(beforeExec + quoteExec(a.Program) + afterExec)
}

// Refresh corrects the person's own entry where Set wrote it for a program that is not there any more: it was moved, by an
// upgrade or by hand. Entries of others, and those that start nothing, stay.
func (a Autostart) Refresh() error {
	if a.Config == "" {
		return nil
	}
	entry, err := os.ReadFile(a.path())
	if err != nil {
		return nil // there is none, or none that starts anything
	}
	program, ours := startedBy(entry)
	if _, err := os.Stat(program); !ours || !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return replace(a.path(), a.entry(true), 0o644)
}

// startedBy is the program that an entry of Set starts.
func startedBy(entry []byte) (program string, ours bool) {
	rest, begins := strings.CutPrefix(string(entry), beforeExec)
	quoted, ends := strings.CutSuffix(rest, afterExec)
	plain := strings.NewReplacer(`\\\\`, `\`, `\\"`, `"`, "\\\\`", "`", `\\$`, `$`, `%%`, `%`).Replace(quoted)
	return strings.TrimSuffix(strings.TrimPrefix(plain, `"`), `"`), begins && ends
}

// quoteExec writes a program as an argument of the key Exec (Desktop Entry Specification, "The Exec key"): quoted, with
// four characters escaped, a backslash once more because the value is a string, and a percent sign doubled.
func quoteExec(program string) string {
	quoted := strings.NewReplacer(`\`, `\\\\`, `"`, `\\"`, "`", "\\\\`", `$`, `\\$`, `%`, `%%`).Replace(program)
	return `"` + quoted + `"`
}
