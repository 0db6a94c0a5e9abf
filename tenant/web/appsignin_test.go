package web

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/tenant/oidc"
	"tallykey/tenant/store"
)

// The whole story with a password, of an app that keeps a secret.
func TestAppSignIn(t *testing.T) {
	b, a, w := atApp(t, store.App{ID: "mail", Name: "Mail"}, "s3cret")
	page := w.get(a.path("login_hint", alice)).is(200).has(`value="` + alice + `"`)
	if page.path != "/signin" {
		t.Fatal(page.path)
	}
	w.post("/signin", "username", alice).has("Sign in with your password")
	page = w.post("/password", "username", alice, "password", password).is(200).has("You are being taken back to the app")
	token := a.tokens(a.code(w.onward(page)))
	e := b.lastIs(t, "app", "app_approved", alice)
	if e.App != "mail" || e.Detail != "session by password" {
		t.Errorf("%+v", e)
	}
	u, _ := b.Store.UserByUPN(t.Context(), alice)
	id, got := a.verified(token)
	if id.Subject != u.ID || got.Nonce != "a nonce" || got.ACR != "" || got.Email != "" || got.AuthTime != b.clock.Unix() {
		t.Errorf("%+v %+v", id, got)
	}
	if d := cmp.Diff([]string{"pwd"}, got.AMR); d != "" {
		t.Error(d)
	}
	info, err := a.userinfo(token)
	if err != nil || info.Subject != u.ID || info.Email != alice || info.EmailVerified {
		t.Errorf("%+v %v", info, err)
	}
	w.get("/").has("Signed in as " + alice) // and no app waits any more
}

func TestAppSeesHowThePhoneSignedIn(t *testing.T) {
	_, a, w := atApp(t, store.App{ID: "spa"}, "")
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	w.get(a.path())
	asked := w.waiting(alice)
	_, got := a.verified(a.tokens(a.code(w.onward(w.answer(asked, w.assert(key, asked))))))
	if d := cmp.Diff([]string{"swk", "user", "mfa", "numberMatch"}, got.AMR); d != "" || got.ACR != "phr" {
		t.Error(d, got.ACR)
	}
}

// Signed in once, the second app shows no page; prompt and max_age can ask again.
func TestSingleSignOn(t *testing.T) {
	b, a, w := atApp(t, store.App{ID: "mail"}, "s3cret")
	other := b.app(t, store.App{ID: "wiki", Redirects: []string{"https://wiki.contoso.example/"}}, "")
	w.byPassword(alice)
	began := b.clock
	b.clock = b.clock.Add(10 * time.Minute)
	for name, path := range map[string][]string{"plain": nil, "none": {"prompt", "none"}, "young enough": {"max_age", "601"}} {
		if code := w.get(other.path(path...)).arrival(other.RedirectURL).Get("code"); code == "" {
			t.Errorf("%s: no code", name)
		}
	}
	for name, path := range map[string][]string{"login": {"prompt", "login"}, "select_account": {"prompt", "select_account"}, "max_age": {"max_age", "600"}, "max_age 0": {"max_age", "0"}} {
		if page := w.get(a.path(path...)).is(200); page.path != "/signin" {
			t.Errorf("%s: at %s", name, page.path)
		}
	}
	if got := w.get(a.path("prompt", "none", "max_age", "600")).arrival(callback).Get("error"); got != "login_required" {
		t.Errorf("silent, and too old: %s", got)
	}
	w.get(a.path("prompt", "login"))
	page := w.post("/password", "username", alice, "password", password)
	if _, got := a.verified(a.tokens(a.code(w.onward(page)))); got.AuthTime == began.Unix() {
		t.Error("auth_time is that of the old session")
	}
}

// Nobody finishes in one browser what began in another: else the one who began it would get the other's code.
func TestAppRequestIsBoundToItsBrowser(t *testing.T) {
	b := newBench(t).clockIsReal()
	a, thief, victim := b.app(t, store.App{ID: "spa"}, ""), b.atApp(t), b.atApp(t)
	thief.get(a.path())
	id := thief.cookie("__Host-tallykey-app")
	victim.byPassword(alice)
	victim.get("/authorize/continue?id=" + id).is(400).code("app_request_unknown")
	if page := thief.get("/authorize/continue?id=" + id); page.path != "/signin" {
		t.Errorf("the thief is at %s", page.path)
	}
	b.clock = b.clock.Add(oidc.RequestLife)
	thief.get("/authorize/continue?id=" + id).is(400).code("app_request_unknown")
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// What an admin decides counts for apps at once.
func TestPolicyAndApps(t *testing.T) {
	b, a, w := atApp(t, store.App{ID: "spa"}, "")
	b.rule(t, false, "phone=required", "instead=on")
	w.get(a.path())
	page := w.post("/password", "username", alice, "password", password)
	if page = w.onward(page); page.path != "/security" {
		t.Fatalf("without a phone, at %s", page.path)
	}
	if got := w.get(a.path("prompt", "none")).arrival(callback).Get("error"); got != "interaction_required" {
		t.Errorf("silent: %s", got)
	}
	b.rule(t, false, "phone=optional", "instead=on")
	token := a.tokens(a.code(w.get(a.path())))
	u, _ := b.Store.UserByUPN(t.Context(), alice)
	code := a.code(w.get(a.path()))
	if err := b.Store.DisableUser(t.Context(), u, b.clock, store.Change{}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.userinfo(token); err == nil {
		t.Error("/userinfo tells about a disabled user")
	}
	for name, err := range map[string]error{"code": second(a.exchange(code)), "refresh": second(a.refresh(token.RefreshToken))} {
		if refusal(err) != "invalid_grant" {
			t.Errorf("%s of a disabled user: %v", name, err)
		}
	}
	if page := w.get(a.path()); page.path != "/signin" {
		t.Errorf("a disabled user is at %s", page.path)
	}
}

func TestEndSession(t *testing.T) {
	b := newBench(t).clockIsReal()
	const bye = "https://mail.contoso.example/bye"
	a, w := b.app(t, store.App{ID: "mail", Logouts: []string{bye}}, "s3cret"), b.atApp(t)
	w.byPassword(alice)
	hint, _ := a.tokens(a.code(w.get(a.path()))).Extra("id_token").(string)
	path := "/end_session?" + url.Values{"post_logout_redirect_uri": {bye}, "state": {"x"}, "client_id": {"mail"}}.Encode()
	w.get(path).has("Signed in as " + alice) // any website could have sent the browser there
	other := b.atApp(t)
	other.byPassword(bob)
	other.get(path + "&id_token_hint=" + hint).has("Signed in as " + bob)
	if to := w.get(path + "&id_token_hint=" + hint).header.Get("Location"); to != bye+"?state=x" {
		t.Errorf("sent to %q", to)
	}
	if page := w.get("/"); page.path != "/signin" {
		t.Error("still signed in")
	}
	if got := w.get(a.path("prompt", "none", "id_token_hint", hint)).arrival(callback).Get("error"); got != "login_required" {
		t.Error(got)
	}
}

// BenchmarkAppSignIn is what an app's sign-in costs where a session is there: request, code, tokens with an ES256 ID token.
func BenchmarkAppSignIn(b *testing.B) {
	_, a, w := atApp(b, store.App{ID: "mail"}, "s3cret")
	w.byPassword(alice)
	for b.Loop() {
		a.tokens(a.code(w.get(a.path())))
	}
}
