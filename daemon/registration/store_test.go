package registration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

// memories are the two kinds of keyrings, by a name for messages.
func memories() map[string]*Memory {
	return map[string]*Memory{"listed": {}, "indexed": {NoList: true}}
}

func TestStoreLife(t *testing.T) {
	for name, k := range memories() {
		t.Run(name, func(t *testing.T) { storeLife(t, k) })
	}
}

// storeLife is also run on a real keyring.
func storeLife(t *testing.T, k Keyring) {
	ctx, s := t.Context(), open(t, k)
	if _, ok := s.Identity(); ok || len(s.Phones())+len(s.Registrations()) != 0 {
		t.Fatalf("an empty keyring has %+v", contentsOf(s))
	}
	must(t, s.SetIdentity(ctx, sampleIdentity()))
	one, two := samplePhone(1), samplePhone(2)
	must(t, s.AddPhone(ctx, two))
	must(t, s.AddPhone(ctx, one))
	for n := range 6 {
		must(t, s.Add(ctx, sampleRegistration(n, []string{one.ID, two.ID}[n%2])))
	}
	must(t, s.RenamePhone(ctx, one.ID, "Alice’s new phone"))
	one.Name = "Alice’s new phone"
	id := sampleIdentity()
	want := contents{&id, []Phone{one, two}, nil}
	for n := range 6 {
		want.Registrations = append(want.Registrations, sampleRegistration(n, []string{one.ID, two.ID}[n%2]))
	}
	same(t, want, s, k)
	if got := s.ByRPID("site1.example"); len(got) != 2 || got[0].RPID != "site1.example" {
		t.Errorf("by RP ID: %+v", got)
	}
	must(t, s.Remove(ctx, sampleRegistration(0, "").Credential))
	want.Registrations = want.Registrations[1:]
	same(t, want, s, k)
	must(t, s.RemovePhone(ctx, two.ID))
	want.Phones = []Phone{one}
	want.Registrations = slices.DeleteFunc(want.Registrations, func(r Registration) bool { return r.Phone == two.ID })
	same(t, want, s, k)
	id.Port = 1
	must(t, s.SetIdentity(ctx, id))
	same(t, want, s, k)
}

func same(t *testing.T, want contents, s *Store, k Keyring) {
	t.Helper()
	if d := cmp.Diff(want, contentsOf(s)); d != "" {
		t.Fatalf("in memory: %s", d)
	}
	if d := cmp.Diff(want, contentsOf(open(t, k))); d != "" {
		t.Fatalf("after a restart: %s", d)
	}
}

func TestStoreRefuses(t *testing.T) {
	k := &Memory{}
	ctx, s := t.Context(), open(t, k)
	phone := samplePhone(1)
	must(t, s.AddPhone(ctx, phone))
	must(t, s.Add(ctx, sampleRegistration(1, phone.ID)))
	before := k.Items()
	short, large, long := samplePhone(2), sampleIdentity(), sampleRegistration(2, phone.ID)
	short.Secret = short.Secret[:31]
	large.CertificatePEM = make([]byte, MaxItem)
	long.Credential = make([]byte, link.MaxCredential+1)
	for _, tt := range []struct {
		name string
		err  error
		want error
		code api.Code
	}{
		{"phone twice", s.AddPhone(ctx, phone), ErrExists, api.RegistrationExists},
		{"registration twice", s.Add(ctx, sampleRegistration(1, phone.ID)), ErrExists, api.RegistrationExists},
		{"no such phone", s.Add(ctx, sampleRegistration(2, "x")), ErrPhoneUnknown, api.PhoneUnknown},
		{"rename no phone", s.RenamePhone(ctx, "x", "y"), ErrPhoneUnknown, api.PhoneUnknown},
		{"remove no phone", s.RemovePhone(ctx, "x"), ErrPhoneUnknown, api.PhoneUnknown},
		{"remove no registration", s.Remove(ctx, []byte("x")), ErrRegistrationUnknown, api.RegistrationUnknown},
		{"short secret", s.AddPhone(ctx, short), ErrFailed, api.KeyringFailed},
		{"no id", s.AddPhone(ctx, Phone{}), ErrFailed, api.KeyringFailed},
		{"long credential", s.Add(ctx, long), ErrFailed, api.KeyringFailed},
		{"no credential", s.Add(ctx, Registration{Phone: phone.ID}), ErrFailed, api.KeyringFailed},
		{"too large", s.SetIdentity(ctx, large), ErrFailed, api.KeyringFailed},
	} {
		if !errors.Is(tt.err, tt.want) || Code(tt.err) != tt.code {
			t.Errorf("%s: got %v (%s), want %v (%s)", tt.name, tt.err, Code(tt.err), tt.want, tt.code)
		}
	}
	if d := cmp.Diff(before, k.Items()); d != "" {
		t.Errorf("the keyring changed: %s", d)
	}
}

