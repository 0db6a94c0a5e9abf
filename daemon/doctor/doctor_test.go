package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/native-messaging/browsers"
)

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

// brokenThings are what can be wrong with a machine, each by itself.
var brokenThings = []struct {
	name  string
	harm  func(m *machine)
	check string
	state State
	says  string // in What
	do    string // in Remedy
}{
	{"settings", func(m *machine) { m.Settings = errors.New("config.json: unexpected end") }, "settings", Broken, "config.json", "remove it"},
	{"no host", func(m *machine) { delete(m.files, m.Host) }, "program", Broken, "there is no", "Install tallykey again"},
	{"host is no program", func(m *machine) { m.files[m.Host] = 0o644 }, "program", Broken, "is no program", "chmod 755 /usr/bin"},
	{"log unreadable", func(m *machine) { m.unread = errors.New("is a directory") }, "activity log", Broken, "is a directory", "mv /home"},
	{"log damaged", func(m *machine) { m.damaged = 2 }, "activity log", Warning, "2 of 2", "full"},
	{"socket open to others", func(m *machine) { m.files["/run/user/1000/tallykey"] = fs.ModeDir | 0o755 }, "socket", Warning, "Others", "chmod 700"},
	{"a file for a folder", func(m *machine) { m.files["/run/user/1000/tallykey"] = 0o600 }, "socket", Broken, "a file", "rm /run"},
	{"socket too far down", func(m *machine) { m.Socket = "/" + strings.Repeat("x", 200) }, "socket", Broken, "201 characters", "XDG_RUNTIME_DIR"},
	{"not at login", func(m *machine) { m.manual = true }, "start", Warning, "by itself", "start-at-login=on"},
	{"starts what is gone", func(m *machine) { delete(m.files, "/usr/bin/tallykey") }, "start", Broken, "/usr/bin/tallykey", "start-at-login=off &&"},
	{"no extension", func(m *machine) { m.status.Browsers = nil }, "extension", Warning, "said hello", "Install"},
	{"old extension", func(m *machine) { m.status.Browsers[0].Extension = "0.0.9" }, "extension", Warning, "0.0.9", "Update the extension in Chromium"},
	{"new extension", func(m *machine) { m.status.Browsers[0].Extension = "1.0.0" }, "extension", Warning, "1.0.0", "Update tallykey"},
	{"keyring gone since", func(m *machine) { m.keyring = api.Errorf(api.KeyringMissing, "") }, "keyring", Broken, "any more", "Install and start"},
	{"keyring slow", func(m *machine) { m.took = time.Second }, "keyring", Warning, "took 1s", "log out"},
	{"port moved", func(m *machine) { m.status.MovedFrom = 47113 }, "phone link", Warning, "47113 was taken", "sport = :47113"},
	{"certificate ends", func(m *machine) { m.status.LinkEnds = m.now.AddDate(0, 3, 0) }, "certificate", Warning, "2027-02-23", "pair"},
	{"chosen interface is down", func(m *machine) { m.status.Settings.Interfaces = []string{"lan0", "wlan9"} }, "network", Warning, "wlan9", "interfaces=all"},
	{"all chosen interfaces are down", func(m *machine) {
		m.status.Settings.Interfaces, m.status.Addresses = []string{"wlan9"}, nil
	}, "network", Broken, "wlan9", "interfaces=all"},
	{"not announced", func(m *machine) { m.nobody = errNobody }, "announcement", Warning, "Nobody answers", "--no-mdns"},
	{"paused", func(m *machine) { m.status.Pauses = []api.Pause{{}} }, "pauses", Warning, "until you resume", "tallykey resume"},
	{"paused for a website", func(m *machine) {
		m.status.Pauses = []api.Pause{{Origin: "https://shop.example", Until: m.now.Add(time.Hour)}}
	}, "pauses", Warning, "paused for https://shop.example until 2026", "tallykey resume https://shop.example"},
	{"three failures of a kind", func(m *machine) {
		end := api.Activity{Time: m.now.Add(-time.Minute), Code: api.PhoneUnreachable}
		m.ends = []api.Activity{end, end, end}
	}, "last requests", Warning, "last 3 requests", ""},
	{"trial not served", func(m *machine) { m.status.Settings.Trial = true }, "trial", Broken, "not served", "trial=off &&"},
	{"trial ended under a phone", func(m *machine) { m.status.Phones[0].KeyProtection = "pin" }, "trial", Warning, "can't open its app", "trial=on"},
	{"nobody can be woken", func(m *machine) { m.status.Settings.WebPush = true }, "push", Warning, "none lets", "web-push=off"},
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
	}, "phone link", Broken, "address in use", "ss -ulpn"},
	{"port lost", func(m *machine) { m.held = false }, "phone link", Broken, "Nothing listens on UDP port 47820", "tallykey stop"},
	{"no address", func(m *machine) { m.status.Addresses = nil }, "network", Broken, "no network", "nmcli"},
	{"no multicast", func(m *machine) { m.cast = errors.New("eth0: no such device") }, "multicast", Warning, "eth0", "multicast on"},
	{"no window", func(m *machine) { m.Window = "" }, "window", Warning, "tallykey-window is missing", "Install"},
	{"window gone", func(m *machine) { delete(m.files, m.Window) }, "window", Broken, "can't be started", "config.json"},
	{"no notifications", func(m *machine) { m.status.Notifications = api.Part{State: "absent", Detail: "none runs"} }, "notifications", Warning, "none runs", "dunst"},
	{"screen lock unknown", func(m *machine) { m.status.ScreenLock = api.Part{State: "absent", Detail: "no login"} }, "screen lock", Warning, "no login", "LockedHint"},
	{"clock of 1970", func(m *machine) { m.now = time.Unix(0, 0).UTC() }, "clock", Broken, "1970", "timedatectl"},
	{"clock went back", func(m *machine) { m.now = m.status.Started.Add(-time.Hour) }, "clock", Broken, "has seen", "timedatectl"},
	{"clock not set", func(m *machine) { m.values["org.freedesktop.timedate1.NTPSynchronized"] = false }, "clock", Warning, "not set", "timedatectl"},
	{"no phone", func(m *machine) { m.status.Phones = nil }, "phones", Warning, "No phone", "tallykey pair"},
	{"phone never came", func(m *machine) { m.status.Phones[0].Connected, m.status.Phones[0].LastSeen = false, time.Time{} }, "Alice’s phone", Warning, "has not connected", "https://phone.example"},
	{"phone away", func(m *machine) { m.status.Phones[0].Connected = false }, "Alice’s phone", Warning, "Away since", "same network"},
	{"phone's clock", func(m *machine) { m.away(api.CameLate) }, "Alice’s phone", Warning, "clock differs", "timedatectl"},
	{"phone of an old pairing", func(m *machine) { m.unknown() }, "Alice’s phone", Warning, "no pairing", "tallykey pair"},
	{"phone that hears nothing", func(m *machine) { m.away(api.CameFailed) }, "Alice’s phone", Warning, "answers do not reach", "client isolation"},
	{"phone that does not come", func(m *machine) { m.away("") }, "Alice’s phone", Warning, "has not connected", "same network"},
}

