package browsers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSandboxedBrowsersAreNamedNotServed(t *testing.T) {
	e := machine(t, "~/.var/app/com.brave.Browser", "~/snap/chromium")
	for _, reports := range [][]Report{mustInstall(t, e, Options{}), List(e, Options{}), Remove(e, Options{})} {
		want := map[string]State{"brave-flatpak": Sandboxed, "chromium-snap": Sandboxed}
		if diff := cmp.Diff(want, states(reports)); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
	}
}

// Firefox's Snap finds the manifest of the Firefox outside, by a portal that asks the person.
func TestFirefoxSnapGoesByThePortal(t *testing.T) {
	e := machine(t, "~/snap/firefox")
	got := only(t, mustInstall(t, e, Options{}))
	if got.State != Installed || got.Detail != portalNote || !strings.Contains(got.Remedy, "webextensions true org.tallykey.host snap.firefox") {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(filepath.Join(e.Home, ".mozilla/native-messaging-hosts", HostName+".json")); err != nil {
		t.Error(err)
	}
}

// Firefox from Flatpak finds it too, by a service of the session that starts hosts for browsers in a sandbox.
func TestFirefoxFlatpakGoesByTheProxy(t *testing.T) {
	e := machine(t, "~/.var/app/org.mozilla.firefox")
	got := only(t, mustInstall(t, e, Options{}))
	if got.State != Installed || got.Detail != proxyNote || got.Remedy != proxyRemedy {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(filepath.Join(e.Home, ".mozilla/native-messaging-hosts", HostName+".json")); err != nil {
		t.Error(err)
	}
}

func TestEverySandboxHasAWayAround(t *testing.T) {
	for _, b := range table {
		if b.manifests == "" && b.registry == "" && !strings.Contains(b.instead, "https://") {
			t.Errorf("%s: %q", b.id, b.instead)
		}
	}
}
