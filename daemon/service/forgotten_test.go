package service

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tallykey/daemon/api"
)

// kept writes the file of removed registrations and opens it.
func kept(t *testing.T, text string) (f *forgotten, path string, err error) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "forgotten.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err = openForgotten(filepath.Dir(path))
	return f, path, err
}

// The bare list was the form before there were versions.
func TestForgottenOfEveryVersion(t *testing.T) {
	for _, text := range []string{`[{"phone":"p","credential":"AQ"}]`, `{"v":1,"all":[{"phone":"p","credential":"AQ"}]}`} {
		f, path, err := kept(t, text)
		if got := f.of("p"); err != nil || len(got) != 1 || got[0] != "AQ" {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if err := f.add(tombstone{"p", "Ag"}); err != nil {
			t.Fatal(err)
		}
		again, err := openForgotten(filepath.Dir(path))
		if got := again.of("p"); err != nil || len(got) != 2 {
			t.Errorf("%s: then %v, %v", text, got, err)
		}
	}
}

func TestForgottenOfALaterVersionStays(t *testing.T) {
	const later = `{"v":2,"phones":{"p":["AQ"]}}`
	f, path, err := kept(t, later)
	if !errors.Is(err, &api.Error{Code: api.StateNewer}) {
		t.Errorf("got %v", err)
	}
	if err := f.add(tombstone{"p", "Ag"}); err != nil || len(f.of("p")) != 1 {
		t.Errorf("until the daemon ends: %v, %v", f.of("p"), err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != later {
		t.Errorf("it became %s, %v", data, err)
	}
}

func TestForgottenThatIsDamaged(t *testing.T) {
	for _, text := range []string{"", "{", `"v"`, `{"v":1,"all":7}`} {
		f, _, err := kept(t, text)
		if err == nil || errors.Is(err, &api.Error{Code: api.StateNewer}) {
			t.Errorf("%q: %v", text, err)
		}
		if err := f.add(tombstone{"p", "Ag"}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
