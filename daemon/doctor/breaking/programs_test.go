//go:build linux

package breaking

import (
	"os"
	"strings"
	"syscall"

	"tallykey/daemon/api"
	"tallykey/daemon/desktop/desktoptest"
	"tallykey/daemon/doctor"
)

// Paths on the machine.
const (
	config    = "home/.config/tallykey/config.json"
	choice    = "home/.config/tallykey/settings.json"
	entry     = "home/.config/autostart/tallykey.desktop"
	ends      = "home/.local/state/tallykey/activity.jsonl"
	host      = "bin/tallykey-native-messaging"
	shown     = "bin/tallykey-window"
	manifest  = "home/.config/chromium/NativeMessagingHosts/org.tallykey.host.json"
	manifests = "home/.mozilla/native-messaging-hosts"
)

// fix runs the doctor with --fix, and wants it to say so.
func fix(says string) func(m *machine) {
	return func(m *machine) {
		if said := m.run("tallykey doctor --fix 2>&1 >/dev/null || true"); !strings.Contains(said, "repaired: "+says) {
			m.t.Errorf("--fix says %q", said)
		}
	}
}

var files = []breakage{
	{check: "settings", name: "config.json", harm: func(m *machine) { m.write(config, `{"name":`) }, state: doctor.Broken,
		says: "config.json", do: "Correct this file", mend: func(m *machine) { must(m.t, os.Remove(m.path(config))) }},
	{check: "settings", name: "settings.json of a later version", harm: func(m *machine) {
		m.stopDaemon()
		m.move(choice)
		m.write(choice, `{"v":99}`)
		m.startDaemon()
	}, state: doctor.Broken, says: "settings_newer", mend: func(m *machine) {
		m.stopDaemon()
		must(m.t, os.Rename(m.path(choice+".away"), m.path(choice)))
		m.startDaemon()
	}},
	{check: "activity log", name: "no file", harm: func(m *machine) {
		if _, err := os.Stat(m.path(ends)); err == nil {
			m.move(ends)
		}
		must(m.t, os.MkdirAll(m.path(ends), 0o700))
	}, state: doctor.Broken, says: "is a directory", do: "mv "},
	{check: "activity log", name: "damaged", harm: func(m *machine) { m.write(ends, "{\"code\":\x00\n") }, state: doctor.Warning,
		says: "1 of 1 lines", mend: func(m *machine) { must(m.t, os.Remove(m.path(ends))) }},
	{check: "program", name: "moved away", harm: func(m *machine) { m.move(host) }, state: doctor.Broken, says: "there is no",
		mend: func(m *machine) { must(m.t, os.Rename(m.path(host+".away"), m.path(host))) }, also: []string{"Chromium"}},
	{check: "program", name: "no program", harm: func(m *machine) { must(m.t, os.Chmod(m.path(host), 0o644)) }, state: doctor.Broken,
		says: "is no program", do: "chmod 755", mend: fix("chmod 755"), also: []string{"Chromium"}},
	{check: "window", name: "moved away", harm: func(m *machine) { m.move(shown) }, state: doctor.Warning, says: "is missing",
		mend: func(m *machine) { must(m.t, os.Rename(m.path(shown+".away"), m.path(shown))) }},
	{check: "window", name: "no program", harm: func(m *machine) { must(m.t, os.Chmod(m.path(shown), 0o644)) }, state: doctor.Broken,
		says: "is no program", mend: func(m *machine) { must(m.t, os.Chmod(m.path(shown), 0o755)) }},
	{check: "socket", name: "open to others", harm: func(m *machine) { must(m.t, os.Chmod(m.path("run/tallykey"), 0o755)) },
		state: doctor.Warning, says: "Others", do: "chmod 700", mend: fix("chmod 700")},
}

