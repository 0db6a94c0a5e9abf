package registration

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// history is a run of changes. Each says what it does to a store and to the plain model of it.
type change struct {
	name  string
	do    func(context.Context, *Store) error
	model func(*contents)
}

func history() []change {
	one, two := samplePhone(1), samplePhone(2)
	list := []change{
		{"identity", func(ctx context.Context, s *Store) error { return s.SetIdentity(ctx, sampleIdentity()) },
			func(c *contents) { id := sampleIdentity(); c.Identity = &id }},
		addPhone(one), addPhone(two),
	}
	for n := range 5 {
		list = append(list, add(sampleRegistration(n, []string{one.ID, two.ID}[n%2])))
	}
	rename := change{"rename", func(ctx context.Context, s *Store) error { return s.RenamePhone(ctx, one.ID, "Renamed") },
		func(c *contents) { c.Phones[0].Name = "Renamed" }}
	list = append(list, remove(1), rename, hide(3), remove(2), add(sampleRegistration(7, one.ID)), removePhone(one.ID))
	return append(list, add(sampleRegistration(8, two.ID)), removePhone(two.ID))
}

func addPhone(p Phone) change {
	return change{"add phone", func(ctx context.Context, s *Store) error { return s.AddPhone(ctx, p) },
		func(c *contents) { c.Phones = append(c.Phones, p) }}
}

func add(r Registration) change {
	return change{"add", func(ctx context.Context, s *Store) error { return s.Add(ctx, r) },
		func(c *contents) { c.Registrations = append(c.Registrations, r) }}
}

func remove(n int) change {
	id := sampleRegistration(n, "").Credential
	return change{"remove", func(ctx context.Context, s *Store) error { return s.Remove(ctx, id) },
		func(c *contents) {
			c.Registrations = slices.DeleteFunc(c.Registrations, func(r Registration) bool { return slices.Equal(r.Credential, id) })
		}}
}

func hide(n int) change {
	id := sampleRegistration(n, "").Credential
	return change{"hide", func(ctx context.Context, s *Store) error {
		return s.Update(ctx, id, func(r *Registration) { r.Hidden = true })
	}, func(c *contents) {
		i := slices.IndexFunc(c.Registrations, func(r Registration) bool { return slices.Equal(r.Credential, id) })
		c.Registrations[i].Hidden = true
	}}
}

func removePhone(id string) change {
	return change{"remove phone", func(ctx context.Context, s *Store) error { return s.RemovePhone(ctx, id) },
		func(c *contents) {
			c.Phones = slices.DeleteFunc(c.Phones, func(p Phone) bool { return p.ID == id })
			c.Registrations = slices.DeleteFunc(c.Registrations, func(r Registration) bool { return r.Phone == id })
		}}
}

func (c contents) clone() contents {
	return contents{c.Identity, slices.Clone(c.Phones), slices.Clone(c.Registrations)}
}

// equal is much faster than cmp.Diff, which differ asks only where there is something to say.
func equal(a, b contents) bool { return reflect.DeepEqual(a.tidy(), b.tidy()) }

func (c contents) tidy() contents {
	if len(c.Phones) == 0 {
		c.Phones = nil
	}
	if len(c.Registrations) == 0 {
		c.Registrations = nil
	}
	return c
}

func differ(a, b contents) string {
	if equal(a, b) {
		return ""
	}
	return cmp.Diff(a.tidy(), b.tidy())
}

// Killed after any number of writes, the daemon starts again with what it had before the change that was under way, or
// with that change made, and then can do all the rest.
func TestKilledAfterAnyWrite(t *testing.T) {
	for kind := range memories() {
		for writes := 0; ; writes++ {
			if !killedAfter(t, kind, writes) {
				t.Logf("%s: %d points to be killed at", kind, writes)
				break
			}
		}
	}
}

