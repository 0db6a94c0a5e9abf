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
	for _, c := range []struct {
		address string
		limited bool
	}{{"192.0.2.1", true}, {"::ffff:192.0.2.2", true}, {"2001:db8::1", true}, {"127.0.0.1", false}, {"::1", false}, {"", false}} {
		a, _ := netip.ParseAddr(c.address)
		for range lookupsPerMinute {
			if !l.allow(a) {
				t.Fatalf("%s is refused too early", c.address)
			}
		}
		if l.allow(a) == c.limited {
			t.Errorf("%s: limited is %v", c.address, !c.limited)
		}
	}
	if l.allow(netip.MustParseAddr("2001:db8::2")) {
		t.Error("a neighbour in the same /64 begins anew")
	}
	clock = clock.Add(lookupWindow)
	if !l.allow(netip.MustParseAddr("192.0.2.1")) {
		t.Error("the window did not end")
	}
}

func TestLookupTableIsBounded(t *testing.T) {
	clock := now
	l := newLookups(func() time.Time { return clock })
	allowed := 0
	for i := range 2 * lookupAddresses {
		if l.allow(netip.MustParseAddr(fmt.Sprintf("2001:db8:0:%x::1", i))) {
			allowed++
		}
	}
	if allowed != lookupAddresses || len(l.seen) != lookupAddresses {
		t.Errorf("%d allowed, %d kept", allowed, len(l.seen))
	}
	if !l.allow(netip.MustParseAddr("2001:db8:0:0::1")) {
		t.Error("an address that was there first is refused")
	}
	clock = clock.Add(lookupWindow)
	if !l.allow(netip.MustParseAddr("192.0.2.1")) || len(l.seen) != 1 {
		t.Errorf("old windows are kept: %d", len(l.seen))
	}
}
