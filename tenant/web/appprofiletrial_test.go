package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"tallykey/tenant/store"
)

// trial is one case: an app, and a browser in which nobody is signed in.
type trial struct {
	*testing.T
	b             *bench
	a, rsa, query *app
	device        *app
	w             *browser
}

// in is the app in a test of its own.
func (a *app) in(t testing.TB) *app {
	c := *a
	c.t = t
	return &c
}

// signIn signs in for the app's request and gives what arrives there.
func (p *trial) signIn(a *app, pairs ...string) url.Values {
	p.Helper()
	p.w.get(a.path(pairs...)).is(200).has("Sign in")
	return p.w.onward(p.w.post("/password", "username", alice, "password", password)).at(a)
}

// at is what arrives at the app.
func (v view) at(a *app) url.Values {
	v.t.Helper()
	to, query, _ := strings.Cut(v.header.Get("Location"), "?")
	if want, _, _ := strings.Cut(a.RedirectURL, "?"); to != want {
		v.t.Fatalf("%d %s: sent to %q\n%s", v.status, v.path, v.header.Get("Location"), v.body)
	}
	q, err := url.ParseQuery(query)
	if err != nil || q.Get("state") != "a state" || q.Get("iss") != origin {
		v.t.Fatal(query, err)
	}
	return q
}

func (p *trial) tokens(pairs ...string) *oauth2.Token {
	p.Helper()
	return p.a.tokens(p.signIn(p.a, pairs...).Get("code"))
}

func (p *trial) want(got, want any) {
	p.Helper()
	if got != want {
		p.Errorf("got %v, want %v", got, want)
	}
}

// granted signs in with these scopes and gives what userinfo says, and what the token endpoint says was granted.
func (p *trial) granted(scope string) (map[string]any, string) {
	p.Helper()
	t := p.tokens("scope", scope)
	info, err := p.a.userinfo(t)
	if err != nil {
		p.Fatal(err)
	}
	var claims map[string]any
	if err := info.Claims(&claims); err != nil {
		p.Fatal(err)
	}
	scopes, _ := t.Extra("scope").(string)
	return claims, scopes
}

// refusedAt is the error with which the browser comes to the app.
func (p *trial) refusedAt(pairs ...string) string {
	p.Helper()
	return p.w.get(p.a.path(pairs...)).at(p.a).Get("error")
}

// infoBy asks /userinfo in a way that go-oidc has not.
func (p *trial) infoBy(header, body string) (int, string) {
	p.Helper()
	r, _ := http.NewRequest("POST", origin+"/userinfo", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if header != "" {
		r.Header.Set("Authorization", header)
	}
	res, err := p.b.browser(p).client.Do(r)
	if err != nil {
		p.Fatal(err)
	}
	defer res.Body.Close()
	var info struct{ Sub string }
	_ = json.NewDecoder(res.Body).Decode(&info) // a refusal has none
	return res.StatusCode, info.Sub
}

func (p *trial) forward(d time.Duration) { p.b.clock = p.b.clock.Add(d) }

// onDevice starts a sign-in on a device and signs alice in where she types its code.
func (p *trial) onDevice() *oauth2.DeviceAuthResponse {
	p.Helper()
	p.device.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	d, err := p.device.DeviceAuth(p.device.ctx)
	if err != nil {
		p.Fatal(err)
	}
	if d.VerificationURI != origin+"/device" || d.VerificationURIComplete != d.VerificationURI+"?user_code="+d.UserCode {
		p.Errorf("%+v", d)
	}
	page := p.w.get(strings.TrimPrefix(d.VerificationURIComplete, origin))
	p.want(page.path, "/signin")
	p.w.post("/password", "username", alice, "password", password).has("Sign in on a device", d.UserCode)
	return d
}

// poll asks once for the tokens of a device.
func (p *trial) poll(d *oauth2.DeviceAuthResponse) (map[string]any, string) {
	p.Helper()
	p.forward(5 * time.Second)
	_, out := p.device.call("/oauth/token", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {d.DeviceCode}, "client_id": {p.device.ClientID}})
	refusal, _ := out["error"].(string)
	return out, refusal
}

// stays says that the browser is not sent to where the request wants it.
func (p *trial) stays(pairs ...string) {
	p.Helper()
	v := p.w.get(p.a.path(pairs...)).is(400).code("app_request_invalid")
	p.want(v.header.Get("Location"), "")
}

func (p *trial) byStyle(style oauth2.AuthStyle) {
	p.Helper()
	p.a.Endpoint.AuthStyle = style
	p.a.tokens(p.signIn(p.a).Get("code"))
	p.a.ClientSecret = "guess"
	p.want(refusal(second(p.a.exchange(p.w.get(p.a.path()).at(p.a).Get("code")))), "invalid_client")
}

func (p *trial) removeAll() {
	p.Helper()
	u, err := p.b.Store.UserByUPN(p.Context(), alice)
	if err != nil {
		p.Fatal(err)
	}
	has, err := p.b.Store.Registrations(p.Context(), u.ID)
	if err != nil {
		p.Fatal(err)
	}
	for _, r := range has {
		if err := p.b.Store.RemoveRegistration(p.Context(), store.Removal{UserID: u.ID, ID: r.ID}, store.Entry{}); err != nil {
			p.Fatal(err)
		}
	}
}
