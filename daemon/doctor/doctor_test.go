package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
	"tallykey/native-messaging/browsers"
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
	now      time.Time
}

func healthy() *machine {
	m := &machine{status: apitest.Status(), held: true, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), text: map[string]string{},
		files:    map[string]fs.FileMode{"/usr/bin/tallykey-native-messaging": 0o755, "/usr/bin/tallykey-window": 0o755},
		browsers: []browsers.Report{{Name: "Chromium", State: browsers.Installed}, {Name: "Opera", State: browsers.NotFound}}}
	ready := api.Part{State: "ready"}
	m.status.Tray, m.status.Notifications, m.status.ScreenLock = ready, ready, ready
	m.status.Started = m.now.Add(-time.Hour)
	m.status.Phones = []api.Phone{{Name: "Alice’s phone", Paired: m.now.AddDate(0, -1, 0), Connected: true, LastSeen: m.now}}
	m.Env = Env{Version: m.status.Version, Host: "/usr/bin/tallykey-native-messaging", Window: "/usr/bin/tallykey-window",
		Status:    func(context.Context) (api.Status, error) { return m.status, m.err },
		Stat:      m.stat,
		Browsers:  func() []browsers.Report { return m.browsers },
		PortHeld:  func(port int) bool { return m.held && port == m.status.Port },
		Multicast: func() error { return m.cast },
		Command: func(_ context.Context, name string, args ...string) (string, error) {
			return m.read(name + " " + strings.Join(args, " "))
		},
		ReadFile: func(path string) ([]byte, error) { s, err := m.read(path); return []byte(s), err },
		Now:      func() time.Time { return m.now }}
	return m
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

func TestAHealthyMachine(t *testing.T) {
	all := Run(t.Context(), healthy().Env)
	for _, r := range all {
		if r.State != OK || r.Remedy != "" || r.What == "" {
			t.Errorf("%+v", r)
		}
	}
	if len(all) != len(Checks) || Worst(all) != OK {
		t.Errorf("%d results of %d checks, at worst %s", len(all), len(Checks), Worst(all))
	}
}

// Each thing is broken by itself: only its own check says so, with what repairs it.
func TestBrokenThings(t *testing.T) {
	tests := []struct {
		name  string
		harm  func(m *machine)
		check string
		state State
		says  string // in What
		do    string // in Remedy
	}{
		{"settings", func(m *machine) { m.Settings = errors.New("config.json: unexpected end") }, "settings", Broken, "config.json", "remove it"},
		{"no host", func(m *machine) { delete(m.files, m.Host) }, "program", Broken, "there is no", "Install tallykey again"},
		{"host is no program", func(m *machine) { m.files[m.Host] = 0o644 }, "program", Broken, "is no program", "chmod +x " + "/usr/bin"},
		{"host is a folder", func(m *machine) { m.files[m.Host] = fs.ModeDir | 0o755 }, "program", Broken, "there is no", ""},
		{"no browser", func(m *machine) { m.browsers = nil }, "browsers", Warning, "No browser", installBrowsers},
		{"stale manifest", func(m *machine) {
			m.browsers[1] = browsers.Report{Name: "Opera", State: browsers.Stale, Detail: "points to /old/host"}
		}, "Opera", Broken, "points to /old/host", installBrowsers},
		{"browser not installed", func(m *machine) { m.browsers[1].State = browsers.NotInstalled }, "Opera", Warning, "Does not know", installBrowsers},
		{"only browser not installed", func(m *machine) { m.browsers[0].State = browsers.NotInstalled }, "Chromium", Broken, "Does not know", installBrowsers},
		{"sandboxed", func(m *machine) {
			m.browsers[1] = browsers.Report{Name: "Opera", State: browsers.Sandboxed, Detail: "no way out", Remedy: "opera.com"}
		}, "Opera", Warning, "no way out", "opera.com"},
		{"manifest unreadable", func(m *machine) {
			m.browsers[1] = browsers.Report{Name: "Opera", State: browsers.Failed, Detail: "permission denied", Manifest: "/m.json"}
		}, "Opera", Broken, "permission denied", "ls -l /m.json"},
		{"another version", func(m *machine) { m.Version = "9.9.9" }, "version", Warning, "9.9.9", "tallykey stop"},
		{"keyring locked", func(m *machine) { m.status.Keyring = api.Part{State: "problem", Code: api.KeyringLocked} }, "keyring", Broken, "locked", "Unlock the keyring"},
		{"keyring starting", func(m *machine) { m.status.Keyring = api.Part{State: "starting"} }, "keyring", Warning, "just starting", "Wait"},
		{"link failed", func(m *machine) {
			m.status.Link = api.Part{State: "problem", Code: api.LinkFailed, Detail: "address in use"}
		}, "phone link", Broken, "address in use", ""},
		{"port lost", func(m *machine) { m.held = false }, "phone link", Broken, "Nothing listens on UDP port 47820", "tallykey stop"},
		{"no address", func(m *machine) { m.status.Addresses = nil }, "network", Broken, "no network", "nmcli"},
		{"no multicast", func(m *machine) { m.cast = errors.New("eth0: no such device") }, "multicast", Warning, "eth0", "multicast on"},
		{"no window", func(m *machine) { m.Window = "" }, "window", Warning, "tallykey-window is missing", "Install"},
		{"window gone", func(m *machine) { delete(m.files, m.Window) }, "window", Broken, "can't be started", "config.json"},
		{"no notifications", func(m *machine) { m.status.Notifications = api.Part{State: "absent", Detail: "none runs"} }, "notifications", Warning, "none runs", "dunst"},
		{"screen lock unknown", func(m *machine) { m.status.ScreenLock = api.Part{State: "absent", Detail: "no login"} }, "screen lock", Warning, "no login", "LockedHint"},
		{"clock of 1970", func(m *machine) { m.now = time.Unix(0, 0).UTC() }, "clock", Broken, "1970", "timedatectl"},
		{"clock went back", func(m *machine) { m.now = m.status.Started.Add(-time.Hour) }, "clock", Broken, "has seen", "timedatectl"},
		{"clock not set", func(m *machine) { m.text["timedatectl show --property=NTPSynchronized --value"] = "no" }, "clock", Warning, "not set", "timedatectl"},
		{"no phone", func(m *machine) { m.status.Phones = nil }, "phones", Warning, "No phone", "tallykey pair"},
		{"phone never came", func(m *machine) { m.status.Phones[0].Connected, m.status.Phones[0].LastSeen = false, time.Time{} }, "Alice’s phone", Warning, "has not connected", "https://phone.example"},
		{"phone away", func(m *machine) { m.status.Phones[0].Connected = false }, "Alice’s phone", Warning, "Away since", "same network"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := healthy()
			test.harm(m)
			all := Run(t.Context(), m.Env)
			for _, r := range all {
				if r.Name != test.check {
					if r.State == Broken {
						t.Errorf("another check breaks: %+v", r)
					}
					continue
				}
				if r.State != test.state || !strings.Contains(r.What, test.says) || !strings.Contains(r.Remedy, test.do) {
					t.Errorf("%+v", r)
				}
			}
			if !slices.ContainsFunc(all, func(r Result) bool { return r.Name == test.check }) || Worst(all) != test.state {
				t.Errorf("at worst %s in %+v", Worst(all), all)
			}
		})
	}
}