// killedAfter returns false if the history ended before the crash.
func killedAfter(t *testing.T, kind string, writes int) bool {
	t.Helper()
	k := memories()[kind]
	k.CrashAfter(writes)
	model := contents{}
	s := open(t, k)
	for i, c := range history() {
		err := c.do(t.Context(), s)
		before := model.clone()
		c.model(&model)
		if err == nil {
			continue
		}
		if !errors.Is(err, ErrCrashed) {
			t.Fatalf("%s: %v", c.name, err)
		}
		at := fmt.Sprintf("%s, killed after %d writes in %s", kind, writes, c.name)
		if d := differ(before, contentsOf(s)); d != "" && c.name != "remove phone" {
			t.Errorf("%s: a write that failed changed the memory: %s", at, d)
		}
		k.Restart()
		restarted := open(t, k)
		checkRestarted(t, at, before, model, restarted)
		finish(t, at, restarted, history()[i:], model)
		sameAfterRestart(t, restarted, k)
		noStrays(t, at, restarted, k)
		return true
	}
	// Removing ends with tidying the index, of which a caller never learns that it failed.
	_, err := k.Get(t.Context(), identityName)
	k.Restart()
	sameAfterRestart(t, s, k)
	return errors.Is(err, ErrCrashed)
}

// noStrays: what is in the keyring is what is in the store, and the index names nothing else, unless it is known to be
// stale because its last write failed.
func noStrays(t *testing.T, at string, s *Store, k *Memory) {
	t.Helper()
	var items, want []string
	for name := range k.Items() {
		if name != identityName && !strings.HasPrefix(name, "index/") {
			items = append(items, name)
		}
	}
	for _, p := range s.Phones() {
		want = append(want, phoneName(p.ID))
	}
	for _, r := range s.Registrations() {
		want = append(want, registrationName(r.Credential))
	}
	slices.Sort(items)
	slices.Sort(want)
	if !slices.Equal(items, want) {
		t.Errorf("%s: the keyring has %q, the store %q", at, items, want)
	}
	if k.NoList {
		x, err := loadIndex(t.Context(), k)
		must(t, err)
		stale := slices.ContainsFunc(s.index.pages, func(p *page) bool { return p.stale })
		if named := x.names(); !stale && !slices.Equal(slices.Sorted(slices.Values(named)), want) {
			t.Errorf("%s: the index names %q, the store has %q", at, named, want)
		}
	}
}

// checkRestarted: the state is that before the change or that after it. Removing a phone is several writes, so some of
// its registrations may be gone, never the phone before them, and never another phone's.
func checkRestarted(t *testing.T, at string, before, after contents, s *Store) {
	t.Helper()
	got := contentsOf(s)
	if equal(before, got) || equal(after, got) {
		return
	}
	some := slices.DeleteFunc(slices.Clone(before.Registrations), func(r Registration) bool { return !s.has(registrationName(r.Credential)) })
	between := contents{before.Identity, before.Phones, some}
	for _, r := range after.Registrations {
		if !s.has(registrationName(r.Credential)) {
			t.Errorf("%s: a registration of another phone is gone", at)
		}
	}
	if d := differ(between, got); d != "" || len(before.Phones) == len(after.Phones) {
		t.Errorf("%s: neither before nor after: %s", at, d)
	}
}

// finish does again what was interrupted, unless it was done, and the rest.
func finish(t *testing.T, at string, s *Store, rest []change, after contents) {
	t.Helper()
	if !equal(after, contentsOf(s)) {
		if err := rest[0].do(t.Context(), s); err != nil {
			t.Fatalf("%s: again: %v", at, err)
		}
	}
	if d := differ(after, contentsOf(s)); d != "" {
		t.Fatalf("%s: done again: %s", at, d)
	}
	for _, c := range rest[1:] {
		if err := c.do(t.Context(), s); err != nil {
			t.Fatalf("%s, then %s: %v", at, c.name, err)
		}
		c.model(&after)
	}
	if d := differ(after, contentsOf(s)); d != "" {
		t.Errorf("%s: at the end: %s", at, d)
	}
}

