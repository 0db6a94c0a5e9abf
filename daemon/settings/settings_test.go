package settings

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s := Open(Config{Path: path})
	t.Cleanup(s.Close)
	return s
}

func file(t *testing.T) string { return filepath.Join(t.TempDir(), "tallykey", "settings.json") }

func code(err error) api.Code {
	var e *api.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func yes() *bool { b := true; return &b }

func TestSettingsOutliveTheDaemon(t *testing.T) {
	path := file(t)
	s := open(t, path)
	if diff := cmp.Diff(api.Settings{Interfaces: []string{}}, s.Get()); diff != "" {
		t.Error("at first:", diff)
	}
	var told []api.Settings
	s.Watch(func(n api.Settings) { told = append(told, n) })
	want := api.Settings{TypeNumbers: true, Interfaces: []string{"lan0"}}
	now, err := s.Change(api.SettingsChange{TypeNumbers: yes(), Interfaces: &[]string{"lan0"}})
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]api.Settings{"returned": now, "kept": s.Get(), "reopened": open(t, path).Get()} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(what, diff)
		}
	}
	if diff := cmp.Diff([]api.Settings{want}, told); diff != "" {
		t.Error("told:", diff)
	}
	if i, err := os.Stat(path); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", i.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestWhatCantBeSetChangesNothing(t *testing.T) {
	s := open(t, file(t))
	for name, bad := range map[string][]string{"empty": {""}, "control characters": {"lan\n0"}, "long": {strings.Repeat("x", 65)},
		"many": make([]string, MaxInterfaces+1)} {
		if _, err := s.Change(api.SettingsChange{TypeNumbers: yes(), Interfaces: &bad}); code(err) != api.SettingInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.TypeNumbers() {
		t.Error("half of a change was made")
	}
}

func TestAFolderThatCantBeWritten(t *testing.T) {
	path := file(t)
	if err := os.WriteFile(filepath.Dir(path), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if _, err := s.Change(api.SettingsChange{Trial: yes()}); code(err) != api.SettingsFailed {
		t.Errorf("%v", err)
	}
	if s.Get().Trial {
		t.Error("it holds what it could not keep")
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A newer tallykey wrote the file and the person went back: nothing of it is lost, and nothing is laxer than it may say.
func TestALaterVersionIsLeftAlone(t *testing.T) {
	path := file(t)
	const later = `{"v": 2, "settings": {"typeNumbers": ["always"]}}`
	write(t, path, later)
	s := open(t, path)
	if s.Fault() == nil || s.Fault().Code != api.SettingsNewer || !s.TypeNumbers() {
		t.Errorf("%v, typed numbers %t", s.Fault(), s.TypeNumbers())
	}
	_, change := s.Change(api.SettingsChange{Trial: yes()})
	_, pause := s.Pause(api.AddPause{})
	for what, err := range map[string]error{"change": change, "pause": pause, "resume": s.Resume(""), "rename": s.Rename("x", "y")} {
		if code(err) != api.SettingsNewer {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := s.Hello(api.Browser{Name: "Firefox"}); err != nil || len(s.Browsers()) != 1 {
		t.Errorf("a browser says hello: %v", err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != later {
		t.Errorf("the file is %q now, %v", data, err)
	}
	if code(Check(path)) != api.SettingsNewer {
		t.Error(Check(path))
	}
}

func TestADamagedFileIsKeptAside(t *testing.T) {
	for name, text := range map[string]string{"no JSON": `{"v": 1, "settings`, "no version": `{"settings": {}}`,
		"another shape": `{"v": 1, "pauses": 7}`, "empty": ""} {
		t.Run(name, func(t *testing.T) {
			path := file(t)
			write(t, path, text)
			if Check(path) == nil {
				t.Error("it is said to be in order")
			}
			if s := open(t, path); s.Fault() != nil || !s.TypeNumbers() {
				t.Errorf("%v, typed numbers %t", s.Fault(), s.TypeNumbers())
			}
			if data, err := os.ReadFile(Damaged(path)); err != nil || string(data) != text {
				t.Errorf("kept %q, %v", data, err)
			}
			no := false
			if s := open(t, path); !s.TypeNumbers() {
				t.Error("the next start is laxer")
			} else if now, err := s.Change(api.SettingsChange{TypeNumbers: &no}); err != nil || now.TypeNumbers {
				t.Errorf("%+v, %v", now, err)
			}
		})
	}
}

func TestAFileThatCantBeReadIsLeftAlone(t *testing.T) {
	path := file(t)
	if err := os.MkdirAll(path, 0o700); err != nil { // a folder; root can read every file
		t.Fatal(err)
	}
	s := open(t, path)
	if s.Fault() == nil || s.Fault().Code != api.SettingsFailed || !s.TypeNumbers() {
		t.Errorf("%v, typed numbers %t", s.Fault(), s.TypeNumbers())
	}
	if _, err := s.Change(api.SettingsChange{}); code(err) != api.SettingsFailed {
		t.Error(err)
	}
}

// FuzzParse: whatever stands in the file, the daemon starts, and never with laxer settings than it could read.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"v":1}`, `{"v":2}`, `{"v":1,"phones":null,"browsers":[{"seen":"x"}]}`, `[]`, `{"v":-1}`,
		`{"v":1,"settings":{"typeNumbers":true,"interfaces":["a"]},"pauses":[{"until":"2026-11-23T09:00:00Z"}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parse(data)
		if err == nil && (c.V != Version || c.Phones == nil) {
			t.Errorf("%+v", c)
		}
	})
}

func TestNamesOfPhones(t *testing.T) {
	path := file(t)
	s := open(t, path)
	if err := s.Rename("a", "Büro"); err != nil || s.Label("a") != "Büro" || open(t, path).Label("a") != "Büro" {
		t.Errorf("%v, %q", err, s.Label("a"))
	}
	for _, bad := range []string{strings.Repeat("x", 65), "a\nb", "\xff"} {
		if err := s.Rename("a", bad); code(err) != api.SettingInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := s.Rename("a", ""); err != nil || s.Label("a") != "" || open(t, path).Label("a") != "" {
		t.Errorf("%v, %q", err, s.Label("a"))
	}
}
