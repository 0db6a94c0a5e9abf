package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"tallykey/tenant/oidc"
	"tallykey/tenant/store"
)

// What the token endpoint refuses. Each case has a fresh code of the app.
func TestTokenRefusals(t *testing.T) {
	b, a, w := atApp(t, store.App{ID: "mail"}, "s3cret")
	public := b.app(t, store.App{ID: "spa"}, "")
	w.byPassword(alice)
	for name, c := range map[string]struct {
		try  func(code string) error
		want string
	}{
		"wrong verifier": {func(code string) error {
			_, err := a.Exchange(a.ctx, code, oauth2.VerifierOption(oauth2.GenerateVerifier()))
			return err
		}, "invalid_grant"},
		"no verifier": {func(code string) error { _, err := a.Exchange(a.ctx, code); return err }, "invalid_request"},
		"wrong secret": {func(code string) error {
			c := *a
			c.ClientSecret = "guess"
			_, err := c.exchange(code)
			return err
		}, "invalid_client"},
		"no secret": {func(code string) error {
			c := *a
			c.ClientSecret, c.Endpoint.AuthStyle = "", oauth2.AuthStyleInParams
			_, err := c.exchange(code)
			return err
		}, "invalid_client"},
		"another app's code": {func(code string) error {
			c := *public
			c.verifier = a.verifier
			_, err := c.exchange(code)
			return err
		}, "invalid_grant"},
		"another redirect": {func(code string) error {
			c := *a
			c.RedirectURL = "https://evil.example/"
			_, err := c.exchange(code)
			return err
		}, "invalid_grant"},
		"made up": {func(string) error { _, err := a.exchange("made up"); return err }, "invalid_grant"},
		"too late": {func(code string) error {
			b.clock = b.clock.Add(time.Minute)
			_, err := a.exchange(code)
			return err
		}, "invalid_grant"},
	} {
		a.Endpoint.AuthStyle, public.Endpoint.AuthStyle = oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams // else x/oauth2 tries both and uses the code up
		if got := refusal(c.try(a.code(w.get(a.path())))); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		row := map[string]string{"invalid_grant": "token_refused", "invalid_client": "app_unauthorized", "invalid_request": "app_request_invalid"}[c.want]
		if e := b.lastIs(t, "app", row, ""); e.App == "" || !strings.HasSuffix(e.Detail, "/oauth/token: "+c.want) {
			t.Errorf("%s: the log says %+v", name, e)
		}
	}
}

func TestGrantsThatAreNone(t *testing.T) {
	_, a, _ := atApp(t, store.App{ID: "mail"}, "s3cret")
	for grant, want := range map[string]string{"password": "unsupported_grant_type", "client_credentials": "unsupported_grant_type", "": "invalid_request",
		"urn:ietf:params:oauth:grant-type:device_code": "invalid_grant", "implicit": "unsupported_grant_type",
		"urn:ietf:params:oauth:grant-type:jwt-bearer": "unsupported_grant_type", "urn:ietf:params:oauth:grant-type:token-exchange": "unsupported_grant_type"} {
		if status, out := a.call("/oauth/token", url.Values{"grant_type": {grant}}); status != 400 || out["error"] != want {
			t.Errorf("%s: %d %v", grant, status, out)
		}
	}
}

// An app that nobody registered is told so at every endpoint, and no fault of the tenant's is.
func TestUnknownApp(t *testing.T) {
	b := newBench(t).clockIsReal()
	nobody := &app{t: t, b: b, ctx: t.Context()}
	for path, form := range map[string]url.Values{"/oauth/token": {"grant_type": {"refresh_token"}, "refresh_token": {"x"}}, "/device_authorization": {}, "/revoke": {"token": {"x"}}} {
		form.Set("client_id", "nobody")
		if status, out := nobody.call(path, form); status != 401 || out["error"] != "invalid_client" {
			t.Errorf("%s: %d %v", path, status, out)
		}
	}
}

// A code that comes twice takes back what it gave.
func TestCodeReplay(t *testing.T) {
	_, a, w := atApp(t, store.App{ID: "mail"}, "s3cret")
	w.byPassword(alice)
	code := a.code(w.get(a.path()))
	token := a.tokens(code)
	if _, err := a.userinfo(token); err != nil {
		t.Fatal(err)
	}
	if _, err := a.exchange(code); refusal(err) != "invalid_grant" {
		t.Error("the code was good twice: ", err)
	}
	if e := a.b.lastIs(t, "app", "token_reused", alice); e.App != "mail" {
		t.Errorf("the log says %+v", e)
	}
	if _, err := a.userinfo(token); err == nil {
		t.Error("the tokens of a stolen code live on")
	}
}

