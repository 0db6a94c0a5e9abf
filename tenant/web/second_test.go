package web

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"tallykey/tenant/invitation"
	"tallykey/tenant/passkey/softkey"
	"tallykey/tenant/store"
)

// register registers a key at a page of the security pages.
func (w *browser) register(path string, key *softkey.Key) view {
	w.t.Helper()
	page := w.proving(path)
	if page.path != "/security/enable" {
		return page
	}
	return w.post("/security/enable", "request", page.request(), "name", "P", "credential", w.create(key, page))
}

func errandPairs(path string) []string {
	var out []string
	_, query, _ := strings.Cut(path, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			out = append(out, name, value)
		}
	}
	return out
}

// Approve or deny after the password: who has it keeps it until phone sign-in is enabled on that phone.
func TestApproveAfterThePassword(t *testing.T) {
	b := newBench(t)
	b.rule(t, false, "approve=optional")
	w := b.browser(t)
	w.byPassword(alice)
	key := softkey.New(origin)
	w.register("/security/enable?use=approve", key).is(200).has("Confirms after the password.", "Phone sign-in is off")
	w.post("/signout")

	w.post("/signin", "username", alice).has("Enter your password")
	page := w.post("/password", "username", alice, "password", password).is(200).has("Approve on your phone").lacks("Signed in as")
	b.lastIs(t, "password", "second_factor_needed", alice)
	w.answer(page, w.assert(key, page)).has("Signed in as "+alice, `data-method="password&#43;phone"`)
	if e := b.lastIs(t, "password+phone", "approved", alice); e.Detail != "number by approve, verified by platform" {
		t.Error(e.Detail)
	}
	any := w.post("/signin/any") // by itself it signs nobody in
	w.answer(any, w.assert(key, any)).is(403).code("phone_signin_not_enabled")

	path := regexp.MustCompile(`/security/optin\?optin=[^"]+`).FindString(w.get("/security").body)
	w.get(path).is(200)
	page = w.post("/security/confirm", append(errandPairs(path), "password", password)...).has("Approve on your phone") // the old second factor
	page = w.post("/security/phone", append(errandPairs(path), "kind", "confirm", "request", page.request(), "credential", w.assert(key, page))...)
	page.is(200).has("The number is on your desktop")
	w.post("/security/phone", "kind", "optin", "request", page.request(), "credential", w.assert(key, page)).has("Phone sign-in enabled")
	b.lastIs(t, "optin", "phone_signin_enabled", alice)
	w.post("/signout")
	page = w.waiting(alice)
	w.answer(page, w.assert(key, page)).has("Signed in as " + alice)
}

// Who knows the password can't ask the phone until its owner gives in.
func TestSecondFactorIsNotAskedForEver(t *testing.T) {
	b := newBench(t)
	b.rule(t, false, "approve=optional")
	w := b.browser(t)
	w.byPassword(alice)
	w.register("/security/enable?use=approve", softkey.New(origin))
	w.post("/signout")
	for range 5 {
		w.post("/password", "username", alice, "password", password).has("Approve on your phone")
	}
	w.post("/password", "username", alice, "password", password).is(429).code("account_locked")
}

// What policy demands of number, verification and kind of device is checked at each answer.
func TestDemands(t *testing.T) {
	for name, c := range map[string]struct {
		rule string
		set  func(*softkey.Key)
		code string
	}{
		"chosen, not typed":   {"number=type", func(k *softkey.Key) { k.Mode = "choose" }, "number_too_weak"},
		"approved, no number": {"number=choose", func(k *softkey.Key) { k.Mode = "approve" }, "number_too_weak"},
		"silent all at once":  {"number=choose", func(k *softkey.Key) { k.UV = "" }, "number_too_weak"},
		"a PIN of the app":    {"strength=platform", func(k *softkey.Key) { k.UV = "pin" }, "verification_too_weak"},
		"the password first":  {"password=required", func(*softkey.Key) {}, "password_required"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			w := b.browser(t)
			w.byPassword(alice)
			key := w.enable("P")
			page := w.post("/signin/any")
			b.rule(t, false, c.rule)
			c.set(key)
			w.answer(page, w.assert(key, page)).is(403).code(c.code)
			b.lastIs(t, "phone", c.code, alice)
		})
	}
}

// A passkey of another maker is under a setting of its own.
func TestOtherPasskeys(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := softkey.NewPasskey(origin)
	w.register("/security/enable", key).has("Other passkey")
	b.rule(t, false, "strength=platform", "number=type")
	page := w.waiting(alice)
	w.answer(page, w.assert(key, page)).has("Signed in as "+alice, `data-method="passkey"`)
	page = w.waiting(alice)
	b.rule(t, false, "passkeys=off")
	w.answer(page, w.assert(key, page)).is(403).code("passkey_not_allowed")
	w.byPassword(alice)
	w.register("/security/enable", softkey.NewPasskey(origin)).is(403).code("passkey_not_allowed")
}