func TestWithoutWindowAndNotificationsNothingShowsTheNumber(t *testing.T) {
	m := healthy()
	m.Window, m.status.Notifications = "", api.Part{State: "absent"}
	if r := find(t, m, "notifications"); r.State != Broken {
		t.Errorf("%+v", r)
	}
}

// A package of the system tells browsers where it is; a person need not.
func TestEntriesForEveryone(t *testing.T) {
	m := healthy()
	m.browsers = []browsers.Report{{Name: "Chromium", State: browsers.Everyone, Detail: "/etc/chromium"}}
	if r := find(t, m, "Chromium"); r.State != OK || !strings.Contains(r.What, "every user") {
		t.Errorf("%+v", r)
	}
}

func TestABrowserThatTheDesktopStartsTallykeyFor(t *testing.T) {
	m := healthy()
	m.browsers = []browsers.Report{{Name: "Firefox (Snap)", State: browsers.Installed, Detail: "the desktop asks", Remedy: "gdbus call"}}
	if r := find(t, m, "Firefox (Snap)"); r.State != OK || r.Remedy != "" || !strings.Contains(r.What, "If you said no: gdbus call") {
		t.Errorf("%+v", r)
	}
}

func TestNoTrayIsNormal(t *testing.T) {
	m := healthy()
	m.status.Tray = api.Part{State: "absent", Detail: "no panel"}
	if r := find(t, m, "tray"); r.State != OK || !strings.Contains(r.What, "no panel") {
		t.Errorf("%+v", r)
	}
}

