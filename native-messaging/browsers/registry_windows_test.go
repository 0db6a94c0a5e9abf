package browsers

import (
	"os"
	"path/filepath"
	"testing"
)

// The registry of the person who runs the test is used, under a vendor that does not exist.
func TestRegistry(t *testing.T) {
	before := table
	t.Cleanup(func() { table = before })
	table = []browser{onWindows("test", "Test", chromium, "~/profile", `tallykey-test`)}
	home := t.TempDir()
	host := filepath.Join(home, Program+exe)
	if err := os.WriteFile(host, []byte("MZ"), 0o755); err != nil {
		t.Fatal(err)
	}
	e := Env{Home: home, Config: home, Host: host}
	state := func(r []Report) State { return r[0].State }
	installed, err := Install(e, Options{All: true})
	if err != nil || state(installed) != Installed || state(List(e, Options{All: true})) != Installed {
		t.Fatalf("installed %+v, %v", installed, err)
	}
	if err := unregister(table[0]); err != nil {
		t.Fatal(err)
	}
	if got := state(List(e, Options{All: true})); got != Stale {
		t.Errorf("without its key the manifest is %s", got)
	}
	if again, err := Install(e, Options{All: true}); err != nil || state(again) != Updated {
		t.Errorf("installed again: %+v, %v", again, err)
	}
	if got := state(Remove(e, Options{All: true})); got != Removed || state(List(e, Options{All: true})) != NotInstalled {
		t.Errorf("removed: %s", got)
	}
	if registered(table[0], "") {
		t.Error("the key is still there")
	}
}
