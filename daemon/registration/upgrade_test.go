package registration

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

func sampleVersion1Push() link.PushSubscription {
	return link.PushSubscription{Endpoint: "https://push.example/1", P256DH: make([]byte, 65), Auth: make([]byte, 16),
		VAPID: make([]byte, 32)}
}

// version1 is a keyring as the first version of this program wrote it. The files are never written anew.
func version1(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/version1/*.json")
	if err != nil || len(files) != 7 {
		t.Fatal(files, err)
	}
	items := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		must(t, err)
		name := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(file), ".json"), "+", "/")
		items[name] = strings.TrimSpace(string(data))
	}
	return items
}

// holding are the keyrings of all kinds, each with these items.
func holding(t *testing.T, items map[string]string) map[string]Keyring {
	t.Helper()
	file, _ := newFileKeyring(t)
	all := map[string]Keyring{"file": file}
	for name, k := range memories() {
		all[name] = k
	}
	for _, k := range all {
		for name, value := range items {
			must(t, k.Set(t.Context(), name, value))
		}
	}
	return all
}

func itemsIn(t *testing.T, k Keyring, names map[string]string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for name := range names {
		value, err := k.Get(t.Context(), name)
		must(t, err)
		got[name] = value
	}
	return got
}

func TestReadsVersion1(t *testing.T) {
	items, identity, phone := version1(t), sampleIdentity(), samplePhone(1)
	typed := sampleRegistration(2, phone.ID)
	typed.Mode, typed.Hidden = link.Type, true
	want := contents{&identity, []Phone{phone}, []Registration{sampleRegistration(1, phone.ID), typed}}
	for name, k := range holding(t, items) {
		s := open(t, k)
		if d := differ(want, contentsOf(s)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if sub, ok := s.Push(phone.ID); !ok || !samePush(sub, sampleVersion1Push()) {
			t.Errorf("%s: push %+v, %t", name, sub, ok)
		}
		if trial, ok := s.Trial(); !ok || trial.Port != 8443 {
			t.Errorf("%s: trial %+v, %t", name, trial, ok)
		}
		if d := cmp.Diff(items, itemsIn(t, k, items)); d != "" {
			t.Errorf("%s: reading changed the keyring: %s", name, d)
		}
		must(t, s.RenamePhone(t.Context(), phone.ID, "Renamed"))
		sameAfterRestart(t, s, k)
	}
}

// laterVersion is one item as a later version of this program may write it.
func laterVersion(value string) string {
	return strings.Replace(value, `{"v":1,`, `{"v":2,"new":true,`, 1)
}

// Whatever is of a later version is there, byte for byte, after everything that this version can do.
func TestLeavesALaterVersionAlone(t *testing.T) {
	for later := range version1(t) {
		items := version1(t)
		items[later] = laterVersion(items[later])
		for kind, k := range holding(t, items) {
			at := later + " of a later version, " + kind
			s, err := Open(t.Context(), k)
			if err == nil {
				tryEverything(t, at, s)
			} else if !errors.Is(err, ErrNewer) || Code(err) != api.StateNewer {
				t.Errorf("%s: %v has code %q", at, err, Code(err))
			}
			if got := itemsIn(t, k, map[string]string{later: ""})[later]; got != items[later] {
				t.Errorf("%s: it is now %q", at, got)
			}
			mustOpen := later != identityName && (kind != "indexed" || !strings.HasPrefix(later, "index/"))
			if mustOpen != (err == nil) {
				t.Errorf("%s: opened with %v", at, err)
			}
		}
	}
}

// tryEverything makes changes that would replace items of a later version, which must say so, and others.
func tryEverything(t *testing.T, at string, s *Store) {
	t.Helper()
	ctx, phone := t.Context(), samplePhone(1)
	changes := map[string]func() error{
		"phone/":        func() error { return s.AddPhone(ctx, phone) },
		"registration/": func() error { return s.Add(ctx, sampleRegistration(1, phone.ID)) },
		"push/": func() error {
			return s.SetPush(ctx, phone.ID, link.PushSubscription{Endpoint: "https://push.example/2"})
		},
		"trial": func() error { return s.SetTrial(ctx, Trial{[]byte("new"), 1}) },
	}
	for prefix, do := range changes {
		refused := false
		for _, name := range s.Newer() {
			refused = refused || strings.HasPrefix(name, prefix) && name != nameOf(2)
		}
		if err := do(); refused && err == nil || !refused && errors.Is(err, ErrNewer) {
			t.Errorf("%s: %s: %v", at, prefix, err)
		}
	}
	must(t, s.AddPhone(ctx, samplePhone(2)))
	must(t, s.Add(ctx, sampleRegistration(9, samplePhone(2).ID)))
	must(t, s.RemovePhone(ctx, samplePhone(2).ID))
}

// A downgrade and the upgrade after it lose nothing.
func TestDowngradeAndBack(t *testing.T) {
	newer := version1(t)
	for name, value := range newer {
		if name != identityName {
			newer[name] = laterVersion(value)
		}
	}
	k := &Memory{}
	for name, value := range newer {
		must(t, k.Set(t.Context(), name, value))
	}
	s := open(t, k)
	if len(s.Phones())+len(s.Registrations()) != 0 || len(s.Newer()) != 5 {
		t.Errorf("%+v, newer %v", contentsOf(s), s.Newer())
	}
	tryEverything(t, "all of a later version", s)
	got := k.Items()
	maps.DeleteFunc(got, func(name, _ string) bool { return newer[name] == "" })
	if d := cmp.Diff(newer, got); d != "" {
		t.Error(d)
	}
}