func TestFirewalls(t *testing.T) {
	walls := map[string]struct{ source, content, command string }{
		"ufw":       {"/etc/ufw/ufw.conf", "# ufw\nENABLED=yes\nLOGLEVEL=low\n", "sudo ufw allow 47820/udp && sudo ufw allow 5353/udp"},
		"firewalld": {"systemctl is-active firewalld", "active", "sudo firewall-cmd --permanent --add-port=47820/udp --add-port=5353/udp && sudo firewall-cmd --reload"},
		"nftables":  {"systemctl is-active nftables", "active", "udp dport '{ 47820, 5353 }' accept"},
	}
	for name, w := range walls {
		t.Run(name, func(t *testing.T) {
			m := healthy()
			m.text[w.source] = w.content
			if r := find(t, m, "firewall"); r.State != OK || !strings.Contains(r.What, "phones come through") {
				t.Errorf("with a phone: %+v", r)
			}
			m.status.Phones[0].Connected, m.status.Phones[0].LastSeen = false, time.Time{}
			if r := find(t, m, "firewall"); r.State != Warning || !strings.Contains(r.What, name) || !strings.Contains(r.Remedy, w.command) {
				t.Errorf("without: %+v", r)
			}
			m.status.Port = 0
			if r := find(t, m, "firewall"); r.State != Skipped {
				t.Errorf("without a port: %+v", r)
			}
		})
	}
	m := healthy()
	m.text["/etc/ufw/ufw.conf"], m.text["systemctl is-active nftables"] = "ENABLED=no\n", "inactive"
	if r := find(t, m, "firewall"); r.State != OK || !strings.Contains(r.What, "No firewall") {
		t.Errorf("all off: %+v", r)
	}
}

func TestWithoutADaemon(t *testing.T) {
	for _, test := range []struct {
		err    error
		remedy string
	}{{fmt.Errorf("%w (/run/x)", api.ErrNotRunning), "tallykey daemon &"}, {context.DeadlineExceeded, "tallykey stop; then: tallykey daemon &"},
		{errors.New("strange"), "tallykey stop; then: tallykey daemon &"}} {
		m := healthy()
		m.status, m.err = api.Status{}, test.err
		var skipped []string
		for _, r := range Run(t.Context(), m.Env) {
			switch {
			case r.State == Skipped:
				skipped = append(skipped, r.Name)
			case r.Name == "daemon" && (r.State != Broken || r.Remedy != test.remedy), r.Name != "daemon" && r.State != OK:
				t.Errorf("%v: %+v", test.err, r)
			}
		}
		want := []string{"version", "keyring", "phone link", "network", "firewall", "tray", "notifications", "screen lock", "phones"}
		if diff := cmp.Diff(want, skipped); diff != "" {
			t.Error(diff)
		}
	}
}

func TestWhileTheKeyringIsClosedTheLinkWaits(t *testing.T) {
	m := healthy()
	m.status = api.Status{Version: m.Version, Keyring: api.Part{State: "problem", Code: api.KeyringMissing}, Link: api.Part{State: "starting"}}
	for name, want := range map[string]State{"keyring": Broken, "phone link": Skipped, "network": Skipped} {
		if r := find(t, m, name); r.State != want {
			t.Errorf("%+v; want %s", r, want)
		}
	}
	if r := find(t, m, "keyring"); r.Code != api.KeyringMissing {
		t.Errorf("%+v", r)
	}
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

// Fix writes manifests for real, in a home of its own.
func TestFix(t *testing.T) {
	home := t.TempDir()
	env := browsers.Env{Home: home, Config: filepath.Join(home, ".config"), Host: filepath.Join(home, browsers.Program)}
	if err := errors.Join(os.MkdirAll(filepath.Join(env.Config, "chromium"), 0o700), os.WriteFile(env.Host, nil, 0o755)); err != nil {
		t.Fatal(err)
	}
	m := healthy()
	m.Env.Host, m.Env.Stat = env.Host, os.Stat
	m.Env.Browsers = func() []browsers.Report { return browsers.List(env, browsers.Options{}) }
	install := func() ([]browsers.Report, error) { return browsers.Install(env, browsers.Options{}) }

	done, err := Fix(Run(t.Context(), m.Env), install)
	if diff := cmp.Diff([]string{"Chromium: installed"}, done); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if r := find(t, m, "Chromium"); r.State != OK {
		t.Errorf("after the fix: %+v", r)
	}
	again, err := Fix(Run(t.Context(), m.Env), func() ([]browsers.Report, error) {
		t.Error("fixes what is well")
		return nil, nil
	})
	if len(again) != 0 || err != nil {
		t.Error(again, err)
	}
	if _, err := Fix([]Result{{Safe: true}}, func() ([]browsers.Report, error) { return nil, browsers.ErrNoHost }); !errors.Is(err, browsers.ErrNoHost) {
		t.Error(err)
	}
}

func TestPortHeld(t *testing.T) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{})
	if err != nil {
		t.Fatal(err)
	}
	port := conn.LocalAddr().(*net.UDPAddr).Port
	if !portHeld(port) {
		t.Error("a port that is held counts as free")
	}
	conn.Close()
	if portHeld(port) {
		t.Error("a free port counts as held")
	}
}

func TestCommand(t *testing.T) {
	if out, err := command(t.Context(), "echo", "active"); out != "active" || err != nil {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := command(t.Context(), "false"); err == nil {
		t.Error("a command that fails is no answer")
	}
	if _, err := command(t.Context(), "tallykey-no-such-program"); err == nil {
		t.Error("a command that is missing is no answer")
	}
}
