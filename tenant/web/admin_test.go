package web

import (
	"context"
	"regexp"
	"testing"
	"time"

	"tallykey/tenant/admin"
	"tallykey/tenant/store"
)

// role gives a demo user a role, as the command line does.
func (b *bench) role(t testing.TB, upn string, r admin.Role) {
	t.Helper()
	u, err := b.Store.UserByUPN(context.Background(), upn)
	if err == nil {
		err = b.Store.SetRole(context.Background(), u, string(r), store.Change{Time: b.clock, Actor: "cli", Action: "role.set", Target: upn})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// An admin comes in by phone, is asked who it is once the sign-in is old, and lands where the confirmation was asked for.
func TestAdminSignsInByPhone(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	b.role(t, alice, admin.Administrator)
	w.get("/").has(`href="/admin/"`)
	w.get("/admin/").is(403).code("admin_signin_weak")
	b.lastIs(t, "admin", "admin_signin_weak", alice)
	w.post("/signout")
	page := w.waiting(alice)
	w.answer(page, w.assert(key, page)).has("Signed in as " + alice)
	if got := w.get("/admin/").is(200).has(bob); got.path != "/admin/users" {
		t.Error(got.path)
	}
	w.get("/admin/users/new").is(200).has("New user")

	b.clock = b.clock.Add(time.Hour)
	if got := w.get("/admin/users/new").has("asked once more who you are", `name="admin" value="/admin/users/new"`); got.path != "/security/confirm" {
		t.Error(got.path)
	}
	if got := w.confirmByPhone(key, "admin", "/admin/users/new").is(200); got.path != "/admin/users/new" {
		t.Error(got.path)
	}
	w.post("/admin/users/new", "upn", "dave@contoso.example").is(200).has("dave@contoso.example", "Invite")
	w.do("POST", "/admin/users/new", nil, map[string][]string{"Origin": {"https://evil.example"}}).is(403).code("cross_site")
	if e := b.lastIs(t, methodRequest, "cross_site", alice); e.Detail != "POST /admin/" {
		t.Error(e.Detail)
	}
	if got := w.get("/admin"); got.path != "/admin/users" {
		t.Error(got.path)
	}
}

// A confirmation leads to admin pages and nowhere else.
func TestConfirmationIsNoOpenRedirect(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	for _, path := range []string{"https://evil.example/", "//evil.example/", "/admin/../signout", "/admin//evil.example", "/signout", "/admin/users?x=1", "/admin/users\n", `/admin/\evil`} {
		if got := w.post("/security/confirm", "password", password, "admin", path); got.path != "/security/enable" {
			t.Errorf("%q led to %s", path, got.path)
		}
	}
}

// Who has no role sees no way to the admin pages and nothing on them; who is signed out comes to the sign-in page.
func TestNobodyElseAdministers(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	if got := w.get("/admin/users"); got.path != "/signin" {
		t.Error(got.path)
	}
	w.byPassword(bob).lacks("/admin/")
	w.get("/admin/users").is(403).code("role_needed").lacks(alice)
	w.get("/console/console.css").is(200)
	w.get("/console/console.js").is(200)
}

// People see where they are signed in, and end what they do not want; nothing on the page opens a session.
func TestOwnSessions(t *testing.T) {
	b := newBench(t)
	here, there, third := b.browser(t), b.browser(t), b.browser(t)
	there.header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	here.byPassword(alice)
	b.clock = b.clock.Add(time.Minute)
	there.byPassword(alice)
	third.byPassword(bob)
	page := here.get("/sessions").is(200).has("This browser", "Firefox, Linux", "192.0.2.7").lacks(here.cookie("__Host-tallykey-session"))
	name := page.find(endButton)
	third.post("/sessions/end", "session", name)
	there.get("/").has("Signed in as " + alice)
	here.post("/sessions/end", "session", name).is(200).lacks("Firefox")
	b.lastIs(t, "password", "signed_out", alice)
	if got := there.get("/"); got.path != "/signin" {
		t.Error("the session goes on")
	}
	there.byPassword(alice)
	here.post("/sessions/end", "session", "").is(200).has("This browser").lacks("Firefox")
	third.get("/").has("Signed in as " + bob)
}

var endButton = regexp.MustCompile(`name="session" value="([0-9a-f]{16})"`)
