package web

import (
	"net/url"
	"regexp"
	"testing"
	"time"

	"tallykey/tenant/admin"
	"tallykey/tenant/invitation"
	"tallykey/tenant/passkey/softkey"
	"tallykey/tenant/store"
)

// Whoever knows the password alone tries to become somebody with a phone. Nothing of it may work.

// confirmByPhone confirms with a device who it is, for what path asks.
func (w *browser) confirmByPhone(key *softkey.Key, pairs ...string) view {
	w.t.Helper()
	page := w.post("/security/confirm/phone", pairs...).is(200).has("The number is on your desktop")
	return w.post("/security/phone", append(pairs, "kind", "confirm", "request", page.request(), "credential", w.assert(key, page))...)
}

// invite makes a one-time pass for an account, by a user or by the command line.
func (b *bench) invite(t testing.TB, upn, by string) string {
	t.Helper()
	u, err := b.Store.UserByUPN(t.Context(), upn)
	if err != nil {
		t.Fatal(err)
	}
	i, pass := invitation.New(u.ID, by, b.clock, 7*24*time.Hour)
	if err := b.Store.Invite(t.Context(), i, store.Change{Time: b.clock, Actor: by, Action: "user.invite", Target: upn}); err != nil {
		t.Fatal(err)
	}
	return pass
}

// The password reaches no admin page by way of a key that it registered itself.
func TestPasswordAddsNoDeviceBesideAnother(t *testing.T) {
	b := newBench(t)
	owner, thief := b.browser(t), b.browser(t)
	owner.byPassword(alice)
	key := owner.enable("P")
	b.role(t, alice, admin.Administrator)

	thief.byPassword(alice)
	thief.get("/security/confirm").is(200).has("Confirm with your phone", "Lost your phone?").lacks(`name="password"`)
	page := thief.post("/security/confirm", "password", password).is(200).has("The number is on your desktop")
	b.lastIs(t, "confirm", "second_factor_needed", alice)
	if got := thief.get("/security/enable"); got.path != "/security/confirm" {
		t.Fatalf("the password alone came to %s", got.path)
	}
	thief.post("/security/phone", "kind", "confirm", "request", page.request(), "failure", "NotAllowedError", "waited", "10").code("not_completed")
	if got := thief.get("/security/enable"); got.path != "/security/confirm" {
		t.Fatalf("a phone that said no came to %s", got.path)
	}

	owner.confirmByPhone(key).is(200).has("Register your phone")
	owner.enable("Q")
}

// A confirmation by password that is minutes old adds nothing once there is a device: it has to be asked.
func TestOldConfirmationByPasswordEndsWithTheFirstDevice(t *testing.T) {
	b := newBench(t)
	owner, thief := b.browser(t), b.browser(t)
	thief.byPassword(alice)
	page := thief.enabling()
	owner.byPassword(alice)
	owner.enable("P")
	thief.post("/security/enable", "request", page.request(), "credential", thief.create(softkey.New(origin), page)).is(403).code("confirmation_needed")
	b.lastIs(t, "register", "confirmation_needed", alice)
}

// Nor does it take a phone's place by removing it first. Where the owner's device vouched for who removes, it does.
func TestPasswordTakesNoPhonesPlace(t *testing.T) {
	b := newBench(t)
	owner, thief := b.browser(t), b.browser(t)
	owner.byPassword(alice)
	owner.enable("P")
	thief.byPassword(alice)
	thief.get("/security/remove?id=" + removeLink(t, thief.get("/security"))).has("only an invitation from an admin")
	thief.post("/security/remove", "id", removeLink(t, thief.get("/security"))).is(200).has("Phone sign-in is off")
	thief.get("/security/enable").is(403).code("invitation_needed")
	b.lastIs(t, "register", "invitation_needed", alice)
	thief.post("/security/confirm", "password", password).is(403).code("invitation_needed")

	owner.post("/invite", "pass", b.invite(t, alice, "cli")).is(200).has("Register your phone")
	key := softkey.New(origin)
	page := owner.get("/security/enable")
	page = owner.post("/security/enable", "request", page.request(), "name", "P", "credential", owner.create(key, page))
	owner.answer(page, owner.assert(key, page)).has("Signed in as " + alice)
	owner.post("/security/remove", "id", removeLink(t, owner.get("/security"))).is(200).has("Phone sign-in is off")
	owner.enable("Q")
}

