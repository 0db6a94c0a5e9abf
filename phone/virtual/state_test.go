package virtual

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tallykey/phone/link"
)

func sampleState(t testing.TB) state {
	t.Helper()
	k, err := newKey()
	if err != nil {
		t.Fatal(err)
	}
	when := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	return state{Version: stateVersion,
		Pairings: []pairing{{Desktop: Desktop{ID: "abcdefghij234567", Name: "alice-desktop", Port: 47113,
			Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.7")}, Phone: "zyxwvutsrq765432", Paired: when},
			Certificate: make(link.Bytes, 32), Secret: make(link.Bytes, 32), DeviceKey: k,
			Platform: platform{ID: link.Bytes{1}, UserHandle: link.Bytes{2}, Origin: DefaultOrigin, Key: k}}},
		Accounts: []account{{Registration: Registration{Credential: "AAECAwQFBgcICQoLDA0ODw", RPID: "contoso.example",
			Account: "alice@contoso.example", Desktop: "abcdefghij234567", Created: when}, Key: siteKey{k.PrivateKey}}}}
}

var compareState = []cmp.Option{cmp.Comparer(func(a, b key) bool { return a.Equal(b.PrivateKey) }),
	cmp.Comparer(func(a, b siteKey) bool { return bytes.Equal(a.cose(), b.cose()) }),
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmpopts.EquateEmpty()}

func TestStateFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new folder", "state.json")
	if s, err := load(path); err != nil || len(s.Pairings) != 0 {
		t.Fatalf("no file: %+v, %v", s, err)
	}
	want := sampleState(t)
	for range 2 { // the second replaces the first
		if err := want.save(path); err != nil {
			t.Fatal(err)
		}
	}
	got, err := load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, compareState...); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("files %v, %v", left, err)
	}
}

func TestStateFileRefuses(t *testing.T) {
	folder := t.TempDir()
	open := filepath.Join(folder, "open")
	if err := sampleState(t).save(open); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := load(open); !errors.Is(err, ErrState) {
		t.Errorf("others may read it: %v", err)
	}
	for name, text := range map[string]string{"no JSON": "hello", "another version": `{"version":3}`, "no version": `{}`,
		"unknown member": `{"version":1,"later":1}`, "desktop without key": `{"version":1,"desktops":[{"id":"abcdefghij234567"}]}`,
		"registration without key": `{"version":1,"registrations":[{"credential":"AA"}]}`,
		"key of no kind":           `{"version":1,"registrations":[{"credential":"AA","key":"AA"}]}`} {
		path := filepath.Join(folder, "state")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := load(path); !errors.Is(err, ErrState) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A state that can't be stored must not be believed.
func TestChangeThatCannotBeStored(t *testing.T) {
	folder := t.TempDir()
	p := &Phone{Options: Options{Store: filepath.Join(folder, "file", "state.json")}, changed: make(chan struct{})}
	if err := os.WriteFile(filepath.Join(folder, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.change(func(s *state) { s.put(sampleState(t).Pairings[0]) }); err == nil {
		t.Error("no error")
	}
	if len(p.Desktops()) != 0 {
		t.Error("paired all the same")
	}
}

func TestPutReplaces(t *testing.T) {
	s := sampleState(t)
	d := s.Pairings[0]
	d.Name = "renamed"
	s.put(d)
	if len(s.Pairings) != 1 || s.Pairings[0].Name != "renamed" {
		t.Errorf("desktops %+v", s.desktops())
	}
}

func FuzzState(f *testing.F) {
	path := filepath.Join(f.TempDir(), "state.json")
	if err := sampleState(f).save(path); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseState(data)
		if err != nil {
			if !errors.Is(err, ErrState) {
				t.Errorf("error %v", err)
			}
			return
		}
		s.desktops()
		s.registrations("")
	})
}

// The phone says again what was removed in the last thirty days, and the newest of that.
func TestRemovalsAreForgottenInTheEnd(t *testing.T) {
	var s state
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for n := range link.MaxRemoved + 2 {
		s.remember(fmt.Sprint(n), at.Add(time.Duration(n)*time.Minute))
	}
	s.remember("64", at.Add(24*time.Hour))
	for after, want := range map[time.Duration]int{0: link.MaxRemoved, removedPatience + 24*time.Hour - 1: 1, removedPatience + 24*time.Hour: 0} {
		said := s.removals(at.Add(after))
		if len(said) != want || want > 0 && said[len(said)-1].(*link.Forget).Credential != "64" {
			t.Errorf("after %s: %d", after, len(said))
		}
	}
	s.remember("new", at.Add(removedPatience+48*time.Hour))
	if len(s.Removed) != 1 {
		t.Errorf("keeps %v", s.Removed)
	}
}
