package browsers

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// machine is an Env in a folder of the test's own, with a host, in which the given profile folders exist.
func machine(t *testing.T, profiles ...string) Env {
	t.Helper()
	home := t.TempDir()
	e := Env{Home: home, Config: filepath.Join(home, ".config"), Root: filepath.Join(home, "root"), Host: filepath.Join(home, "bin", Program)}
	write(t, e.Host, "#!/bin/sh\n", 0o755)
	for _, p := range profiles {
		if err := os.MkdirAll(e.path(p), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// states are the reports' states by id, without browsers that are not there.
func states(reports []Report) map[string]State {
	m := map[string]State{}
	for _, r := range reports {
		if r.State != NotFound {
			m[r.ID] = r.State
		}
	}
	return m
}

func mustInstall(t *testing.T, e Env, o Options) []Report {
	t.Helper()
	reports, err := Install(e, o)
	if err != nil {
		t.Fatal(err)
	}
	return reports
}

func TestManifestsAreGolden(t *testing.T) {
	for _, f := range []family{chromium, firefox} {
		want, err := os.ReadFile(filepath.Join("testdata", f.String()+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(manifestFor(f, "/opt/tallykey/"+Program))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f, diff)
		}
	}
}

func TestTheIDFollowsFromTheExtensionsKey(t *testing.T) {
	text, err := os.ReadFile("../../extension/chromium-key.txt")
	if err != nil {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	var id strings.Builder
	for _, b := range sha256.Sum256(key) {
		id.WriteByte('a' + b>>4)
		id.WriteByte('a' + b&15)
	}
	if got := id.String()[:32]; got != ChromiumID {
		t.Errorf("the key gives %s, not %s", got, ChromiumID)
	}
}

func TestInstallWritesWhereABrowserWasUsed(t *testing.T) {
	e := machine(t, "$/chromium", "~/.mozilla/firefox", "~/.librewolf")
	want := map[string]State{"chromium": Installed, "firefox": Installed, "librewolf": Installed}
	if diff := cmp.Diff(want, states(mustInstall(t, e, Options{}))); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	for path, f := range map[string]family{
		".config/chromium/NativeMessagingHosts/org.tallykey.host.json": chromium,
		".mozilla/native-messaging-hosts/org.tallykey.host.json":       firefox,
		".librewolf/native-messaging-hosts/org.tallykey.host.json":     firefox,
	} {
		path = filepath.Join(e.Home, path)
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(manifestFor(f, e.Host)), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != 0o644 {
			t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
		}
	}
	if _, err := os.Stat(filepath.Join(e.Config, "google-chrome")); err == nil {
		t.Error("made a folder for a browser that was never used")
	}
}

func TestInstallTwiceChangesNothing(t *testing.T) {
	e := machine(t, "$/google-chrome")
	path := mustInstall(t, e, Options{})[0].Manifest
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]State{"chrome": Already}, states(mustInstall(t, e, Options{}))); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
		t.Errorf("the file was replaced, %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, %v", left, err)
	}
}

func TestAStaleManifestIsFoundAndUpdated(t *testing.T) {
	tests := []struct{ name, text, detail string }{
		{"another path", string(manifestFor(chromium, "/old/host")), "points to /old/host"},
		{"another extension", "", "is for another extension"}, // filled below
		{"no JSON", "{", "can't be read"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := machine(t, "$/vivaldi")
			text := test.text
			if text == "" {
				text = strings.Replace(string(manifestFor(chromium, e.Host)), ChromiumID, strings.Repeat("a", 32), 1)
			}
			write(t, e.path("$/vivaldi/NativeMessagingHosts/org.tallykey.host.json"), text, 0o600)
			if got := only(t, List(e, Options{})); got.State != Stale || got.Detail != test.detail {
				t.Errorf("list: %+v", got)
			}
			if got := only(t, mustInstall(t, e, Options{})); got.State != Updated || got.Detail != "the old one "+test.detail {
				t.Errorf("install: %+v", got)
			}
			if got := only(t, List(e, Options{})); got.State != Installed {
				t.Errorf("then: %+v", got)
			}
		})
	}
}