// An account with a role gets even its first device by an invitation.
func TestPasswordAddsNoDeviceToAnAdmin(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	page := w.enabling()
	b.role(t, alice, admin.Helpdesk)
	w.post("/security/enable", "request", page.request(), "credential", w.create(softkey.New(origin), page)).is(403).code("invitation_needed")
	w.get("/security/enable").is(403).code("invitation_needed")
	w.post("/invite", "pass", b.invite(t, alice, "cli")).is(200).has("Register your phone")
}

// A helpdesk's invitation is no way into an account that gets a role later, and counts no more than its maker.
func TestInvitationOfAHelpdesk(t *testing.T) {
	for name, c := range map[string]struct {
		then func(*bench, string) string
		code string
	}{
		"nothing":                  {func(_ *bench, pass string) string { return pass }, ""},
		"a role later":             {func(b *bench, pass string) string { b.role(t, bob, admin.Administrator); return pass }, "invitation_unknown"},
		"a role at the same time":  {func(b *bench, _ string) string { b.role(t, bob, admin.Administrator); return b.invite(t, bob, alice) }, "invitation_withdrawn"},
		"the helpdesk left":        {func(b *bench, pass string) string { b.role(t, alice, admin.NoRole); return pass }, "invitation_withdrawn"},
		"the helpdesk is disabled": {func(b *bench, pass string) string { b.disable(t, alice, b.clock); return pass }, "invitation_withdrawn"},
		"disabled and back": {func(b *bench, pass string) string {
			b.disable(t, bob, b.clock)
			b.disable(t, bob, time.Time{})
			return pass
		}, "invitation_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.role(t, alice, admin.Helpdesk)
			pass := c.then(b, b.invite(t, bob, alice))
			w := b.browser(t)
			page := w.post("/invite", "pass", pass)
			if c.code == "" {
				page.is(200).has("Register your phone")
				b.role(t, bob, admin.Reader) // an invitation that is being used ends too
			} else {
				page.is(403).code(c.code)
				b.lastIs(t, "invitation", c.code, b.last(t).UPN)
			}
			if got := w.get("/security/enable"); got.path != "/signin" {
				t.Errorf("the pass opened %s", got.path)
			}
		})
	}
}

