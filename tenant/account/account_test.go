package account

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
	"tallykey/tenant/store/storetest"
)

var ctx = context.Background()

func TestParseUPN(t *testing.T) {
	for typed, want := range map[string]UPN{
		" Alice@Contoso.Example\n":            "alice@contoso.example",
		"o'neil-x_1!#^~.b@a-b.c":              "o'neil-x_1!#^~.b@a-b.c",
		"a@b":                                 "a@b",
		strings.Repeat("a", 64) + "@b.c":      UPN(strings.Repeat("a", 64) + "@b.c"),
		"alice":                               "",
		"@b.c":                                "",
		"a@":                                  "",
		"a@b@c":                               "",
		".a@b.c":                              "",
		"a.@b.c":                              "",
		"a..b@b.c":                            "",
		"a@b..c":                              "",
		"a@-b.c":                              "",
		"a@b-.c":                              "",
		"a+b@c.d":                             "",
		"a b@c.d":                             "",
		"аlice@contoso.example":               "", // Cyrillic а
		"alice@contoso.example\x00":           "",
		strings.Repeat("a", 65) + "@b.c":      "",
		"a@" + strings.Repeat("b", 64) + ".c": "",
		"a@" + strings.Repeat("b.", 96) + "c": "",
	} {
		got, err := ParseUPN(typed)
		if got != want || (want == "") != (err != nil) {
			t.Errorf("%q: got %q, %v", typed, got, err)
		}
		if err == nil {
			continue
		}
		if code, detail := outcome.CodeOf(err); code != outcome.UPNInvalid || len(typed) > 3 && strings.Contains(detail, typed) {
			t.Errorf("%q: %s %q", typed, code, detail)
		}
	}
}

func FuzzParseUPN(f *testing.F) {
	f.Add("alice@contoso.example")
	f.Add("A.b'c@D-e.F ")
	f.Fuzz(func(t *testing.T, typed string) {
		u, err := ParseUPN(typed)
		if err != nil {
			return
		}
		if again, err := ParseUPN(string(u)); err != nil || again != u || len(u) > 255 || strings.ContainsAny(string(u), " \"<>&\x00\n") {
			t.Errorf("%q became %q", typed, u)
		}
	})
}

// cheap makes tests quick; the format is the same.
var cheap = Cost{Memory: 8, Passes: 1, Lanes: 1}

func TestHasher(t *testing.T) {
	h := NewHasher(cheap)
	phc, err := h.Hash(ctx, "correct horse")
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Fatal(phc, err)
	}
	if other, _ := h.Hash(ctx, "correct horse"); other == phc {
		t.Error("two hashes have the same salt")
	}
	for password, want := range map[string]bool{"correct horse": true, "correct horse ": false, "": false} {
		if ok, err := h.Verify(ctx, phc, password); ok != want || err != nil {
			t.Errorf("%q: %v %v", password, ok, err)
		}
	}
	if h.Outdated(phc) || !NewHasher(DefaultCost).Outdated(phc) {
		t.Error("Outdated")
	}
	for _, bad := range []string{"", "$2y$10$abc", strings.Replace(phc, "m=8", "m=99999999", 1), strings.Replace(phc, "p=1", "p=0", 1), phc[:len(phc)-3], phc + "$"} {
		if ok, err := h.Verify(ctx, bad, "correct horse"); ok || err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	if ok, err := h.Verify(done, phc, "correct horse"); ok || !errors.Is(err, context.Canceled) {
		t.Error("a request that went away was answered", ok, err)
	}
}

// A vector of the reference implementation's own tests (phc-winner-argon2, test.c).
func TestHasherAgainstReference(t *testing.T) {
	const phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := NewHasher(cheap).Verify(ctx, phc, "password"); !ok || err != nil {
		t.Error(ok, err)
	}
}

type bench struct {
	*Directory
	clock time.Time
}

func newBench(t testing.TB) *bench {
	t.Helper()
	s := storetest.New(t)
	b := &bench{clock: time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)}
	var err error
	b.Directory, err = NewDirectory(ctx, s, NewHasher(cheap), func() time.Time { return b.clock })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Create(ctx, "alice@contoso.example", "Alice", "right"); err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	loopback = netip.MustParseAddr("127.0.0.1")
	outside  = netip.MustParseAddr("192.0.2.1")
)

// try gives the code of one check, or "" where the password was right.
func (b *bench) try(t testing.TB, upn UPN, password string, from netip.Addr) outcome.Code {
	t.Helper()
	u, err := b.CheckPassword(ctx, upn, password, from)
	if err == nil {
		if u.UPN != string(upn) {
			t.Errorf("the password of %s is %q’s", upn, u.UPN)
		}
		return ""
	}
	if u.ID != "" && password == "right" {
		t.Errorf("a refused password gave the user: %v", err)
	}
	code, _ := outcome.CodeOf(err)
	return code
}

