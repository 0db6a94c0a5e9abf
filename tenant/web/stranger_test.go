package web

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/tenant/account"
)

// What a page shows of the address that was typed, and of the request, is left out; the rest must be the same.
func normal(v view, upn string) string {
	v.body = strings.ReplaceAll(v.body, upn, "UPN")
	return regexp.MustCompile(`[0-9a-f]{4}(-[0-9a-f]{4}){3}`).ReplaceAllString(v.body, "ID")
}

// Nothing tells a stranger whether an account exists or has a phone: not the pages, not the codes, not the lock.
func TestAccountsLookTheSame(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	w.enable("P")
	const nobody = "nobody@contoso.example"
	want := b.browser(t).probe(nobody)
	for _, upn := range []string{alice, bob} {
		if d := cmp.Diff(want, b.browser(t).probe(upn)); d != "" {
			t.Errorf("%s differs: %s", upn, d)
		}
	}
	last := b.browser(t).post("/password", "username", nobody, "password", "wrong")
	last.is(429).code("account_locked")
	b.clock = b.clock.Add(time.Hour)
	last = b.browser(t).post("/password", "username", nobody, "password", "wrong")
	last.code("password_wrong").lacks("upn_unknown")
	b.lastIs(t, "password", "upn_unknown", nobody)
}

// probe is all that a stranger gets to see who tries one account until it is locked.
func (w *browser) probe(upn string) (seen []string) {
	seen = append(seen, normal(w.post("/signin", "username", upn).is(200).has("Sign in with your phone"), upn))
	for range 8 {
		v := w.post("/password", "username", upn, "password", "wrong")
		seen = append(seen, fmt.Sprint(v.status, v.path, slices.Sorted(maps.Keys(v.header))), normal(v, upn))
	}
	return seen
}

// A browser that is new to an account offers the phone without a name; one that it signed in from asks the phone at once.
func TestPhoneInNewBrowser(t *testing.T) {
	b := newBench(t)
	first, other := b.browser(t), b.browser(t)
	first.byPassword(alice)
	key := first.enable("P")
	other.post("/signin", "username", alice, "keep", "1").has("How do you want to sign in?", `action="/signin/any"`, `name="keep" value="1"`)
	other.byPhone(key).has("Signed in as " + alice)
	other.post("/signout")
	other.waiting(alice)
	other.post("/signin/forget", "forget", alice)
	other.post("/signin", "username", alice).has("How do you want to sign in?")
	first.waiting(alice)
}

// Where names are no secret, every browser asks the phone at once.
func TestShownAccounts(t *testing.T) {
	b := newBench(t, func(c *Config) { c.ShowAccounts = true })
	w := b.browser(t)
	w.byPassword(alice)
	w.enable("P")
	b.browser(t).waiting(alice)
	b.browser(t).post("/signin", "username", bob).has("Enter your password")
}

// What a stranger could read from a watch: how long a wrong password takes at an account that doesn't exist, one without a
// phone and one with one, at the real cost of a password. The three take turns; the medians should be alike.
func BenchmarkStranger(t *testing.B) {
	b := newBench(t, func(c *Config) { c.Hasher = account.NewHasher(account.DefaultCost) })
	w := b.browser(t)
	w.byPassword(alice)
	w.enable("P")
	stranger := b.browser(t)
	took := map[string][]time.Duration{}
	for i := 0; t.Loop(); i++ {
		upn := []string{"nobody@contoso.example", bob, alice}[i%3]
		b.clock = b.clock.Add(time.Hour) // past every lock
		began := time.Now()
		stranger.post("/signin", "username", upn)
		stranger.post("/password", "username", upn, "password", "wrong").code("password_wrong")
		took[upn] = append(took[upn], time.Since(began))
	}
	for upn, all := range took {
		slices.Sort(all)
		t.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, fmt.Sprintf("ms/%.5s", upn))
	}
}
