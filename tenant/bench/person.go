package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tallykey/tenant/passkey/softkey"
)

// person is a browser, and the app that its sign-ins are for.
type person struct {
	*provider
	http *http.Client
	app  oauth2.Config
}

func newcomer(p *provider) *person {
	jar, _ := cookiejar.New(nil)
	stay := func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), callback) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &person{p, &http.Client{Jar: jar, CheckRedirect: stay}, oauth2.Config{ClientID: p.client, ClientSecret: p.secret, Endpoint: p.oidc.Endpoint(),
		RedirectURL: callback, Scopes: []string{"openid"}}}
}

// request is where the app sends the browser.
type request struct{ state, nonce, verifier string }

func (w *person) request() (request, string) {
	r := request{rand.Text(), rand.Text(), oauth2.GenerateVerifier()}
	return r, w.app.AuthCodeURL(r.state, oidc.Nonce(r.nonce), oauth2.S256ChallengeOption(r.verifier))
}

// redeem turns the redirect to the app into a verified ID token.
func (w *person) redeem(ctx context.Context, r request, at view) error {
	to, err := url.Parse(at.to)
	if err != nil || to.Query().Get("state") != r.state || to.Query().Get("code") == "" {
		return fmt.Errorf("no code: %d at %s, to %q", at.status, at.path, at.to)
	}
	token, err := w.app.Exchange(ctx, to.Query().Get("code"), oauth2.VerifierOption(r.verifier))
	if err != nil {
		return err
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := w.oidc.Verifier(&oidc.Config{ClientID: w.client, SupportedSigningAlgs: []string{oidc.ES256}}).Verify(ctx, raw)
	if err == nil && id.Nonce != r.nonce {
		err = errors.New("another nonce")
	}
	return err
}

// view is a page that came, or a redirect away from the provider.
type view struct {
	status         int
	path, to, body string
}

func (w *person) get(ctx context.Context, address string) (view, error) {
	return w.do(ctx, "GET", address, nil)
}

func (w *person) post(ctx context.Context, path string, pairs ...string) (view, error) {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return w.do(ctx, "POST", w.url+path, form)
}

func (w *person) do(ctx context.Context, method, address string, form url.Values) (view, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return view{}, err
	}
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", w.url)
	}
	res, err := w.http.Do(r)
	if err != nil {
		return view{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	to := res.Header.Get("Location")
	if _, refresh, ok := strings.Cut(res.Header.Get("Refresh"), "url="); ok {
		to = w.url + refresh
	}
	return view{res.StatusCode, res.Request.URL.Path, to, string(body)}, err
}

// sso is a sign-in of somebody who has a session at the provider.
func (w *person) sso(ctx context.Context) error {
	r, address := w.request()
	at, err := w.get(ctx, address)
	if err != nil {
		return err
	}
	return w.redeem(ctx, r, at)
}

// upn is one of the three people of a seeded tenant.
func upn(n int) string { return []string{"alice", "bob", "carol"}[n%3] + "@contoso.example" }

// byPassword signs in once with the password; what is measured has that session.
func byPassword(ctx context.Context, p *provider, n int) (signIn, error) {
	w := newcomer(p)
	at, err := w.post(ctx, "/password", "username", upn(n), "password", p.password)
	if err == nil && at.status != http.StatusOK {
		err = fmt.Errorf("the password: %d", at.status)
	}
	return w.sso, err
}

var (
	action  = regexp.MustCompile(`action="([^"]+)"`)
	options = regexp.MustCompile(`data-options="([^"]*)"`)
	ticket  = regexp.MustCompile(`name="request" value="([^"]+)"`)
)

// byForm signs in once at oidc-provider's own pages, and agrees once.
func byForm(ctx context.Context, p *provider, n int) (signIn, error) {
	w := newcomer(p)
	r, address := w.request()
	at, err := w.get(ctx, address)
	for _, form := range [][]string{{"prompt", "login", "login", fmt.Sprintf("person%d", n), "password", "any"}, {"prompt", "consent"}} {
		if err != nil {
			return nil, err
		}
		found := action.FindStringSubmatch(at.body)
		if found == nil {
			return nil, fmt.Errorf("no form: %d at %s", at.status, at.path)
		}
		at, err = w.post(ctx, strings.TrimPrefix(html.UnescapeString(found[1]), p.url), form...)
	}
	if err != nil {
		return nil, err
	}
	return w.sso, w.redeem(ctx, r, at)
}

// byPhone registers a key once, for a user of its own: a password adds the first device of an account and no other. What is
// measured signs out, and in with the key's answer, as a phone's would come.
func byPhone(ctx context.Context, p *provider, _ int) (signIn, error) {
	who, password, err := p.addUser(ctx)
	if err != nil {
		return nil, err
	}
	w, key := newcomer(p), softkey.New(p.url)
	steps := [][]string{{"/password", "username", who, "password", password}, {"/security/confirm", "password", password}}
	var at view
	for _, s := range steps {
		if at, err = w.post(ctx, s[0], s[1:]...); err != nil {
			return nil, err
		}
	}
	answer, err := key.Create([]byte(first(options, at)))
	if err != nil {
		return nil, fmt.Errorf("register: %d at %s: %w", at.status, at.path, err)
	}
	at, err = w.post(ctx, "/security/enable", "request", first(ticket, at), "name", "Bench", "credential", string(answer))
	if err == nil && at.status != http.StatusOK {
		err = fmt.Errorf("register: %d", at.status)
	}
	return func(ctx context.Context) error { return w.phone(ctx, who, key) }, err
}

func first(what *regexp.Regexp, at view) string {
	found := what.FindStringSubmatch(at.body)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}

// phone is a sign-in of somebody who has no session.
func (w *person) phone(ctx context.Context, upn string, key *softkey.Key) error {
	w.http.Jar, _ = cookiejar.New(nil)
	r, address := w.request()
	if _, err := w.get(ctx, address); err != nil {
		return err
	}
	at, err := w.post(ctx, "/signin", "username", upn)
	if err != nil {
		return err
	}
	answer, err := key.Get([]byte(first(options, at)))
	if err != nil {
		return fmt.Errorf("%d at %s: %w", at.status, at.path, err)
	}
	if at, err = w.post(ctx, "/signin/phone", "request", first(ticket, at), "credential", string(answer)); err != nil {
		return err
	}
	if at, err = w.get(ctx, at.to); err != nil {
		return err
	}
	return w.redeem(ctx, r, at)
}