// Each thing is broken by itself: only its own check says so, with what repairs it.
func TestBrokenThings(t *testing.T) {
	for _, test := range brokenThings {
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

// away is a phone that the daemon has not seen since its start, although it came, while another came through.
func (m *machine) away(outcome string) {
	p := &m.status.Phones[0]
	p.Connected, p.LastSeen, p.Arrival = false, time.Time{}, api.Arrival{}
	if outcome != "" {
		p.Arrival = api.Arrival{Outcome: outcome, At: m.now.Add(-time.Minute)}
	}
	other := *p
	other.Name, other.Connected, other.Arrival = "Tablet", true, api.Arrival{Outcome: api.CameThrough, At: m.now}
	m.status.Phones = append(m.status.Phones, other)
	m.status.Traffic = api.Traffic{Opened: 9, Late: 1, Failed: 1, Unknown: 1}
}

// unknown is a phone that is away while one came that is nobody's.
func (m *machine) unknown() {
	m.away(api.CameThrough)
	m.status.Traffic.LastUnknown = m.now
}

// One that was nobody's came before this phone did, so it was another.
func TestPhoneThatCameThroughIsNoUnknownOne(t *testing.T) {
	m := healthy()
	m.away(api.CameThrough)
	m.status.Traffic.LastUnknown = m.now.Add(-time.Hour)
	r := find(t, m, "Alice’s phone")
	if last := r.Steps[len(r.Steps)-1]; last.State != OK || !strings.Contains(last.What, "came through at") || strings.Contains(r.What, "pairing") {
		t.Errorf("%+v", r)
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

// Firefox from Snap and Flatpak needs a service of the session that starts the host for it.
func TestBrowsersThatTheDesktopStartsTallykeyFor(t *testing.T) {
	snap := browsers.Report{ID: firefoxSnap, Name: "Firefox (Snap)", State: browsers.Installed, Detail: "the desktop asks", Remedy: "gdbus call"}
	flatpak := browsers.Report{ID: firefoxFlatpak, Name: "Firefox (Flatpak)", State: browsers.Installed, Detail: "by the proxy", Remedy: "systemctl"}
	portal := map[string]any{portalVersion: uint32(1)}
	for _, test := range []struct {
		report   browsers.Report
		values   map[string]any
		services string
		allowed  string
		state    State
		says, do string
	}{
		{snap, nil, "", "", Broken, "no portal", "xdg-desktop-portal"},
		{snap, portal, "", "", OK, "the desktop asks", ""},
		{snap, portal, "", "yes", OK, "may start it", ""},
		{snap, portal, "", "no", Broken, "did not allow", "gdbus call"},
		{flatpak, nil, "", "", Broken, "no xdg-native-messaging-proxy", "systemctl"},
		{flatpak, nil, proxyName, "", OK, "by the proxy", ""},
	} {
		m := healthy()
		m.browsers, m.allowed, m.services[test.services] = []browsers.Report{test.report}, test.allowed, true
		m.values = test.values
		if r := find(t, m, test.report.Name); r.State != test.state || !strings.Contains(r.What, test.says) || !strings.Contains(r.Remedy, test.do) {
			t.Errorf("%+v", r)
		}
	}
}

func TestNoTrayIsNormal(t *testing.T) {
	m := healthy()
	m.status.Tray = api.Part{State: "absent", Detail: "no panel"}
	if r := find(t, m, "tray"); r.State != OK || !strings.Contains(r.What, "no panel") || r.Remedy != "" {
		t.Errorf("%+v", r)
	}
	m.Desktop = "ubuntu:GNOME"
	if r := find(t, m, "tray"); r.State != OK || !strings.Contains(r.Remedy, "appindicator") {
		t.Errorf("%+v", r)
	}
}

func TestWithoutADaemon(t *testing.T) {
	for _, test := range []struct {
		err    error
		remedy string
	}{{fmt.Errorf("%w (/run/x)", api.ErrNotRunning), "tallykey daemon &"}, {context.DeadlineExceeded, "pkill -CONT -x tallykey; tallykey stop || pkill -KILL -x tallykey; then: tallykey daemon &"},
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
		want := []string{"version", "extension", "phone link", "certificate", "network", "announcement", "firewall", "tray",
			"notifications", "screen lock", "pauses", "trial", "push", "phones"}
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
