package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tallykey/tenant/store"
)

const callback = "https://mail.contoso.example/callback"

// app is an app's server, built on coreos/go-oidc and x/oauth2, which share no code with the provider.
type app struct {
	t   testing.TB
	b   *bench
	ctx context.Context
	oauth2.Config
	idp      *gooidc.Provider
	verifier string // PKCE
}

// clockIsReal makes the bench's clock agree with that of the library, which takes no other.
func (b *bench) clockIsReal() *bench {
	b.clock = time.Now().UTC().Truncate(time.Millisecond)
	return b
}

// app registers an app; with no secret it is a public one.
func (b *bench) app(t testing.TB, a store.App, secret string) *app {
	t.Helper()
	if a.Redirects == nil {
		a.Redirects = []string{callback}
	}
	if secret != "" {
		a.Secret = oidcHash(secret)
	}
	if err := b.Store.CreateApp(t.Context(), a, store.Change{}); err != nil {
		t.Fatal(err)
	}
	ctx := gooidc.ClientContext(t.Context(), b.browser(t).client)
	idp, err := gooidc.NewProvider(ctx, origin)
	if err != nil {
		t.Fatal(err)
	}
	c := oauth2.Config{ClientID: a.ID, ClientSecret: secret, Endpoint: idp.Endpoint(), RedirectURL: a.Redirects[0], Scopes: []string{"openid", "profile", "email", "offline_access"}}
	return &app{t: t, b: b, ctx: ctx, Config: c, idp: idp, verifier: oauth2.GenerateVerifier()}
}

// path is where the app sends the browser. Pairs are added to the request.
func (a *app) path(pairs ...string) string {
	options := []oauth2.AuthCodeOption{gooidc.Nonce("a nonce"), oauth2.S256ChallengeOption(a.verifier)}
	for i := 0; i < len(pairs); i += 2 {
		options = append(options, oauth2.SetAuthURLParam(pairs[i], pairs[i+1]))
	}
	return strings.TrimPrefix(a.AuthCodeURL("a state", options...), origin)
}

// atApp is a browser that stops where it would leave the tenant.
func (b *bench) atApp(t testing.TB) *browser {
	w := b.browser(t)
	w.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if "https://"+r.URL.Host != origin {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return w
}

// arrival is what the app gets with the browser.
func (v view) arrival(at string) url.Values {
	v.t.Helper()
	to, query, _ := strings.Cut(v.header.Get("Location"), "?")
	if to != at || v.status != 302 {
		v.t.Fatalf("%d %s: sent to %q\n%s", v.status, v.path, v.header.Get("Location"), v.body)
	}
	q, err := url.ParseQuery(query)
	if err != nil || q.Get("state") != "a state" {
		v.t.Fatal(query, err)
	}
	return q
}

// onward follows the page that leads back to the app.
func (w *browser) onward(v view) view {
	w.t.Helper()
	_, to, ok := strings.Cut(v.header.Get("Refresh"), "0; url=")
	if !ok {
		w.t.Fatalf("%d %s leads nowhere\n%s", v.status, v.path, v.body)
	}
	return w.get(to)
}

func (a *app) code(v view) string {
	a.t.Helper()
	q := v.arrival(a.RedirectURL)
	if q.Get("code") == "" {
		a.t.Fatal("no code: ", q)
	}
	return q.Get("code")
}

func (a *app) exchange(code string) (*oauth2.Token, error) {
	return a.Exchange(a.ctx, code, oauth2.VerifierOption(a.verifier))
}

// claims are what the app learns from a verified ID token.
type claims struct {
	Nonce, ACR, Email string
	AMR               []string
	AuthTime          int64 `json:"auth_time"`
}

func (a *app) verified(t *oauth2.Token) (*gooidc.IDToken, claims) {
	a.t.Helper()
	raw, _ := t.Extra("id_token").(string)
	id, err := a.idp.VerifierContext(a.ctx, &gooidc.Config{ClientID: a.ClientID, SupportedSigningAlgs: []string{"ES256"}}).Verify(a.ctx, raw)
	if err != nil {
		a.t.Fatal(err)
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		a.t.Fatal(err)
	}
	if err := id.VerifyAccessToken(t.AccessToken); err != nil {
		a.t.Fatal(err)
	}
	return id, c
}

func (a *app) tokens(code string) *oauth2.Token {
	a.t.Helper()
	t, err := a.exchange(code)
	if err != nil {
		a.t.Fatal(err)
	}
	return t
}

// call posts to an endpoint for apps, with the app's secret.
func (a *app) call(path string, form url.Values) (int, map[string]any) {
	a.t.Helper()
	r, _ := http.NewRequestWithContext(a.ctx, "POST", origin+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a.ClientSecret != "" {
		r.SetBasicAuth(url.QueryEscape(a.ClientID), url.QueryEscape(a.ClientSecret))
	}
	res, err := a.b.browser(a.t).client.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]any
	_ = json.NewDecoder(res.Body).Decode(&out) // an answer without JSON has none
	return res.StatusCode, out
}

func (a *app) userinfo(t *oauth2.Token) (*gooidc.UserInfo, error) {
	return a.idp.UserInfo(a.ctx, oauth2.StaticTokenSource(t))
}

// refusal is the OAuth error of a failed exchange.
func refusal(err error) string {
	if e, ok := err.(*oauth2.RetrieveError); ok {
		return e.ErrorCode
	}
	return ""
}

func (a *app) refresh(token string) (*oauth2.Token, error) {
	return a.TokenSource(a.ctx, &oauth2.Token{RefreshToken: token}).Token()
}

func second[T any](_ T, err error) error { return err }

// oidcHash is how the store keeps a secret.
func oidcHash(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// atApp opens a tenant with an app and a browser that stops where it would leave the tenant.
func atApp(t testing.TB, a store.App, secret string) (*bench, *app, *browser) {
	t.Helper()
	b := newBench(t).clockIsReal()
	return b, b.app(t, a, secret), b.atApp(t)
}

// header is that of an ID token.
func header(t testing.TB, token *oauth2.Token) (head map[string]string) {
	t.Helper()
	raw, _ := token.Extra("id_token").(string)
	first, _, _ := strings.Cut(raw, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(first)
	if err == nil {
		err = json.Unmarshal(decoded, &head)
	}
	if err != nil {
		t.Fatal(raw, err)
	}
	return head
}

var idField = regexp.MustCompile(`name="id" value="([^"]+)"`)
