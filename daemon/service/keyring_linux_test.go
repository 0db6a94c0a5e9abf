package service

import (
	"strings"
	"testing"

	"tallykey/daemon/api"
	"tallykey/daemon/desktop/desktoptest"
)

// A website asks while the file is locked: the person reads on the desktop why nothing comes, what to do, and which site it
// was, once. The page goes on with the browser's own.
func TestThePersonIsToldOfALockedFile(t *testing.T) {
	t.Setenv("LANG", "en_US.UTF-8")
	desktoptest.StartBus(t)
	notes := desktoptest.StartNotifications(t, "actions", "body")
	d := startOnFile(t, registered(t, 1).Items())
	for range 2 {
		if got := d.call(api.MethodGet, get(), nil); got != api.KeyringFileLocked || !got.Outcome().FallThrough {
			t.Errorf("a sign-in ended with %q", got)
		}
	}
	note, row := notes.Next(), api.KeyringFileLocked.Outcome().En
	if note.Summary != row.Title || !strings.Contains(note.Body, row.Remedy) || !strings.Contains(note.Body, "login.example.com") {
		t.Errorf("it says %q: %q", note.Summary, note.Body)
	}
	notes.Quiet()
}