// only is the one browser that is there.
func only(t *testing.T, reports []Report) Report {
	t.Helper()
	var found []Report
	for _, r := range reports {
		if r.State != NotFound {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("found %+v", found)
	}
	return found[0]
}

func TestAMissingHostIsAnErrorBeforeAnythingIsWritten(t *testing.T) {
	e := machine(t, "$/chromium")
	if err := os.Remove(e.Host); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(e, Options{}); err == nil || !strings.Contains(err.Error(), e.Host) {
		t.Errorf("got %v", err)
	}
	if got := only(t, List(e, Options{})); got.State != NotInstalled {
		t.Errorf("list: %+v", got)
	}
}

func TestAHostThatWentAwayMakesTheManifestStale(t *testing.T) {
	e := machine(t, "$/chromium")
	mustInstall(t, e, Options{})
	if err := os.Remove(e.Host); err != nil {
		t.Fatal(err)
	}
	if got := only(t, List(e, Options{})); got.State != Stale || !strings.Contains(got.Detail, e.Host) {
		t.Errorf("list: %+v", got)
	}
}

func TestRefreshUpdatesAndInstallsNothing(t *testing.T) {
	e := machine(t, "$/chromium", "$/vivaldi", "~/.mozilla/firefox")
	mustInstall(t, e, Options{})
	if err := os.Remove(e.path("$/chromium/NativeMessagingHosts/org.tallykey.host.json")); err != nil {
		t.Fatal(err)
	}
	write(t, e.path("$/vivaldi/NativeMessagingHosts/org.tallykey.host.json"), string(manifestFor(chromium, "/old")), 0o644)
	reports, err := Refresh(e)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]State{"chromium": NotInstalled, "vivaldi": Updated, "firefox": Installed}
	if diff := cmp.Diff(want, states(reports)); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func TestRemove(t *testing.T) {
	e := machine(t, "$/chromium", "$/opera")
	mustInstall(t, e, Options{})
	write(t, e.path("$/opera/NativeMessagingHosts/org.tallykey.host.json"), "{", 0o644)
	if diff := cmp.Diff(map[string]State{"chromium": Removed, "opera": Removed}, states(Remove(e, Options{}))); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]State{"chromium": NotInstalled, "opera": NotInstalled}, states(Remove(e, Options{}))); diff != "" {
		t.Errorf("again (-want +got):\n%s", diff)
	}
}

func TestAllAlsoMakesFolders(t *testing.T) {
	e := machine(t)
	for id, state := range states(mustInstall(t, e, Options{All: true})) {
		want := Installed
		if id == "firefox-snap" || id == "firefox-flatpak" { // they read the manifest of the Firefox outside
			want = Already
		}
		if state != want {
			t.Errorf("%s: %s", id, state)
		}
	}
	if _, err := os.Stat(filepath.Join(e.Config, "microsoft-edge/NativeMessagingHosts/org.tallykey.host.json")); err != nil {
		t.Error(err)
	}
}

func TestAFolderThatWasNamed(t *testing.T) {
	e := machine(t, "$/chromium")
	dir := filepath.Join(t.TempDir(), "profile")
	want := []Report{{ID: "dir", Name: dir, State: Installed, Manifest: dir + "/NativeMessagingHosts/org.tallykey.host.json"}}
	if diff := cmp.Diff(want, mustInstall(t, e, Options{Dir: dir})); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
	if got := only(t, List(e, Options{})); got.State != NotInstalled {
		t.Errorf("the other browser: %+v", got)
	}
}

