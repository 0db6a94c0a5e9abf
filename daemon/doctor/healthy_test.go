package doctor

import (
	"context"
	"io/fs"
	"net/netip"
	"slices"
	"strings"
	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
	"tallykey/native-messaging/browsers"
	"testing"
	"time"
)

// machine is an Env on which everything is well; tests break it.
type machine struct {
	Env
	status   api.Status
	err      error
	files    map[string]fs.FileMode
	browsers []browsers.Report
	text     map[string]string // files' content, and commands' output
	held     bool
	cast     error
	nobody   error
	keyring  error
	took     time.Duration // of the keyring
	ends     []api.Activity
	damaged  int
	unread   error           // why the log can't be read
	manual   bool            // nothing starts at login
	services map[string]bool // on the session bus
	values   map[string]any  // properties
	allowed  string
	changed  []string // files whose mode was changed
	now      time.Time
}

func healthy() *machine {
	m := &machine{status: apitest.Status(), held: true, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), text: map[string]string{},
		files:    map[string]fs.FileMode{"/usr/bin/tallykey-native-messaging": 0o755, "/usr/bin/tallykey-window": 0o755},
		browsers: []browsers.Report{{Name: "Chromium", State: browsers.Installed}, {Name: "Opera", State: browsers.NotFound}}}
	ready := api.Part{State: "ready"}
	m.status.Tray, m.status.Notifications, m.status.ScreenLock = ready, ready, ready
	m.status.Started, m.status.LinkEnds = m.now.Add(-time.Hour), m.now.AddDate(19, 0, 0)
	m.status.Pauses, m.status.Trial, m.status.Traffic = nil, nil, api.Traffic{Opened: 1}
	m.status.Settings = api.Settings{StartAtLogin: true}
	m.status.Browsers = []api.Browser{{Name: "Chromium", Extension: "0.1.4", Seen: m.now}}
	m.status.Phones = []api.Phone{{Name: "Alice’s phone", Paired: m.now.AddDate(0, -1, 0), Connected: true, LastSeen: m.now}}
	m.text["/home/alice/.config/autostart/tallykey.desktop"] = "[Desktop Entry]\nExec=\"/usr/bin/tallykey\" daemon\n"
	m.files["/usr/bin/tallykey"], m.files["/run/user/1000/tallykey"] = 0o755, fs.ModeDir|0o700
	m.services, m.values = map[string]bool{}, map[string]any{"org.freedesktop.timedate1.NTPSynchronized": true}
	m.Env = m.env()
	return m
}

func (m *machine) env() Env {
	return Env{Version: m.status.Version, Host: "/usr/bin/tallykey-native-messaging", Window: "/usr/bin/tallykey-window",
		Socket: "/run/user/1000/tallykey/daemon.sock", Log: "/home/alice/.local/state/tallykey/activity.jsonl",
		Autostart: "/home/alice/.config/autostart/tallykey.desktop", Desktop: "XFCE",
		Status: func(context.Context) (api.Status, error) { return m.status, m.err },
		Keyring: func(context.Context) error {
			m.now = m.now.Add(m.took)
			return m.keyring
		},
		AtLogin:   func() bool { return !m.manual },
		Ends:      func() ([]api.Activity, int, error) { return m.ends, m.damaged, m.unread },
		Browsers:  func() []browsers.Report { return m.browsers },
		Networks:  func() []string { return []string{"lan0"} },
		Stat:      m.stat,
		Chmod:     func(path string, _ fs.FileMode) error { m.changed = append(m.changed, path); return nil },
		PortHeld:  func(port int) bool { return m.held && port == m.status.Port },
		Multicast: func() error { return m.cast },
		Resolve: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("192.0.2.24")}, m.nobody
		},
		Command: func(_ context.Context, name string, args ...string) (string, error) {
			return m.read(name + " " + strings.Join(args, " "))
		},
		ReadFile: func(path string) ([]byte, error) { s, err := m.read(path); return []byte(s), err },
		Offers:   func(_ context.Context, _ Bus, name string) bool { return m.services[name] },
		Property: func(_ context.Context, _ Bus, _, _, property string) (any, error) {
			v, there := m.values[property]
			if !there {
				return nil, fs.ErrNotExist
			}
			return v, nil
		},
		Allowed: func(context.Context, string) string { return m.allowed },
		Now:     func() time.Time { return m.now }}
}

func (m *machine) stat(path string) (fs.FileInfo, error) {
	if _, there := m.files[path]; !there {
		return nil, fs.ErrNotExist
	}
	return info{mode: m.files[path]}, nil
}

type info struct {
	fs.FileInfo
	mode fs.FileMode
}

func (i info) Mode() fs.FileMode { return i.mode }
func (i info) IsDir() bool       { return i.mode.IsDir() }

func (m *machine) read(what string) (string, error) {
	s, there := m.text[what]
	if !there {
		return "", fs.ErrNotExist
	}
	return s, nil
}

func find(t *testing.T, m *machine, name string) Result {
	t.Helper()
	all := Run(t.Context(), m.Env)
	i := slices.IndexFunc(all, func(r Result) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("no %s in %+v", name, all)
	}
	return all[i]
}