var inBrowsers = []breakage{
	{check: "browsers", name: "tallykey has moved", shows: "Chromium", harm: func(m *machine) {
		m.write(manifest, `{"name":"org.tallykey.host","path":"/old/host","type":"stdio"}`)
	}, state: doctor.Broken, says: "/old/host", do: "tallykey browsers install", mend: fix("Chromium: updated")},
	{check: "browsers", name: "not told", shows: "Chromium", harm: func(m *machine) { must(m.t, os.Remove(m.path(manifest))) },
		state: doctor.Broken, says: "Does not know", do: "tallykey browsers install"},
	{check: "browsers", name: "in a sandbox", shows: "Brave (Snap)", harm: func(m *machine) { must(m.t, os.MkdirAll(m.path("home/snap/brave"), 0o700)) },
		state: doctor.Warning, says: "sandbox", do: "https://brave.com", mend: func(m *machine) { must(m.t, os.RemoveAll(m.path("home/snap"))) }},
	{check: "browsers", name: "Snap without a portal", shows: "Firefox (Snap)", harm: func(m *machine) { m.useFirefox("home/snap/firefox") },
		state: doctor.Warning, says: "no portal", do: "xdg-desktop-portal", mend: func(m *machine) { m.dropFirefox("home/snap", startPortal(m.t, nil)) }},
	{check: "browsers", name: "Snap that may not", shows: "Firefox (Snap)", harm: func(m *machine) {
		m.useFirefox("home/snap/firefox")
		m.leave = startPortal(m.t, map[string][]string{"snap.firefox": {"no"}})
	}, state: doctor.Warning, says: "did not allow", do: "gdbus call", mend: func(m *machine) {
		remedy(m, m.examine()["Firefox (Snap)"]) // by which the person allows it
		m.dropFirefox("home/snap", m.leave)
	}},
	{check: "browsers", name: "Flatpak without a proxy", shows: "Firefox (Flatpak)", harm: func(m *machine) {
		m.useFirefox("home/.var/app/org.mozilla.firefox")
	}, state: doctor.Warning, says: "no xdg-native-messaging-proxy", do: "systemctl --user enable --now", mend: func(m *machine) {
		conn := desktoptest.Connect(m.t)
		own(m.t, conn, "org.freedesktop.NativeMessagingProxy")
		m.dropFirefox("home/.var", func() { conn.Close() })
	}},
	{check: "extension", name: "an old one", harm: func(m *machine) { m.hello("0.0.9") }, state: doctor.Warning, says: "0.0.9",
		do: "Update the extension in Chromium", mend: func(m *machine) { m.hello("0.1.0") }},
	{check: "extension", name: "none", harm: func(m *machine) {
		m.stopDaemon()
		text, err := os.ReadFile(m.path(choice))
		must(m.t, err)
		m.write(choice, strings.Replace(string(text), `"browsers"`, `"other"`, 1))
		m.startDaemon()
	}, state: doctor.Warning, says: "said hello", do: "Install", mend: func(m *machine) { m.hello("0.1.0") }},
}

// useFirefox makes a profile of a Firefox in a sandbox and tells it where tallykey is.
func (m *machine) useFirefox(profile string) {
	m.t.Helper()
	must(m.t, os.MkdirAll(m.path(profile), 0o700))
	m.run("tallykey browsers install")
}

// dropFirefox wants it to be well with what starts the host now, then takes all of it away.
func (m *machine) dropFirefox(folder string, leave func()) {
	m.t.Helper()
	m.well()
	leave()
	must(m.t, os.RemoveAll(m.path(folder)))
	must(m.t, os.RemoveAll(m.path(manifests)))
}

var daemons = []breakage{
	{check: "daemon", name: "killed", harm: func(m *machine) { kill(m.daemon) }, state: doctor.Broken, says: "not running",
		do: "tallykey daemon &", mend: func(m *machine) {
			m.phone.leave() // it would notice the silence, but some seconds later
			m.startDaemon()
			m.phone.start()
		}},
	{check: "daemon", name: "stopped", harm: func(m *machine) { m.signal(syscall.SIGSTOP) }, state: doctor.Broken, says: "does not answer",
		do: "tallykey stop", mend: func(m *machine) { m.signal(syscall.SIGCONT) }},
	{check: "version", name: "upgraded beside it", harm: func(m *machine) { m.version = "9.9.9" }, state: doctor.Warning, says: "9.9.9",
		do: "tallykey stop && tallykey daemon", mend: func(m *machine) { m.version = "" }},
	{check: "start", name: "not at login", harm: func(m *machine) { must(m.t, os.Remove(m.path(entry))) }, state: doctor.Warning,
		says: "by itself", do: "start-at-login=on"},
	{check: "start", name: "of a program that has moved", harm: func(m *machine) {
		m.write(entry, "[Desktop Entry]\nType=Application\nExec=\"/gone/tallykey\" daemon\n")
	}, state: doctor.Broken, says: "/gone/tallykey", do: "start-at-login=off &&"},
}

