package virtual_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tallykey/phone/link"
	"tallykey/phone/virtual"
)

// A state of the first version is read, and with the next change written in the form of today.
func TestOldState(t *testing.T) {
	d, x := newDesk(t), newPerson()
	path := filepath.Join(t.TempDir(), "state.json")
	stored := func(o *virtual.Options) { o.Store = path }
	p := x.phone(t, stored)
	stop := run(t, p)
	phone := d.pair(p)
	d.next("up")
	made := d.register(phone)
	x.until(t, virtual.Connected)
	x.until(t, virtual.Ended)
	stop()
	d.next("down")
	p.Close()
	makeOld(t, path)
	d.sync = true
	again := x.phone(t, stored)
	run(t, again)
	d.next("up")
	if items, kept := d.list(); len(items) != 0 || !slices.Equal(kept, []string{link.B64.EncodeToString(made.ID)}) {
		t.Errorf("told %v and %v", items, kept)
	}
	d.signIn(phone, made)
	second := syncing(t, "zzzzzzzzzz234567")
	two := second.pair(again)
	if !d.platform(phone).Same(second.platform(two)) {
		t.Error("the second desktop knows another platform credential")
	}
	if text := readFile(t, path); !strings.Contains(text, `"version": 2`) {
		t.Errorf("state:\n%.200s", text)
	}
}

// makeOld takes out of a state what version 1 did not have.
func makeOld(t *testing.T, path string) {
	t.Helper()
	var old []string
	inPlatform := false
	for line := range strings.Lines(readFile(t, path)) {
		key := strings.TrimLeft(line, " ")
		top := strings.HasPrefix(line, `  "`)
		inPlatform = top && strings.HasPrefix(key, `"platform"`) || inPlatform && line != "  },\n"
		gone := inPlatform || strings.HasPrefix(key, `"userId"`) || strings.HasPrefix(key, `"keyProtection"`) ||
			strings.HasPrefix(key, `"prf"`)
		if inPlatform || gone || line == "  },\n" {
			continue
		}
		old = append(old, strings.Replace(line, `"version": 2`, `"version": 1`, 1))
	}
	text := strings.ReplaceAll(strings.Join(old, ""), ",\n    }", "\n    }")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := virtual.Read(path); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
