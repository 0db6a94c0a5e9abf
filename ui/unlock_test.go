//go:build desktop

package main

import (
	"fmt"
	"strings"
	"testing"

	"tallykey/daemon/api"
)

// With the keyboard alone, as on a machine without any keyring: the window says that the file is locked, takes a wrong
// passphrase and then the right one, and shows what was in the file. A screen reader hears dots for the passphrase. The settings lock the file again.
func TestTheFileIsUnlockedInTheWindow(t *testing.T) {
	s := startMain(t)
	_, key := lockedFile(t, s.daemon)
	s.open("phones")
	lines := strings.Join(s.Accessible("The keyring file is locked"), "\n")
	if strings.Contains(lines, "No phone is paired") {
		t.Errorf("it claims to know of phones:\n%s", lines)
	}
	s.Focused("tallykey")
	s.focus("Phones")
	s.Xdotool("key", "Tab")
	s.focus("Passphrase of the file")
	s.Picture("unlock")
	s.Xdotool("type", "correct horse")
	s.Xdotool("key", "Return")
	s.Accessible("That is not the passphrase.")
	s.focus("Passphrase of the file")
	s.Xdotool("type", opener)
	if lines := strings.Join(s.Accessible("Passphrase of the file"), "\n"); strings.Contains(lines, "horse") {
		t.Error("a screen reader is told the passphrase")
	}
	s.Xdotool("key", "Return")
	if c := s.call(api.MethodUnlockKeyring); string(c.Params) != fmt.Sprintf(`{"key":%q}`, key.Text()) {
		t.Errorf("the daemon got %s", c.Params)
	}
	s.Accessible("heading: Alice’s phone")
	s.focus("Phones")

	s.open("settings").left()
	s.Press("Lock")
	s.call(api.MethodLockKeyring)
	s.Accessible("password: Passphrase of the file")
}