func TestCodes(t *testing.T) {
	for err, want := range map[error]api.Code{nil: "", ErrLocked: api.KeyringLocked, ErrMissing: api.KeyringMissing,
		ErrFailed: api.KeyringFailed, ErrNotFound: api.KeyringFailed, context.Canceled: api.KeyringFailed} {
		if err != nil {
			err = fmt.Errorf("opening: %w", err)
		}
		if got := Code(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}

// The largest names that a website may send, in their largest form, fit into an item.
func TestLargestRegistrationFits(t *testing.T) {
	k := &Memory{}
	s := open(t, k)
	must(t, s.AddPhone(t.Context(), samplePhone(1)))
	r := sampleRegistration(1, samplePhone(1).ID)
	r.Credential, r.User.ID = make([]byte, link.MaxCredential), make([]byte, 64)
	r.User.Name, r.User.DisplayName = strings.Repeat(`"`, link.MaxText), strings.Repeat(`<`, link.MaxText)
	r.PublicKey, r.Unregister = make([]byte, link.MaxPublicKey), make([]byte, link.RemovalToken)
	r.Mode, r.Hidden = link.Type, true
	r.RPID = strings.Repeat("a", 253)
	must(t, s.Add(t.Context(), r))
	for name, value := range k.Items() {
		if len(value) >= MaxItem {
			t.Errorf("%s has %d bytes", name, len(value))
		}
	}
	sameAfterRestart(t, s, k)
}

func TestIndexPagesStaySmall(t *testing.T) {
	k := &Memory{NoList: true}
	s := open(t, k)
	must(t, s.AddPhone(t.Context(), samplePhone(1)))
	for n := range 1000 {
		must(t, s.Add(t.Context(), sampleRegistration(n, samplePhone(1).ID)))
	}
	pages := 0
	for name, value := range k.Items() {
		if strings.HasPrefix(name, "index/") {
			pages++
		}
		if len(value) >= MaxItem {
			t.Errorf("%s has %d bytes", name, len(value))
		}
	}
	if pages < 2 || pages > 12 {
		t.Errorf("%d pages", pages)
	}
	sameAfterRestart(t, s, k)
	must(t, s.RemovePhone(t.Context(), samplePhone(1).ID))
	sameAfterRestart(t, s, k)
	if n := len(k.Items()); n != pages {
		t.Errorf("%d items are left, want the %d pages", n, pages)
	}
	must(t, s.AddPhone(t.Context(), samplePhone(1)))
	for n := range 300 {
		must(t, s.Add(t.Context(), sampleRegistration(n, samplePhone(1).ID)))
	}
	if n := len(k.Items()); n != pages+301 {
		t.Errorf("%d items: a new page was made although old ones are empty", n)
	}
}

func TestKeyringFailsToOpen(t *testing.T) {
	for _, want := range []error{ErrLocked, ErrMissing, ErrFailed} {
		for name, k := range memories() {
			k.Before = func(Access, string) error { return want }
			if s, err := Open(t.Context(), k); s != nil || !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", name, err, want)
			}
		}
	}
}

// What can't be read stays in the keyring, and what can be read is used.
func TestUnreadableItems(t *testing.T) {
	for name, k := range memories() {
		ctx, s := t.Context(), open(t, k)
		must(t, s.AddPhone(ctx, samplePhone(1)))
		for n := range 4 {
			must(t, s.Add(ctx, sampleRegistration(n, samplePhone(1).ID)))
		}
		items := k.Items()
		broken, later, copied := nameOf(0), nameOf(1), nameOf(2)
		must(t, k.Set(ctx, broken, items[broken][1:]))
		must(t, k.Set(ctx, later, strings.Replace(items[later], `"v":1`, `"v":2`, 1)))
		must(t, k.Set(ctx, copied, items[nameOf(3)]))
		must(t, k.Set(ctx, "a kind of next year/1", "?"))
		s = open(t, k)
		want := []string{broken, later, copied}
		slices.Sort(want)
		if d := cmp.Diff(want, s.Unreadable()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if got := s.Registrations(); len(got) != 1 || got[0].RPID != sampleRegistration(3, "").RPID {
			t.Errorf("%s: registrations %+v", name, got)
		}
		must(t, s.Add(ctx, sampleRegistration(9, samplePhone(1).ID)))
		if got := k.Items(); got[later] == "" || got[broken] == "" {
			t.Errorf("%s: what could not be read is gone", name)
		}
	}
}

func nameOf(n int) string { return registrationName(sampleRegistration(n, "").Credential) }

func TestUnreadableIdentityOrIndex(t *testing.T) {
	for name, k := range memories() {
		must(t, open(t, k).SetIdentity(t.Context(), sampleIdentity()))
		must(t, k.Set(t.Context(), identityName, `{"v":2}`))
		if _, err := Open(t.Context(), k); !errors.Is(err, ErrFailed) {
			t.Errorf("%s: identity: got %v, want ErrFailed", name, err)
		}
	}
	k := &Memory{NoList: true}
	must(t, k.Set(t.Context(), pageName(0), "{}"))
	if _, err := Open(t.Context(), k); !errors.Is(err, ErrFailed) {
		t.Errorf("index: got %v, want ErrFailed", err)
	}
}

func TestStoreKeepsItsOwnBytes(t *testing.T) {
	k := &Memory{}
	s := open(t, k)
	p, r, id := samplePhone(1), sampleRegistration(1, samplePhone(1).ID), sampleIdentity()
	must(t, s.SetIdentity(t.Context(), id))
	must(t, s.AddPhone(t.Context(), p))
	must(t, s.Add(t.Context(), r))
	p.Secret[0], p.DeviceKey[0], p.Platform.ID[0], id.CertificatePEM[0] = 'x', 'x', 'x', 'x'
	r.Credential[0], r.PublicKey[0], r.User.ID[0] = 'x', 'x', 'x'
	sameAfterRestart(t, s, k)
}

func TestTimesAreAsAfterRestart(t *testing.T) {
	k := &Memory{}
	s := open(t, k)
	p := samplePhone(1)
	p.Paired = time.Now().In(time.FixedZone("", 3600))
	must(t, s.AddPhone(t.Context(), p))
	if got, want := s.Phones()[0].Paired, open(t, k).Phones()[0].Paired; got != want {
		t.Errorf("in memory %v, after a restart %v", got, want)
	}
}

func TestWriteWaitsNoLongerThanItsContext(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	k := &Memory{}
	s := open(t, k)
	k.Before = func(Access, string) error { close(entered); <-release; return nil }
	var wg sync.WaitGroup
	wg.Go(func() { must(t, s.SetIdentity(t.Context(), sampleIdentity())) })
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.AddPhone(ctx, samplePhone(1)); !errors.Is(err, ErrFailed) {
		t.Errorf("got %v, want ErrFailed", err)
	}
	if len(s.Phones()) != 0 { // reads don't wait
		t.Error("a phone was added")
	}
	close(release)
	wg.Wait()
}

func TestConcurrentUse(t *testing.T) {
	for name, k := range memories() {
		s := open(t, k)
		must(t, s.AddPhone(t.Context(), samplePhone(1)))
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				for n := range 20 {
					r := sampleRegistration(g*100+n, samplePhone(1).ID)
					if err := s.Add(t.Context(), r); err != nil {
						t.Error(err)
					}
					s.ByRPID(r.RPID)
					if err := s.RenamePhone(t.Context(), samplePhone(1).ID, fmt.Sprint(g, n)); err != nil {
						t.Error(err)
					}
					if n%2 == 0 {
						if err := s.Remove(t.Context(), r.Credential); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		if n := len(s.Registrations()); n != 80 {
			t.Errorf("%s: %d registrations, want 80", name, n)
		}
		sameAfterRestart(t, s, k)
	}
}
