package doctor

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"tallykey/native-messaging/browsers"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Fix writes manifests for real, in a home of its own.
func TestFix(t *testing.T) {
	home := t.TempDir()
	env := browsers.Env{Home: home, Config: filepath.Join(home, ".config"), Host: filepath.Join(home, browsers.Program)}
	if err := errors.Join(os.MkdirAll(filepath.Join(env.Config, "chromium"), 0o700), os.MkdirAll(filepath.Join(env.Config, "vivaldi"), 0o700),
		os.WriteFile(env.Host, nil, 0o755)); err != nil {
		t.Fatal(err)
	}
	m := healthy()
	m.Env.Host, m.Env.Stat = env.Host, os.Stat
	m.Env.Browsers = func() []browsers.Report { return browsers.List(env, browsers.Options{}) }
	times := 0
	m.Env.Install = func() ([]browsers.Report, error) { times++; return browsers.Install(env, browsers.Options{}) }

	done, err := Fix(Run(t.Context(), m.Env))
	if diff := cmp.Diff([]string{"Chromium: installed", "Vivaldi: installed"}, done); diff != "" || err != nil || times != 1 {
		t.Error(err, times, diff)
	}
	if r := find(t, m, "Chromium"); r.State != OK || r.Safe {
		t.Errorf("after the fix: %+v", r)
	}
	if again, err := Fix(Run(t.Context(), m.Env)); len(again) != 0 || err != nil || times != 1 {
		t.Errorf("fixes what is well: %v, %v", again, err)
	}
}

func TestFixGoesOnAfterAFailure(t *testing.T) {
	m := healthy()
	m.browsers[0].State = browsers.NotInstalled
	m.Env.Install = func() ([]browsers.Report, error) { return nil, browsers.ErrNoHost }
	m.files[m.Host], m.files["/run/user/1000/tallykey"] = 0o644, fs.ModeDir|0o755
	_, err := Fix(Run(t.Context(), m.Env))
	if diff := cmp.Diff([]string{m.Host, "/run/user/1000/tallykey"}, m.changed); diff != "" || !errors.Is(err, browsers.ErrNoHost) {
		t.Error(err, diff)
	}
}
