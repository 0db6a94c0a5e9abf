package registration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patient is a keyring for tests that are not about time, on whatever machine.
func patient() *OSKeyring { return NewOSKeyring(Options{Timeout: time.Minute}) }

func TestThousandRegistrations(t *testing.T) {
	if !inSession(t, withServices) {
		return
	}
	const before = 995
	prefill(t, before)
	startKeyring(t)
	k := patient()
	s := open(t, k)
	if n := len(s.Registrations()); n != before || len(s.Phones()) != 1 {
		t.Fatalf("%d registrations, %d phones", n, len(s.Phones()))
	}
	for n := before; n < 1000; n++ {
		must(t, s.Add(t.Context(), sampleRegistration(n, samplePhone(1).ID)))
	}
	for n := range 5 {
		must(t, s.Remove(t.Context(), sampleRegistration(n, "").Credential))
	}
	if n := len(s.Registrations()); n != 995 {
		t.Errorf("%d registrations", n)
	}
	sameAfterRestart(t, s, k)
	withinShippedLimits(t)
}

// withinShippedLimits does with a thousand items what the daemon does, with the limits that it has: 8 seconds to read all of
// them, 2 for each other access. On a machine that stands still for seconds an access may overrun them through no fault of
// the keyring's, so one in five must not; what is slow of itself overruns them each time.
func withinShippedLimits(t *testing.T) {
	t.Helper()
	k, ctx := NewOSKeyring(Options{}), t.Context()
	for name, do := range map[string]func() error{
		"open":   func() error { _, err := Open(ctx, k); return err },
		"set":    func() error { return k.Set(ctx, "phone/new", "value") },
		"get":    func() error { _, err := k.Get(ctx, nameOf(7)); return err },
		"delete": func() error { return k.Delete(ctx, "phone/gone") },
	} {
		var err error
		for range 5 {
			if err = do(); err == nil {
				break
			}
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// prefill writes the keyring's file before gnome-keyring starts, in its form without a password: through the service it
// would take a minute.
func prefill(t testing.TB, registrations int) {
	t.Helper()
	if !strings.Contains(os.Getenv("HOME"), "tallykey-keyring-") {
		t.Fatal("this is not a session of the test's own")
	}
	value, err := encodePhone(samplePhone(1))
	must(t, err)
	var b strings.Builder
	fmt.Fprintf(&b, "[keyring]\ndisplay-name=login\nctime=1\nmtime=1\nlock-on-idle=false\nlock-after=false\n")
	writeItem(&b, 1, phoneName(samplePhone(1).ID), value)
	for n := range registrations {
		value, err := encodeRegistration(sampleRegistration(n, samplePhone(1).ID))
		must(t, err)
		writeItem(&b, n+2, nameOf(n), value)
	}
	folder := filepath.Join(os.Getenv("HOME"), ".local/share/keyrings")
	must(t, os.MkdirAll(folder, 0o700))
	must(t, os.WriteFile(filepath.Join(folder, "login.keyring"), []byte(b.String()), 0o600))
}

func writeItem(b *strings.Builder, n int, name, value string) {
	fmt.Fprintf(b, "\n[%d]\nitem-type=0\ndisplay-name=%s\nsecret=%s\nmtime=1\nctime=1\n", n, name, value)
	for i, attribute := range [][2]string{{"service", Service}, {"username", name}} {
		fmt.Fprintf(b, "\n[%d:attribute%d]\nname=%s\ntype=string\nvalue=%s\n", n, i, attribute[0], attribute[1])
	}
}