func (b *bench) disable(t testing.TB, upn string, at time.Time) {
	t.Helper()
	u, err := b.Store.UserByUPN(t.Context(), upn)
	if err == nil {
		err = b.Store.DisableUser(t.Context(), u, at, store.Change{Time: b.clock})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// An invitation opens nothing but a registration, also for somebody who has a phone; then the new device signs in.
func TestInvitationOnlyRegisters(t *testing.T) {
	b := newBench(t)
	b.rule(t, false, "phone=required")
	w := b.browser(t)
	w.post("/password", "username", alice, "password", password).is(200)
	w.enable("P")
	b.clock = b.clock.Add(time.Minute)
	guest := b.browser(t)
	guest.post("/invite", "pass", b.invite(t, alice, "cli")).is(200).has("Register your phone")
	for _, path := range []string{"/", "/sessions", "/activity", "/security/remove?id=AA", "/security/confirm", "/admin/", "/authorize/consent"} {
		if got := guest.get(path); got.path != "/security" {
			t.Errorf("an invitation opened %s as %s", path, got.path)
		}
	}
	for _, path := range []string{"/security/remove", "/security/confirm", "/security/confirm/phone", "/activity/report", "/sessions/end"} {
		if got := guest.post(path, "id", "AA", "password", password); got.path != "/security" {
			t.Errorf("an invitation sent %s to %s", path, got.path)
		}
	}
	guest.get("/security").has("P").lacks(`class="b mini remove"`)

	key, page := softkey.New(origin), guest.get("/security/enable")
	page = guest.post("/security/enable", "request", page.request(), "name", "Q", "credential", guest.create(key, page)).is(200).has("The number is on your desktop")
	if got := guest.get("/"); got.path != "/security" {
		t.Errorf("registered, but not signed in: %s", got.path)
	}
	guest.get("/security").has("Sign in with it to go on", `href="/signin"`)
	if got := guest.get("/security/enable"); got.path != "/security" {
		t.Errorf("a second device by one invitation at %s", got.path)
	}
	guest.get("/signin").has(`name="username"`)
	guest.answer(page, guest.assert(key, page)).has("Signed in as " + alice)
	guest.get("/security").has("Phone sign-in enabled")
}

// Who stole the password and reports the owner's sign-ins is signed out by that, and leaves the owner's phone the way back.
func TestThiefReportsTheOwner(t *testing.T) {
	b := newBench(t)
	b.rule(t, false, "reports=block")
	owner, thief := b.browser(t), b.browser(t)
	owner.byPassword(alice)
	key := owner.enable("P")
	b.clock = b.clock.Add(time.Hour)
	thief.byPassword(alice)
	thief.post("/activity/report", "request", b.last(t).Request).code("not_me")
	for _, path := range []string{"/", "/security", "/sessions"} {
		if got := thief.get(path); got.path != "/signin" {
			t.Errorf("the thief's session opens %s", got.path)
		}
	}
	thief.post("/password", "username", alice, "password", password).is(403).code("account_at_risk")
	page := owner.waiting(alice)
	owner.answer(page, owner.assert(key, page)).has("Signed in as " + alice)
}

// Who reports with a device at hand blocks devices too, also one that a thief registered, until an admin has looked.
func TestReportWithADeviceBlocksAll(t *testing.T) {
	b := newBench(t)
	b.rule(t, false, "reports=block")
	owner := b.browser(t)
	owner.byPassword(alice)
	key := owner.enable("P")
	page := owner.waiting(alice)
	owner.answer(page, owner.assert(key, page)).has("Signed in as " + alice)
	owner.post("/activity/report", "request", b.last(t).Request).code("not_me")
	if got := owner.get("/"); got.path != "/signin" {
		t.Errorf("a blocked account opens %s", got.path)
	}
	page = owner.waiting(alice)
	owner.answer(page, owner.assert(key, page)).is(403).code("account_at_risk")
	b.lastIs(t, "phone", "account_at_risk", alice)
	u, _ := b.Store.UserByUPN(t.Context(), alice)
	if err := b.office.Dismiss(t.Context(), u, "cli"); err != nil {
		t.Fatal(err)
	}
	page = owner.waiting(alice)
	owner.answer(page, owner.assert(key, page)).has("Signed in as " + alice)
}

// A block that policy brings after the report counts for what is open: sessions, and the tokens of apps.
func TestBlockEndsWhatIsOpen(t *testing.T) {
	b, a, w := atApp(t, store.App{ID: "mail"}, "s3cret")
	w.byPassword(alice)
	u, _ := b.Store.UserByUPN(t.Context(), alice)
	if err := b.Store.Report(t.Context(), u.ID, nil, false, store.Entry{Time: b.clock, Code: "not_me", UserID: u.ID}); err != nil {
		t.Fatal(err)
	}
	w.byPassword(alice)
	code, token := a.code(w.get(a.path())), a.tokens(a.code(w.get(a.path())))
	b.rule(t, false, "reports=block")
	if got := w.get("/"); got.path != "/signin" {
		t.Errorf("the session opens %s", got.path)
	}
	if _, err := a.exchange(code); refusal(err) != "invalid_grant" {
		t.Errorf("the code: %v", err)
	}
	if _, err := a.refresh(token.RefreshToken); refusal(err) != "invalid_grant" {
		t.Errorf("the refresh token: %v", err)
	}
	if _, err := a.userinfo(token); err == nil {
		t.Error("the access token lives")
	}
}

// A stranger's flood of nonsense leaves few lines, wherever it is sent.
func TestFloodsLeaveFewLines(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	for range 200 {
		w.post("/password", "username", "nonsense", "password", "x").is(422).code("upn_invalid")
		w.get("/authorize?client_id=nobody").is(400).code("app_request_invalid")
		w.get("/end_session?id_token_hint=x.y.z").is(400).code("app_request_invalid")
		w.post("/oauth/token", "grant_type", "refresh_token", "client_id", "nobody", "refresh_token", "x").is(401)
	}
	log, err := b.Store.Entries(t.Context(), 1000)
	if err != nil || len(log) > 30 {
		t.Error(len(log), err)
	}
	if n := len(b.rows(t, "upn_invalid")); n != 3 { // the first, the tenth, the hundredth
		t.Errorf("%d lines of the password page", n)
	}
}

// rows are the lines of the log with a code.
func (b *bench) rows(t testing.TB, code string) []store.Entry {
	t.Helper()
	list, err := b.Store.Find(t.Context(), store.Filter{Code: code}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// What an app is told without a page, and a sign-out by an app, have their lines.
func TestAppEndingsAreLogged(t *testing.T) {
	b, a, w := atApp(t, store.App{ID: "mail"}, "s3cret")
	if got := w.get(a.path("prompt", "none")).at(a).Get("error"); got != "login_required" {
		t.Error(got)
	}
	if e := b.lastIs(t, "app", "app_signin_required", ""); e.App != "mail" {
		t.Errorf("%+v", e)
	}
	w.byPassword(alice)
	token := a.tokens(a.code(w.get(a.path())))
	w.get("/end_session?" + url.Values{"id_token_hint": {token.Extra("id_token").(string)}}.Encode())
	if e := b.lastIs(t, "password", "signed_out", alice); e.App != "mail" {
		t.Errorf("%+v", e)
	}
	w.get("/end_session?" + url.Values{"id_token_hint": {token.Extra("id_token").(string)}}.Encode())
	if n := len(b.rows(t, "signed_out")); n != 1 {
		t.Errorf("%d sign-outs", n)
	}
}

// A renewal that was never used makes room for the next: where one device is allowed, renewing adds no further ones.
func TestRenewalsDoNotAddUp(t *testing.T) {
	b := newBench(t)
	b.rule(t, false, "devices=one")
	w := b.browser(t)
	w.byPassword(alice)
	old := w.enable("P")
	u, _ := b.Store.UserByUPN(t.Context(), alice)
	var page view
	var key *softkey.Key
	for range 5 {
		for _, path := range renewLinks.FindAllString(w.get("/security").body, -1) { // of the old one, and of a renewal that waits
			key = softkey.New(origin)
			page = w.register(path, key).has("Sign in once with the renewed registration")
		}
	}
	if has, err := b.Store.Registrations(t.Context(), u.ID); err != nil || len(has) != 2 {
		t.Fatal(len(has), err)
	}
	if len(b.rows(t, "registration_removed")) == 0 {
		t.Error("a renewal went without a line")
	}
	b.browser(t).byPhone(old).has("Signed in as " + alice)
	w.answer(page, w.assert(key, page)).has("Phone sign-in enabled")
	if has, err := b.Store.Registrations(t.Context(), u.ID); err != nil || len(has) != 1 || has[0].Renews != nil {
		t.Error(has, err)
	}
}

var renewLinks = regexp.MustCompile(`/security/enable\?renew=[^"]+`)