func (b *bench) expect(t testing.TB, want outcome.Code, upn UPN, password string, from netip.Addr) {
	t.Helper()
	if got := b.try(t, upn, password, from); got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// The story of a locked account; one that does not exist tells the same to whoever is outside.
func TestAccountLocks(t *testing.T) {
	for upn, wrong := range map[UPN]outcome.Code{"alice@contoso.example": outcome.PasswordWrong, "nobody@contoso.example": outcome.UPNUnknown} {
		b := newBench(t)
		for range 5 {
			b.expect(t, wrong, upn, "wrong", loopback)
		}
		b.expect(t, outcome.AccountLocked, upn, "right", loopback)
		b.clock = b.clock.Add(time.Minute)
		b.expect(t, wrong, upn, "wrong", loopback) // and locked for two minutes
		b.clock = b.clock.Add(time.Minute)
		b.expect(t, outcome.AccountLocked, upn, "wrong", loopback)
		b.clock = b.clock.Add(time.Minute)
		if upn == "nobody@contoso.example" {
			continue
		}
		b.expect(t, "", upn, "right", loopback)
		for range 4 {
			b.expect(t, wrong, upn, "wrong", loopback)
		}
		b.expect(t, "", upn, "right", loopback)
	}
}

func TestLockGrowsToItsLimit(t *testing.T) {
	for doublings, want := range map[int]time.Duration{0: time.Minute, 1: 2 * time.Minute, 3: 8 * time.Minute, 4: 15 * time.Minute, 1 << 30: 15 * time.Minute} {
		if got := perAccount.length(doublings); got != want {
			t.Errorf("%d: %s", doublings, got)
		}
	}
}

func TestFailuresAreForgotten(t *testing.T) {
	b := newBench(t)
	for range 20 {
		b.expect(t, outcome.PasswordWrong, "alice@contoso.example", "wrong", loopback)
		b.clock = b.clock.Add(time.Hour + time.Second)
	}
}

// Guesses at the same time count one by one.
func TestGuessesAtOnce(t *testing.T) {
	b := newBench(t)
	codes := make(chan outcome.Code, 20)
	var all sync.WaitGroup
	for range cap(codes) {
		all.Go(func() { codes <- b.try(t, "alice@contoso.example", "wrong", loopback) })
	}
	all.Wait()
	close(codes)
	checked := 0
	for c := range codes {
		if c == outcome.PasswordWrong {
			checked++
		}
	}
	if checked != perAccount.failures {
		t.Errorf("%d guesses were compared", checked)
	}
}

func TestAddressLocks(t *testing.T) {
	b := newBench(t)
	for i := range 30 {
		if i%10 == 9 { // signing in to an account of one's own clears nothing
			b.expect(t, "", "alice@contoso.example", "right", outside)
		}
		b.expect(t, outcome.UPNUnknown, UPN("guess"+string(rune('a'+i))+"@contoso.example"), "wrong", outside)
	}
	b.expect(t, outcome.AddressLocked, "alice@contoso.example", "right", outside)
	b.expect(t, "", "alice@contoso.example", "right", netip.MustParseAddr("192.0.2.2"))
	b.clock = b.clock.Add(10 * time.Minute)
	b.expect(t, "", "alice@contoso.example", "right", outside)
}

func TestAddressSubject(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1": "", "::1": "", "192.0.2.1": "address:192.0.2.1", "::ffff:192.0.2.1": "address:192.0.2.1",
		"2001:db8::1": "address:2001:db8::/64", "2001:db8::2%eth0": "address:2001:db8::/64",
	} {
		if got := addressSubject(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %q", address, got)
		}
	}
	if got := addressSubject(netip.Addr{}); got != "" {
		t.Errorf("no address: %q", got)
	}
}

func TestPasswordIsRenewedAtTodaysCost(t *testing.T) {
	b := newBench(t)
	dearer := NewHasher(Cost{Memory: 16, Passes: 1, Lanes: 1})
	b.hasher = dearer
	b.expect(t, "", "alice@contoso.example", "right", loopback)
	u, err := b.store.UserByUPN(ctx, "alice@contoso.example")
	if err != nil || dearer.Outdated(u.Password) {
		t.Fatal(u.Password, err)
	}
	b.expect(t, "", "alice@contoso.example", "right", loopback)
}

func TestCreateTwice(t *testing.T) {
	b := newBench(t)
	if _, err := b.Create(ctx, "alice@contoso.example", "Alice", "x"); !errors.Is(err, store.ErrExists) {
		t.Error(err)
	}
}

func BenchmarkVerify(b *testing.B) {
	h := NewHasher(DefaultCost)
	phc, _ := h.Hash(ctx, "right")
	for b.Loop() {
		if ok, _ := h.Verify(ctx, phc, "right"); !ok {
			b.Fatal("wrong")
		}
	}
}