// Each single write fails once, with and without taking effect. Nothing that failed comes back, and nothing else is
// lost.
func TestEachWriteFailsOnce(t *testing.T) {
	for kind := range memories() {
		for _, applied := range []bool{false, true} {
			for nth := 0; ; nth++ {
				if !failsOnce(t, kind, applied, nth) {
					break
				}
			}
		}
	}
}

func failsOnce(t *testing.T, kind string, applied bool, nth int) bool {
	t.Helper()
	k, writes, failed := memories()[kind], 0, false
	fault := func(a Access, _ string) error {
		if a != Set && a != Delete {
			return nil
		}
		if writes++; writes == nth+1 {
			failed = true
			return ErrFailed
		}
		return nil
	}
	if applied {
		k.After = fault
	} else {
		k.Before = fault
	}
	s, model := open(t, k), contents{}
	for _, c := range history() {
		at := fmt.Sprintf("%s, write %d fails (applied %t) in %s", kind, nth, applied, c.name)
		before := model.clone()
		if err := c.do(t.Context(), s); err != nil {
			if d := differ(before, contentsOf(s)); d != "" && c.name != "remove phone" {
				t.Errorf("%s: the memory changed: %s", at, d)
			}
			must(t, c.do(t.Context(), s))
		}
		c.model(&model)
		if d := differ(model, contentsOf(s)); d != "" {
			t.Fatalf("%s: %s", at, d)
		}
		sameAfterRestart(t, s, k)
	}
	k.Before, k.After = nil, nil
	noStrays(t, fmt.Sprintf("%s, write %d failed", kind, nth), s, k)
	return failed
}

// The keyring made an item and its answer was lost; then the daemon ends.
func TestFailedWriteIsUndoneAtOnce(t *testing.T) {
	for _, k := range memories() {
		s := open(t, k)
		must(t, s.AddPhone(t.Context(), samplePhone(1)))
		ctx, cancel := context.WithCancel(t.Context())
		k.After = func(a Access, name string) error {
			if a == Set && name == nameOf(1) {
				cancel() // as when the page goes away
				return ErrFailed
			}
			return nil
		}
		if err := s.Add(ctx, sampleRegistration(1, samplePhone(1).ID)); !errors.Is(err, ErrFailed) {
			t.Errorf("got %v, want ErrFailed", err)
		}
		sameAfterRestart(t, s, k)
	}
}

// The keyring hangs while a registration is made, and makes it in the end. Its caller was told that it failed.
func TestLateWriteDoesNotComeBack(t *testing.T) {
	for kind, k := range memories() {
		s := open(t, k)
		must(t, s.AddPhone(t.Context(), samplePhone(1)))
		late := sampleRegistration(1, samplePhone(1).ID)
		hangs := true
		k.Before = func(a Access, name string) error {
			if hangs && (a == Set || a == Delete) && name == nameOf(1) {
				return ErrFailed
			}
			return nil
		}
		if err := s.Add(t.Context(), late); !errors.Is(err, ErrFailed) {
			t.Fatalf("%s: got %v, want ErrFailed", kind, err)
		}
		if err := s.Add(t.Context(), sampleRegistration(2, samplePhone(1).ID)); !errors.Is(err, ErrFailed) {
			t.Fatalf("%s: a write overtook the one in doubt: %v", kind, err)
		}
		hangs = false
		value, err := encodeRegistration(late)
		must(t, err)
		must(t, k.Set(t.Context(), nameOf(1), value)) // here it comes
		must(t, s.Add(t.Context(), sampleRegistration(2, samplePhone(1).ID)))
		sameAfterRestart(t, s, k)
		must(t, s.Add(t.Context(), late))
		must(t, s.RenamePhone(t.Context(), samplePhone(1).ID, "Renamed"))
		sameAfterRestart(t, s, k)
	}
}
