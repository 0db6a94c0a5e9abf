package signin

import (
	"fmt"
	"net/netip"
	"regexp"
	"testing"
	"time"

	"tallykey/tenant/store"
)

var now = time.Date(2026, 11, 23, 14, 3, 12, 0, time.UTC)

func TestStateOf(t *testing.T) {
	a := store.Attempt{Created: now, Expires: now.Add(ChallengeLife)}
	for after, want := range map[time.Duration]State{
		0: Waiting, 59999 * time.Millisecond: Waiting, time.Minute: Late, 119999 * time.Millisecond: Late, 2 * time.Minute: Expired, time.Hour: Expired,
	} {
		if got := StateOf(a, now.Add(after)); got != want {
			t.Errorf("after %s: %s", after, got)
		}
	}
}

func TestNewRequest(t *testing.T) {
	shape, seen := regexp.MustCompile(`^[0-9a-f]{4}(-[0-9a-f]{4}){3}$`), map[string]bool{}
	for range 1000 {
		id := NewRequest()
		if !shape.MatchString(id) || seen[id] {
			t.Fatal(id)
		}
		seen[id] = true
	}
}

func TestLookupsPerAddress(t *testing.T) {
	clock := now
	l := newLookups(func() time.Time { return clock })
	from := func(address string) Asker { a, _ := netip.ParseAddr(address); return Asker{Address: a} }
	for _, c := range []struct {
		address string
		limited bool
	}{{"192.0.2.1", true}, {"::ffff:192.0.2.2", true}, {"2001:db8::1", true}, {"127.0.0.1", false}, {"::1", false}, {"", false}} {
		for range lookupsAddress {
			if !l.allow(from(c.address)) {
				t.Fatalf("%s is refused too early", c.address)
			}
		}
		if l.allow(from(c.address)) == c.limited {
			t.Errorf("%s: limited is %v", c.address, !c.limited)
		}
	}
	if l.allow(from("2001:db8::2")) {
		t.Error("a neighbour in the same /64 begins anew")
	}
	proven := from("192.0.2.1")
	proven.Proven = "alice@contoso.example"
	for range lookupsProven {
		if !l.allow(proven) {
			t.Fatal("a browser that proves an account is refused for its neighbours")
		}
	}
	if proven.Address = netip.MustParseAddr("198.51.100.1"); l.allow(proven) {
		t.Error("a proof is good for any number of requests")
	}
	clock = clock.Add(lookupWindow)
	if !l.allow(from("192.0.2.1")) {
		t.Error("the window did not end")
	}
}

// Who fills the table from one network keeps nobody out, and gets little more than the network's limit.
func TestLookupTableIsBounded(t *testing.T) {
	clock := now
	l := newLookups(func() time.Time { return clock })
	allowed := 0
	for i := range 4 * lookupSubjects {
		if l.allow(Asker{Address: netip.MustParseAddr(fmt.Sprintf("2001:db8:0:%x::1", i))}) {
			allowed++
		}
	}
	if allowed != lookupSubjects+lookupsNetwork || len(l.seen) > lookupSubjects || len(l.order) != len(l.seen) {
		t.Errorf("%d allowed, %d kept, %d in order", allowed, len(l.seen), len(l.order))
	}
	for i := range 2 * lookupSubjects {
		a := netip.AddrFrom4([4]byte{198, byte(i >> 8), byte(i), 7})
		if !l.allow(Asker{Address: a}) {
			t.Fatalf("%s is refused because the table is full", a)
		}
	}
	if len(l.seen) > lookupSubjects || len(l.order) != len(l.seen) {
		t.Errorf("%d kept, %d in order", len(l.seen), len(l.order))
	}
	clock = clock.Add(lookupWindow)
	if !l.allow(Asker{Address: netip.MustParseAddr("192.0.2.1")}) || len(l.seen) != 1 {
		t.Errorf("old windows are kept: %d", len(l.seen))
	}
}