// A renewed registration takes the place of the old one when it has signed in, and not before.
func TestRenew(t *testing.T) {
	b := newBench(t)
	b.rule(t, false, "devices=one")
	w := b.browser(t)
	w.byPassword(alice)
	old := w.enable("P")
	w.proving("/security/enable").is(403).code("one_registration")
	path := regexp.MustCompile(`/security/enable\?renew=[^"]+`).FindString(w.get("/security").body)
	key := softkey.New(origin)
	page := w.register(path, key).is(200).has("Sign in once with the renewed registration")
	other := b.browser(t)
	other.byPhone(old).has("Signed in as " + alice) // the old one still does
	w.answer(page, w.assert(key, page)).is(200).has("Phone sign-in enabled", "data-accepted")
	asked := other.waiting(alice)
	if _, err := old.Get(asked.options()); err == nil {
		t.Error("the old one is still asked")
	}
	u, _ := b.Store.UserByUPN(t.Context(), alice)
	if has, _ := b.Store.Registrations(t.Context(), u.ID); len(has) != 1 || has[0].Renews != nil {
		t.Errorf("%+v", has)
	}
}

// An invitation leads to the first phone without a password, once.
func TestInvitation(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	u, err := b.accounts.Create(t.Context(), "dave@contoso.example", "Dave", "")
	if err != nil {
		t.Fatal(err)
	}
	w.post("/password", "username", u.UPN, "password", "").is(403).code("password_wrong")
	i, pass := invitation.New(u.ID, "test", b.clock, time.Hour)
	if err := b.Store.Invite(t.Context(), i, store.Change{}); err != nil {
		t.Fatal(err)
	}
	w.post("/invite", "pass", "aaaaa-bbbbb-ccccc-ddddd").is(403).code("invitation_unknown")
	page := w.post("/invite", "pass", pass).is(200).has("Register your phone")
	b.lastIs(t, "invitation", "invited", u.UPN)
	if home := w.get("/"); home.path != "/security" {
		t.Errorf("without a phone, at %s", home.path)
	}
	b.browser(t).post("/invite", "pass", pass).is(403).code("invitation_used")
	key := softkey.New(origin)
	page = w.post("/security/enable", "request", page.request(), "credential", w.create(key, page))
	w.answer(page, w.assert(key, page)).has("Signed in as " + u.UPN)
	w.get("/security").has("Phone sign-in enabled")
	w.post("/signout")
	page = w.waiting(u.UPN)
	w.answer(page, w.assert(key, page)).has("Signed in as " + u.UPN)
	late, pass := invitation.New(u.ID, "test", b.clock.Add(-2*time.Hour), time.Hour)
	if err := b.Store.Invite(t.Context(), late, store.Change{}); err != nil {
		t.Fatal(err)
	}
	w.post("/invite", "pass", pass).is(403).code("invitation_expired")
}

// "Not me" ends the other sessions, and blocks the account where policy says so.
func TestNotMe(t *testing.T) {
	b := newBench(t)
	b.rule(t, false, "reports=block")
	w, thief := b.browser(t), b.browser(t)
	thief.byPassword(alice)
	request := b.last(t).Request
	w.byPassword(alice)
	w.get("/activity").has(request, "Not me")
	w.get("/activity/report?request=" + request).has("This wasn’t you?")
	w.post("/activity/report", "request", "made up").code("request_unknown")
	w.post("/activity/report", "request", request).code("not_me")
	if e := b.lastIs(t, "report", "not_me", alice); !strings.Contains(e.Detail, request) {
		t.Error(e.Detail)
	}
	if page := thief.get("/"); page.path != "/signin" {
		t.Error("the other session lives")
	}
	thief.post("/password", "username", alice, "password", password).is(403).code("account_at_risk")
}

// Ten thousand wrong passwords leave few lines.
func TestWrongPasswordsAreBounded(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	send := w.copyOf("/password", "username", alice, "password", "wrong")
	for range 10_000 {
		send()
	}
	log, err := b.Store.Entries(t.Context(), 1000)
	if err != nil || len(log) > 20 {
		t.Error(len(log), err)
	}
}

// The browser remembers who signed in, and may stay signed in.
func TestKnownAccounts(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.post("/password", "username", alice, "password", password, "keep", "1")
	w.post("/signout")
	w.get("/signin").has(`name="username" value="`+alice+`"`, "Another work email")
	w.post("/signin/forget", "forget", alice).lacks("Another work email")
	w.post("/password", "username", alice, "password", password, "keep", "1")
	b.clock = b.clock.Add(29 * 24 * time.Hour)
	w.get("/").has("Signed in as " + alice)
}

func TestPasskeyEndpoints(t *testing.T) {
	b := newBench(t)
	b.browser(t).get("/.well-known/passkey-endpoints").is(200).has(origin+"/security/enable", `"manage"`)
}
