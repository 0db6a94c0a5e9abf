package activity

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func at(minute int, code api.Code) api.Activity {
	return api.Activity{Request: "r", Time: time.Date(2026, 11, 23, 9, minute, 0, 0, time.UTC), Action: "get", Code: code}
}

func open(t *testing.T, path string) *Log {
	t.Helper()
	l, err := Open(path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestLogSurvivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "activity.jsonl")
	first := open(t, path)
	first.Append(at(1, api.Approved))
	first.Append(at(2, api.WrongNumber))

	second := open(t, path)
	if diff := cmp.Diff([]api.Activity{at(2, api.WrongNumber), at(1, api.Approved)}, second.Newest()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]api.Activity{at(2, api.WrongNumber)}, second.Since(at(1, "").Time)); diff != "" {
		t.Error(diff)
	}
}

func TestLogIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "activity.jsonl")
	open(t, path).Append(at(1, api.Approved))
	i, err := os.Stat(path)
	if err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", i.Mode(), err)
	}
}

func TestLogLosesOnlyTheLineThatWasCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "activity.jsonl")
	open(t, path).Append(at(1, api.Declined))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(data, data[:20]...), 0o600); err != nil {
		t.Fatal(err)
	}
	cut := open(t, path)
	cut.Append(at(3, api.Reported))
	if diff := cmp.Diff([]api.Activity{at(3, api.Reported), at(1, api.Declined)}, open(t, path).Newest()); diff != "" {
		t.Error(diff)
	}
}

func TestLogKeepsTheNewest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "activity.jsonl")
	l := open(t, path)
	for i := range Keep + 5 {
		l.Append(at(i, api.Approved))
	}
	again := open(t, path)
	if got := again.Newest(); len(got) != Keep || !got[0].Time.Equal(at(Keep+4, "").Time) {
		t.Errorf("%d entries, newest %v", len(got), got[0].Time)
	}
	if got := open(t, path).Since(time.Time{}); !got[0].Time.Equal(at(5, "").Time) {
		t.Errorf("oldest in the file is %v, want minute 5", got[0].Time)
	}
}

func TestAnUnreadableLogIsAnError(t *testing.T) {
	if _, err := Open(t.TempDir(), quiet); err == nil {
		t.Error("opened a folder as a log: every pause would be lifted")
	}
}
