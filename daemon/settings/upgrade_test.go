package settings

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
)

// The file of the first version, and what it says: reading it changes nothing of it, and the next change keeps the rest.
func TestReadsVersion1(t *testing.T) {
	golden, err := os.ReadFile("testdata/version1.json")
	if err != nil {
		t.Fatal(err)
	}
	path := file(t)
	write(t, path, string(golden))
	s := open(t, path)
	want := contents{V: 1, Settings: choices{WebPush: true, TypeNumbers: true, Interfaces: []string{"lan0"}},
		Pauses: []api.Pause{{Origin: "https://shop.example"}}, Phones: map[string]string{"aeaaaaaaaaaaaaaa": "Work phone"},
		Browsers: []api.Browser{{Name: "Firefox", Extension: "0.1.0", Seen: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}}}
	if d := cmp.Diff(want, s.kept); d != "" || s.Fault() != nil {
		t.Error(d, s.Fault())
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != string(golden) {
		t.Errorf("reading made it %q, %v", data, err)
	}
	if _, err := s.Change(api.SettingsChange{Trial: yes()}); err != nil {
		t.Fatal(err)
	}
	want.Settings.Trial = true
	if d := cmp.Diff(want, open(t, path).kept); d != "" {
		t.Error(d)
	}
}

// A file that has less, as one of the first days of version 1, says nothing of what it lacks.
func TestReadsAnEarlierVersion1(t *testing.T) {
	path := file(t)
	write(t, path, `{"v":1,"settings":{"typeNumbers":true}}`)
	s := open(t, path)
	if s.Fault() != nil || !s.TypeNumbers() || len(s.Pauses())+len(s.Browsers()) != 0 {
		t.Errorf("%+v, %v", s.kept, s.Fault())
	}
	if err := s.Rename("aeaaaaaaaaaaaaaa", "Work phone"); err != nil || open(t, path).Label("aeaaaaaaaaaaaaaa") != "Work phone" {
		t.Error(err)
	}
}
