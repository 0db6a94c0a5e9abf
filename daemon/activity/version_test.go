package activity

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
)

// golden copies a file as an earlier version of this program wrote it.
func golden(t *testing.T, name string) (path, text string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "activity.jsonl")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, string(data)
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The ends of every earlier version are read, the file becomes one of this version, and goes on as one.
func TestReadsEarlierVersions(t *testing.T) {
	for name, registration := range map[string]string{"version0.jsonl": "", "version1.jsonl": "zSZiFU5tdrKyuS5wwMrDzPU0-bdOtbiYGexQkIPQClA"} {
		path, text := golden(t, name)
		start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		want := []api.Activity{
			{Request: "EAECAwQFBgcICQoLDA0ODw", Time: start.Add(time.Minute), Action: "get", Code: api.WrongNumber, Millis: 9000},
			{Request: "AAECAwQFBgcICQoLDA0ODw", Time: start, Action: "get", Code: api.Approved, Millis: 4200},
		}
		for i := range want {
			w := &want[i]
			w.Origin, w.RPID, w.Account = "https://login.contoso.example", "contoso.example", "alice@contoso.example"
			w.Phone, w.Browser, w.Registration = "aeaaaaaaaaaaaaaa", "Firefox", registration
		}
		before, damaged, err := Read(path)
		if err != nil || damaged != 0 || len(before) != 2 || content(t, path) != text {
			t.Errorf("%s: looked at: %d ends, %d damaged, %v", name, len(before), damaged, err)
		}
		if d := cmp.Diff(want, open(t, path).Newest()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		open(t, path).Append(at(3, api.Declined))
		if got := content(t, path); strings.Count(got, `{"v":1}`+"\n") != 1 || !strings.HasPrefix(got, `{"v":1}`) || strings.Count(got, "\n") != 4 {
			t.Errorf("%s became:\n%s", name, got)
		}
		if got := open(t, path).Newest(); len(got) != 3 {
			t.Errorf("%s: then %d ends", name, len(got))
		}
	}
}

// A program of before there were versions reads this version's ends: it takes the first line for one that was cut.
func TestEarlierProgramsReadThisVersion(t *testing.T) {
	_, text := golden(t, "version1.jsonl")
	if all, damaged := read([]byte(text)); len(all) != 2 || damaged != 1 {
		t.Errorf("%d ends, %d lines that are none", len(all), damaged)
	}
}

// A log of a later version is not opened, for its bad ends would be forgotten, and stays as it is.
func TestALaterVersionIsLeftAlone(t *testing.T) {
	path, text := golden(t, "version1.jsonl")
	later := strings.Replace(text, `{"v":1}`, `{"v":2,"form":"new"}`, 1)
	if err := os.WriteFile(path, []byte(later), 0o600); err != nil {
		t.Fatal(err)
	}
	_, opened := Open(path, quiet)
	_, _, read := Read(path)
	for what, err := range map[string]error{"open": opened, "read": read} {
		if !errors.Is(err, &api.Error{Code: api.StateNewer}) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := content(t, path); got != later {
		t.Errorf("it became:\n%s", got)
	}
}

func TestANewLogHasAVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "activity.jsonl")
	open(t, path).Append(at(1, api.Approved))
	if got := content(t, path); !strings.HasPrefix(got, string(header)) || strings.Count(got, "\n") != 2 {
		t.Errorf("it begins with:\n%s", got)
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("{\"v\":1}\n{\"code\":\"approved\"}\n"))
	f.Add([]byte("{\"v\":2}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		version, lines, err := split(data)
		if err == nil && version > Version || err != nil && !errors.Is(err, &api.Error{Code: api.StateNewer}) {
			t.Errorf("version %d, %v", version, err)
		}
		for _, a := range first(read(lines)) {
			if a.Code == "" {
				t.Errorf("an end without a code: %+v", a)
			}
		}
	})
}

func first(all []api.Activity, _ int) []api.Activity { return all }