func TestAFolderThatCantBeWrittenFailsAlone(t *testing.T) {
	e := machine(t, "$/chromium", "$/vivaldi")
	write(t, e.path("$/chromium/NativeMessagingHosts"), "a file in the way", 0o644)
	want := map[string]State{"chromium": Failed, "vivaldi": Installed}
	if diff := cmp.Diff(want, states(mustInstall(t, e, Options{}))); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func TestTheTable(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range table {
		if seen[b.id] || b.name == "" || len(b.profiles) == 0 {
			t.Errorf("row %+v", b)
		}
		seen[b.id] = true
		for _, p := range append(b.profiles, b.manifests) {
			if p != "" && !strings.HasPrefix(p, "~/") && !strings.HasPrefix(p, "$/") {
				t.Errorf("%s: path %q", b.id, p)
			}
		}
	}
	for _, id := range []string{"chrome", "chromium", "edge", "brave", "vivaldi", "opera", "firefox", "librewolf"} {
		if !seen[id] {
			t.Errorf("no %s", id)
		}
	}
}

func TestRun(t *testing.T) {
	manifest := "HOME/.config/chromium/NativeMessagingHosts/org.tallykey.host.json"
	tests := []struct {
		name     string
		args     []string
		profiles []string
		code     int
		stdout   string
		stderr   string
	}{
		{"install", []string{"install"}, []string{"$/chromium"}, 0, "Chromium  installed  " + manifest + "\n", ""},
		{"list", []string{"list"}, []string{"$/chromium"}, 0, "Chromium  not installed  " + manifest + "\n", ""},
		{"remove", []string{"remove"}, []string{"$/chromium"}, 0, "Chromium  not installed  " + manifest + "\n", ""},
		{"flags after the verb", []string{"install", "--host", "/nowhere"}, nil, 1, "", `no program "/nowhere"`},
		{"nothing there", []string{"install"}, nil, 1, "", "hint: start the browser once"},
		{"only in a sandbox", []string{"install"}, []string{"~/snap/chromium"}, 1, "Chromium (Snap)  sandboxed  " + sandboxNote + "\n", "no browser found"},
		{"list of nothing", []string{"list"}, nil, 0, "", ""},
		{"help", []string{"--help"}, nil, 0, usage, ""},
		{"help of a verb", []string{"install", "-h"}, nil, 0, usage, ""},
		{"no verb", nil, nil, 2, "", "say install, list or remove"},
		{"an empty verb", []string{""}, nil, 2, "", `unknown command ""`},
		{"unknown verb", []string{"uninstall"}, nil, 2, "", `unknown command "uninstall"`},
		{"unknown flag", []string{"list", "--fast"}, nil, 2, "", "-fast"},
		{"too much", []string{"list", "chromium"}, nil, 2, "", `unknown argument "chromium"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := machine(t, test.profiles...)
			var stdout, stderr bytes.Buffer
			if code := Run(test.args, &stdout, &stderr, e); code != test.code {
				t.Errorf("code %d, want %d", code, test.code)
			}
			if diff := cmp.Diff(test.stdout, strings.ReplaceAll(stdout.String(), e.Home, "HOME")); diff != "" {
				t.Errorf("stdout (-want +got):\n%s", diff)
			}
			if !strings.Contains(stderr.String(), test.stderr) || (test.stderr == "") != (stderr.Len() == 0) {
				t.Errorf("stderr %q, want %q", stderr.String(), test.stderr)
			}
		})
	}
}

func TestRunAsJSON(t *testing.T) {
	e := machine(t, "$/chromium")
	var stdout, stderr bytes.Buffer
	if code := Run([]string{"install", "--json"}, &stdout, &stderr, e); code != 0 || stderr.Len() > 0 {
		t.Errorf("code %d, %s", code, stderr.String())
	}
	var reports []Report
	if err := json.Unmarshal(stdout.Bytes(), &reports); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]State{"chromium": Installed}, states(reports)); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if len(reports) != len(table) {
		t.Errorf("%d reports, want one for each of %d browsers", len(reports), len(table))
	}
}

func TestAManifestForEveryone(t *testing.T) {
	for _, test := range []struct {
		name, host string
		list       State
		installed  State
		refreshed  State
	}{
		{"ours", "", Everyone, Everyone, Everyone},
		{"of a program that has moved", "/old/host", Stale, Updated, Stale},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := machine(t, "$/chromium")
			host := test.host
			if host == "" {
				host = e.Host
			}
			system := filepath.Join(e.Root, "etc/chromium/native-messaging-hosts", HostName+".json")
			write(t, system, string(manifestFor(chromium, host)), 0o644)
			if got := only(t, List(e, Options{})); got.State != test.list || !strings.Contains(got.Detail, system) {
				t.Errorf("list: %+v", got)
			}
			reports, err := Refresh(e)
			if err != nil {
				t.Fatal(err)
			}
			if got := only(t, reports); got.State != test.refreshed {
				t.Errorf("refresh: %+v", got)
			}
			if got := only(t, mustInstall(t, e, Options{})); got.State != test.installed {
				t.Errorf("install: %+v", got)
			}
			_, err = os.Stat(filepath.Join(e.Config, "chromium/NativeMessagingHosts", HostName+".json"))
			if wrote := err == nil; wrote != (test.installed == Updated) {
				t.Errorf("the person has an own manifest: %t", wrote)
			}
			if data, err := os.ReadFile(system); err != nil || string(data) != string(manifestFor(chromium, host)) {
				t.Error("it changed what belongs to a package")
			}
		})
	}
}
