package activity

import (
	"path/filepath"
	"testing"
	"time"

	"tallykey/daemon/api"
)

// A page that asks and takes back in a loop does not push bad ends out of the log, in memory or in the file.
func TestBadEndsAreNotPushedOut(t *testing.T) {
	path, now := filepath.Join(t.TempDir(), "activity.jsonl"), time.Now()
	first := open(t, path)
	add := func(l *Log, id string, before time.Duration, code api.Code) {
		l.Append(api.Activity{Request: id, Time: now.Add(-before), Action: "get", Code: code})
	}
	add(first, "old", badFor, api.Reported)
	add(first, "good", time.Minute, api.Approved)
	add(first, "bad", badFor-time.Minute, api.WrongNumber)
	for range 2*Keep + 1 {
		add(first, "aborted", 0, api.CancelledByPage)
	}
	for name, l := range map[string]*Log{"in memory": first, "after a restart": open(t, path)} {
		seen := map[string]int{}
		for _, a := range l.Since(time.Time{}) {
			seen[a.Request]++
		}
		if seen["bad"] != 1 || seen["old"] != 0 || seen["good"] != 0 || seen["aborted"] < Keep {
			t.Errorf("%s: %v", name, seen)
		}
	}
}
