package web

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tallykey/tenant/signin"
)

func TestPasswordSignIn(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	if got := w.get("/"); got.path != "/signin" {
		t.Errorf("a stranger came to %s", got.path)
	}
	w.post("/signin", "username", " Alice@Contoso.Example ").is(200).has("Sign in with your password", alice)
	w.post("/password", "username", alice, "password", "wrong").is(403).code("password_wrong").has(alice)
	e := b.lastIs(t, "password", "password_wrong", alice)
	if e.UserID == "" {
		t.Error("the log does not know the user")
	}
	w.byPassword(alice).has(`data-method="password"`)
	b.lastIs(t, "password", "password_right", alice)
	if got := w.get("/signin"); got.path != "/" {
		t.Errorf("signed in, and asked to at %s", got.path)
	}
	if got := w.post("/signout"); got.path != "/signin" {
		t.Errorf("signed out, and at %s", got.path)
	}
	w.get("/").lacks("Signed in as")
}

func TestLockOut(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	for range 5 {
		w.post("/password", "username", alice, "password", "wrong").code("password_wrong")
	}
	w.post("/password", "username", alice, "password", password).is(429).code("account_locked")
	b.lastIs(t, "password", "account_locked", alice)
	page := w.waiting(alice) // the phone still signs in
	w.answer(page, w.assert(key, page)).has("Signed in as")
	w.post("/signout")
	b.clock = b.clock.Add(time.Minute)
	w.byPassword(alice)
}

func TestAddressLockOut(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	for i := range 30 {
		w.post("/password", "username", strings.Repeat("x", i+1)+"@contoso.example", "password", "wrong").code("password_wrong")
	}
	w.post("/password", "username", alice, "password", password).is(429).code("address_locked")
	w.address = "192.0.2.8:1234"
	w.byPassword(alice)
}

// Where names are shown, an address that asks for many UPNs gets the password page for all of them. Who signed in from there before goes on.
func TestLookupsAreLimited(t *testing.T) {
	b := newBench(t, func(c *Config) { c.ShowAccounts = true })
	w, stranger := b.browser(t), b.browser(t)
	w.byPassword(alice)
	w.enable("P")
	there := signin.Asker{Address: netip.MustParseAddr("192.0.2.7")}
	for range 119 { // what the pages do, without the pages
		if _, err := b.flow.Begin(t.Context(), "nobody@contoso.example", there); !errors.Is(err, signin.ErrNoPhone) {
			t.Fatal(err)
		}
		if err := b.flow.Allow(there); err != nil {
			t.Fatal(err)
		}
	}
	stranger.waiting(alice)
	stranger.post("/signin", "username", alice).has("Enter your password")
	stranger.post("/signin/any").has("The number is on your desktop")
	stranger.post("/signin/any").is(429).code("address_busy")
	for range 30 {
		w.waiting(alice)
		w.post("/signin/any").has("The number is on your desktop")
	}
	w.post("/signin", "username", alice).has("Enter your password")
	w.post("/signin/any").is(429).code("address_busy")
	stranger.address = "192.0.2.8:1234"
	stranger.waiting(alice)
	stranger.address = "192.0.2.7:1234"
	b.clock = b.clock.Add(time.Minute)
	stranger.waiting(alice)
}

func TestBadUPN(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	for _, typed := range []string{"", "alice", "my secret password", `"><script>@x.y`, strings.Repeat("a", 300) + "@x.y"} {
		w.post("/signin", "username", typed).is(422).code("upn_invalid").lacks("<script>@")
		v := w.post("/password", "username", typed, "password", password).is(422).code("upn_invalid")
		if typed != "" {
			v.lacks(typed)
			if e := b.last(t); e.Code != "upn_invalid" || strings.Contains(e.Detail+e.UPN, typed) {
				t.Errorf("%+v", e) // people type passwords into the wrong field
			}
		}
	}
}

func TestLongPassword(t *testing.T) {
	b := newBench(t)
	b.browser(t).post("/password", "username", alice, "password", strings.Repeat("x", 257)).is(403).code("password_wrong")
}

func TestAddressHeader(t *testing.T) {
	const name = "X-Forwarded-For"
	for _, c := range []struct{ configured, peer, header, want string }{
		{"", "192.0.2.7:1", "198.51.100.1", "192.0.2.7"},
		{name, "192.0.2.7:1", "198.51.100.1", "192.0.2.7"}, // not from the proxy
		{name, "127.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{name, "127.0.0.1:1", "203.0.113.9, 198.51.100.1", "198.51.100.1"}, // the first is the browser's own claim
		{name, "[::1]:1", "nonsense", "::1"},
		{name, "127.0.0.1:1", "", "127.0.0.1"},
	} {
		b := newBench(t, func(cfg *Config) { cfg.AddressHeader = c.configured })
		w := b.browser(t)
		w.address = c.peer
		if c.header != "" {
			w.header.Set(name, c.header)
		}
		w.post("/password", "username", alice, "password", "wrong")
		if got := b.last(t).Address; got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