// Each refresh gives a new refresh token; an old one that comes again ends them all.
func TestRefreshRotation(t *testing.T) {
	_, a, w := atApp(t, store.App{ID: "spa"}, "")
	w.byPassword(alice)
	first := a.tokens(a.code(w.get(a.path())))
	second, err := a.refresh(first.RefreshToken)
	if err != nil || second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken {
		t.Fatal(second, err)
	}
	id, got := a.verified(second)
	if again, _ := a.verified(first); id.Subject != again.Subject || got.AMR[0] != "pwd" || got.Nonce != "" {
		t.Errorf("%+v %+v", id, got)
	}
	third, err := a.refresh(second.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.refresh(first.RefreshToken)
	if e := a.b.lastIs(t, "app", "token_reused", alice); e.App != "spa" {
		t.Errorf("the log says %+v", e)
	}
	if refusal(err) != "invalid_grant" {
		t.Error("a used refresh token was taken: ", err)
	}
	if _, err := a.refresh(third.RefreshToken); refusal(err) != "invalid_grant" {
		t.Error("the newest refresh token outlived the theft: ", err)
	}
	if _, err := a.userinfo(third); err == nil {
		t.Error("the access token outlived the theft")
	}
	online := *a
	online.Scopes = []string{"openid"}
	if token := online.tokens(online.code(w.get(online.path()))); token.RefreshToken != "" {
		t.Error("a refresh token that nobody asked for")
	}
}

// Apps may look at and take back their own tokens, and no others.
func TestIntrospectionAndRevocation(t *testing.T) {
	b, a, w := atApp(t, store.App{ID: "mail"}, "s3cret")
	other := b.app(t, store.App{ID: "wiki"}, "another")
	w.byPassword(alice)
	token := a.tokens(a.code(w.get(a.path())))
	look := func(a *app) any {
		_, out := a.call("/oauth/introspect", url.Values{"token": {token.AccessToken}})
		return out["active"]
	}
	if look(a) != true || look(other) != false {
		t.Error("introspection: ", look(a), look(other))
	}
	if status, _ := (&app{t: t, b: b, ctx: a.ctx}).call("/oauth/introspect", url.Values{"token": {token.AccessToken}, "client_id": {"mail"}}); status != 401 {
		t.Errorf("introspection without a secret: %d", status)
	}
	other.call("/revoke", url.Values{"token": {token.RefreshToken}})
	other.call("/revoke", url.Values{"token": {token.AccessToken}})
	if look(a) != true {
		t.Error("another app revoked it")
	}
	if status, _ := a.call("/revoke", url.Values{"token": {token.AccessToken}}); status != 200 || look(a) != false {
		t.Errorf("revoked: %d, active %v", status, look(a))
	}
	again, err := a.refresh(token.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := a.call("/revoke", url.Values{"token": {again.RefreshToken}, "token_type_hint": {"refresh_token"}}); status != 200 {
		t.Error(status)
	}
	if _, err := a.userinfo(again); err == nil {
		t.Error("the access token outlived its refresh token")
	}
	if status, _ := a.call("/revoke", url.Values{"token": {"made up"}}); status != 200 {
		t.Errorf("an unknown token: %d", status)
	}
}

// A new key signs at once; what the old one signed is still good. A restart changes nothing.
func TestKeysAndRestart(t *testing.T) {
	b, a, w := atApp(t, store.App{ID: "mail"}, "s3cret")
	w.byPassword(alice)
	old := a.tokens(a.code(w.get(a.path())))
	code := a.code(w.get(a.path()))
	if _, err := oidc.Rotate(t.Context(), b.Store, b.clock, store.Change{}); err != nil {
		t.Fatal(err)
	}
	site, err := New(t.Context(), b.Config)
	if err != nil {
		t.Fatal(err)
	}
	b.Site = site
	next := a.tokens(code)
	a.verified(old)
	a.verified(next)
	kid := func(t *oauth2.Token) string {
		head, _, _ := strings.Cut(t.Extra("id_token").(string), ".")
		return head
	}
	if kid(old) == kid(next) {
		t.Error("the old key signs")
	}
	if _, err := a.userinfo(old); err != nil {
		t.Error("an access token did not outlive the restart: ", err)
	}
}

// Every algorithm in use gets a new key, and what the old ones signed can still be verified; after two days it can't.
func TestRotationOfBothAlgorithms(t *testing.T) {
	b, a, w := atApp(t, store.App{ID: "mail"}, "s3cret")
	rsa := b.app(t, store.App{ID: "old", Alg: "RS256"}, "s3cret")
	w.byPassword(alice)
	kids := map[string]bool{}
	signed := func(a *app) string { t.Helper(); return header(t, a.tokens(a.code(w.get(a.path()))))["kid"] }
	for range 2 {
		kids[signed(a)], kids[signed(rsa)] = true, true
		b.clock = b.clock.Add(time.Hour)
		keys, err := oidc.Rotate(t.Context(), b.Store, b.clock, store.Change{})
		if err != nil || len(keys) != 2 || keys[0].Alg != "ES256" || keys[1].Alg != "RS256" {
			t.Fatal(keys, err)
		}
	}
	if len(kids) != 4 {
		t.Errorf("signed by %v", kids)
	}
	for kid := range kids {
		w.get("/keys").has(kid)
	}
	b.clock = b.clock.Add(48 * time.Hour)
	for kid := range kids {
		w.get("/keys").lacks(kid)
	}
}