var choices = []breakage{
	{check: "pauses", name: "a website", harm: func(m *machine) { m.run("tallykey pause shop.example --for 1h") }, state: doctor.Warning,
		says: "https://shop.example", do: "tallykey resume https://shop.example"},
	{check: "pauses", name: "all", harm: func(m *machine) { m.run("tallykey pause") }, state: doctor.Warning, says: "until you resume",
		do: "tallykey resume"},
	{check: "push", name: "nobody can be woken", harm: func(m *machine) { m.run("tallykey settings set web-push=on") }, state: doctor.Warning,
		says: "none lets itself be woken", do: "web-push=off", mend: func(m *machine) { m.run("tallykey settings set web-push=off") }},
	{check: "clock", name: "not set", harm: func(m *machine) { m.time.set(false) }, state: doctor.Warning, says: "not set by the network",
		do: "timedatectl", mend: func(m *machine) { m.time.set(true) }},
	{check: "clock", name: "went back", harm: func(m *machine) {
		m.append(ends, `{"request":"r","time":"2099-01-01T00:00:00Z","action":"get","code":"approved"}`)
	}, state: doctor.Broken, says: "has seen 2099", do: "timedatectl", mend: func(m *machine) { must(m.t, os.Remove(m.path(ends))) }},
}

func (m *machine) append(path, line string) {
	m.t.Helper()
	f, err := os.OpenFile(m.path(path), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(m.t, err)
	defer f.Close()
	_, err = f.WriteString(line + "\n")
	must(m.t, err)
}

var parts = []breakage{
	{check: "tray", name: "no panel", harm: func(m *machine) { m.panel.Stop() }, state: doctor.OK, says: "No icon",
		do: "gnome-shell-extension-appindicator", mend: func(m *machine) { m.panel = desktoptest.StartPanel(m.outer) }},
	{check: "notifications", name: "none", harm: func(m *machine) { m.shows.Stop() }, state: doctor.Warning, says: "no notification service",
		do: "dunst", mend: func(m *machine) { m.shows = desktoptest.StartNotifications(m.outer, "actions", "body") }},
	{check: "screen lock", name: "no login service", harm: func(m *machine) { m.login.Stop() }, state: doctor.Warning, says: "can't be known",
		do: "LockedHint", mend: func(m *machine) { m.login = desktoptest.StartLogin(m.outer) }},
	{check: "keyring", name: "killed since", harm: func(m *machine) { kill(m.keyring) }, state: doctor.Broken, says: "any more",
		do: "gnome-keyring", mend: (*machine).startKeyring},
	{check: "keyring", name: "locked since", harm: (*machine).lockKeyring, state: doctor.Broken, says: "locked", do: "Unlock the keyring",
		mend: func(m *machine) { kill(m.keyring); m.startKeyring() }},
	{check: "keyring", name: "hangs", harm: func(m *machine) { must(m.t, m.keyring.Process.Signal(syscall.SIGSTOP)) }, state: doctor.Broken,
		says: "did not answer", mend: func(m *machine) { must(m.t, m.keyring.Process.Signal(syscall.SIGCONT)) }},
	{check: "keyring", name: "not there at the start", harm: func(m *machine) {
		kill(m.keyring)
		m.stopDaemon()
		m.launch()
	}, state: doctor.Broken, says: "There is no keyring", do: "gnome-keyring", mend: func(m *machine) {
		m.startKeyring()
		must(m.t, m.call(api.MethodPhones, nil, nil)) // it tries again for who asks
	}},
}
