package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tallykey/tenant/store"
)

// profileNames are those of ../check/profile.txt.
func profileNames(t *testing.T) (names []string) {
	t.Helper()
	raw, err := os.ReadFile("../check/profile.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if name, _, ok := strings.Cut(line, " "); ok && name != "#" {
			names = append(names, name)
		}
	}
	return names
}

const signedOutAt = "https://mail.contoso.example/bye"

// The table of ../check/profile.txt, with coreos/go-oidc and x/oauth2 at the app's side.
func TestProfileWithGoOIDC(t *testing.T) {
	b := newBench(t).clockIsReal()
	a := b.app(t, store.App{ID: "mail", Name: "Mail", Logouts: []string{signedOutAt}}, "s3cret")
	rsa := b.app(t, store.App{ID: "old", Name: "Old", Alg: "RS256"}, "s3cret")
	query := b.app(t, store.App{ID: "query", Redirects: []string{callback + "?tenant=1"}}, "s3cret")
	device := b.app(t, store.App{ID: "tv", Name: "Television", Native: true, Redirects: []string{"http://127.0.0.1/"}}, "")
	names := profileNames(t)
	for name := range profile {
		if !slices.Contains(names, name) {
			t.Errorf("%s is not in the list", name)
		}
	}
	for _, name := range names {
		try := profile[name]
		if try == nil {
			t.Errorf("%s is not tried", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := &trial{T: t, b: b, a: a.in(t), rsa: rsa.in(t), query: query.in(t), device: device.in(t), w: b.atApp(t)}
			p.a.Endpoint.AuthStyle, p.query.Endpoint.AuthStyle = oauth2.AuthStyleInHeader, oauth2.AuthStyleInHeader
			try(p)
		})
	}
}

var profile = map[string]func(*trial){
	"OP-Response-code":    func(p *trial) { p.want(p.signIn(p.a).Get("code") != "", true) },
	"OP-Response-Missing": func(p *trial) { p.want(p.refusedAt("response_type", ""), "invalid_request") },
	"OP-IDToken-Signature": func(p *trial) {
		t := p.tokens()
		p.a.verified(t)
		raw := t.Extra("id_token").(string)
		forged := raw[:len(raw)-10] + "AAAAAAAAAA"
		if _, err := p.a.idp.VerifierContext(p.a.ctx, &gooidc.Config{ClientID: "mail"}).Verify(p.a.ctx, forged); err == nil {
			p.Error("a forged one passes too")
		}
	},
	"OP-IDToken-kid": func(p *trial) {
		p.rsa.tokens(p.signIn(p.rsa).Get("code")) // so that there are two keys
		head := header(p.T, p.a.tokens(p.w.get(p.a.path()).at(p.a).Get("code")))
		var set struct {
			Keys []struct{ Kid, Alg, Use, Kty string }
		}
		if err := json.Unmarshal([]byte(p.w.get("/keys").is(200).body), &set); err != nil || len(set.Keys) < 2 {
			p.Fatal(err, set)
		}
		for _, k := range set.Keys {
			if k.Kid == "" || k.Use != "sig" || k.Kid == head["kid"] && k.Alg != head["alg"] {
				p.Errorf("%+v", k)
			}
		}
	},
	"OP-IDToken-RS256": func(p *trial) {
		t := p.rsa.tokens(p.signIn(p.rsa).Get("code"))
		p.want(header(p.T, t)["alg"], "RS256")
		id, err := p.rsa.idp.VerifierContext(p.a.ctx, &gooidc.Config{ClientID: "old"}).Verify(p.a.ctx, t.Extra("id_token").(string))
		if err != nil || id.VerifyAccessToken(t.AccessToken) != nil {
			p.Error(err)
		}
		p.want(header(p.T, p.a.tokens(p.w.get(p.a.path()).at(p.a).Get("code")))["alg"], "ES256")
		again, err := p.rsa.refresh(t.RefreshToken)
		if err != nil {
			p.Fatal(err)
		}
		p.want(header(p.T, again)["alg"], "RS256")
		p.want(p.w.get(p.rsa.path("prompt", "none", "id_token_hint", t.Extra("id_token").(string))).at(p.rsa).Get("error"), "")
	},
	"OP-UserInfo-Endpoint": func(p *trial) {
		t := p.tokens()
		id, _ := p.a.verified(t)
		info, err := p.a.userinfo(t)
		if err != nil || info.Subject != id.Subject {
			p.Error(info, err)
		}
	},
	"OP-UserInfo-Header": func(p *trial) {
		t := p.tokens()
		id, _ := p.a.verified(t)
		status, sub := p.infoBy("Bearer "+t.AccessToken, "")
		p.want(status, 200)
		p.want(sub, id.Subject)
		status, _ = p.infoBy("Bearer made-up", "")
		p.want(status, 401)
	},
	"OP-UserInfo-Body": func(p *trial) {
		t := p.tokens()
		status, sub := p.infoBy("", url.Values{"access_token": {t.AccessToken}}.Encode())
		p.want(status, 200)
		p.want(sub != "", true)
		p.w.get("/userinfo?access_token=" + t.AccessToken).is(400)
	},
	"OP-nonce-NoReq-code": func(p *trial) { _, c := p.a.verified(p.tokens("nonce", "")); p.want(c.Nonce, "") },
	"OP-nonce-code":       func(p *trial) { _, c := p.a.verified(p.tokens("nonce", "n-1")); p.want(c.Nonce, "n-1") },
	"OP-scope-profile": func(p *trial) {
		info, _ := p.granted("openid profile")
		p.want(info["preferred_username"], alice)
		p.want(info["name"], "A person")
		p.want(info["email"], nil)
	},
	"OP-scope-email": func(p *trial) {
		info, _ := p.granted("openid email")
		p.want(info["email"], alice)
		p.want(info["name"], nil)
	},
	"OP-scope-address": func(p *trial) { _, scopes := p.granted("openid address"); p.want(scopes, "openid") },
	"OP-scope-phone":   func(p *trial) { _, scopes := p.granted("openid phone"); p.want(scopes, "openid") },
	"OP-scope-All": func(p *trial) {
		_, scopes := p.granted("openid profile email address phone")
		p.want(scopes, "openid profile email")
	},
	"other-scope-order": func(p *trial) { _, scopes := p.granted("email openid"); p.want(scopes, "email openid") },
	"OP-display-page":   func(p *trial) { p.tokens("display", "page") },
	"OP-display-popup":  func(p *trial) { p.tokens("display", "popup") },
	"OP-prompt-login": func(p *trial) {
		_, first := p.a.verified(p.tokens())
		p.forward(time.Minute)
		_, again := p.a.verified(p.tokens("prompt", "login"))
		p.want(again.AuthTime-first.AuthTime, int64(60))
	},
	"OP-prompt-none-NotLoggedIn": func(p *trial) { p.want(p.refusedAt("prompt", "none"), "login_required") },
	"OP-prompt-none-LoggedIn": func(p *trial) {
		first, was := p.a.verified(p.tokens())
		again, is := p.a.verified(p.a.tokens(p.w.get(p.a.path("prompt", "none")).at(p.a).Get("code")))
		p.want(again.Subject, first.Subject)
		p.want(is.AuthTime, was.AuthTime)
	},
	"OP-Req-max_age=1": func(p *trial) {
		_, first := p.a.verified(p.tokens("max_age", "1"))
		p.forward(2 * time.Second)
		p.want(p.refusedAt("max_age", "1", "prompt", "none"), "login_required")
		_, again := p.a.verified(p.tokens("max_age", "1"))
		p.want(again.AuthTime > first.AuthTime, true)
	},
	"OP-Req-max_age=10000": func(p *trial) {
		_, first := p.a.verified(p.tokens())
		p.forward(2 * time.Second)
		_, again := p.a.verified(p.a.tokens(p.w.get(p.a.path("max_age", "10000")).at(p.a).Get("code")))
		p.want(again.AuthTime, first.AuthTime)
	},
	"OP-Req-NotUnderstood": func(p *trial) { p.tokens("extra", "foobar") },
	"OP-Req-id_token_hint": func(p *trial) {
		hint := p.tokens().Extra("id_token").(string)
		p.want(p.w.get(p.a.path("prompt", "none", "id_token_hint", hint)).at(p.a).Get("code") != "", true)
		p.w = p.b.atApp(p)
		p.w.byPassword(bob)
		p.want(p.refusedAt("prompt", "none", "id_token_hint", hint), "login_required")
	},
	"OP-Req-login_hint":     func(p *trial) { p.w.get(p.a.path("login_hint", alice)).has(`value="` + alice + `"`) },
	"OP-Req-ui_locales":     func(p *trial) { p.w.get(p.a.path("ui_locales", "fr de-AT")).has(`lang="de"`, "Anmelden") },
	"OP-Req-claims_locales": func(p *trial) { p.tokens("claims_locales", "se") },
	"OP-Req-acr_values":     func(p *trial) { _, c := p.a.verified(p.tokens("acr_values", "1 2")); p.want(c.ACR, "") },
	"VerifyState": func(p *trial) {
		p.signIn(p.a) // at() looks for the state
		p.refusedAt("response_type", "")
	},
	"OP-OAuth-2nd": func(p *trial) {
		code := p.signIn(p.a).Get("code")
		p.a.tokens(code)
		p.want(refusal(second(p.a.exchange(code))), "invalid_grant")
	},
	"OP-OAuth-2nd-30s": func(p *trial) {
		code := p.signIn(p.a).Get("code")
		p.a.tokens(code)
		p.forward(31 * time.Second)
		p.want(refusal(second(p.a.exchange(code))), "invalid_grant")
	},
	"OP-OAuth-2nd-Revokes": func(p *trial) {
		code := p.signIn(p.a).Get("code")
		t := p.a.tokens(code)
		p.want(refusal(second(p.a.exchange(code))), "invalid_grant")
		p.want(second(p.a.userinfo(t)) != nil, true)
		p.want(refusal(second(p.a.refresh(t.RefreshToken))), "invalid_grant")
	},
	"OP-redirect_uri-NotReg":   func(p *trial) { p.stays("redirect_uri", "https://mail.contoso.example/other") },
	"OP-redirect_uri-Missing":  func(p *trial) { p.stays("redirect_uri", "") },
	"OP-redirect_uri-Query-OK": func(p *trial) { p.want(p.signIn(p.query).Get("tenant"), "1") },
	"OP-redirect_uri-Query-Mismatch": func(p *trial) {
		p.w.get(p.query.path("redirect_uri", callback+"?tenant=2")).is(400).code("app_request_invalid")
	},
	"OP-redirect_uri-Query-Added": func(p *trial) { p.stays("redirect_uri", callback+"?tenant=1") },
	"OP-ClientAuth-Basic-Static":  func(p *trial) { p.byStyle(oauth2.AuthStyleInHeader) },
	"OP-ClientAuth-SecretPost-Static": func(p *trial) {
		p.byStyle(oauth2.AuthStyleInParams)
	},
	"OP-request-Unsigned": func(p *trial) { p.want(p.refusedAt("request", "e30.e30."), "request_not_supported") },
	"OP-request_uri-Unsigned": func(p *trial) {
		p.want(p.refusedAt("request_uri", "https://mail.contoso.example/r"), "request_uri_not_supported")
	},
	"OP-claims-essential": func(p *trial) { p.tokens("claims", `{"userinfo":{"name":{"essential":true}}}`) },
	"OP-Token-refresh": func(p *trial) {
		t := p.tokens()
		id, was := p.a.verified(t)
		again, err := p.a.refresh(t.RefreshToken)
		if err != nil {
			p.Fatal(err)
		}
		next, is := p.a.verified(again)
		p.want(next.Subject, id.Subject)
		p.want(is.AuthTime, was.AuthTime)
	},
	"post-request": func(p *trial) {
		p.w.byPassword(alice)
		_, query, _ := strings.Cut(p.a.path(), "?")
		form, _ := url.ParseQuery(query)
		v := p.w.do("POST", "/authorize", form, http.Header{"Origin": {"https://mail.contoso.example"}, "Sec-Fetch-Site": {"cross-site"}})
		p.want(v.at(p.a).Get("code") != "", true)
	},
	"valid-pkce": func(p *trial) {
		code := p.signIn(p.a).Get("code")
		_, err := p.a.Exchange(p.a.ctx, code, oauth2.VerifierOption(oauth2.GenerateVerifier()))
		p.want(refusal(err), "invalid_grant")
		p.want(p.refusedAt("code_challenge_method", "plain"), "invalid_request")
	},
	"iss": func(p *trial) { // at() looks for it
		p.signIn(p.a)
		p.refusedAt("response_type", "")
		v := p.w.get(p.a.path("response_type", "id_token"))
		p.want(strings.Contains(v.header.Get("Location"), "&iss="+url.QueryEscape(origin)), true)
	},
	"acr-step-up": func(p *trial) {
		p.want(p.signIn(p.a, "acr_values", "phr").Get("error"), "unmet_authentication_requirements")
		p.forward(time.Second)
		p.want(p.refusedAt("acr_values", "phr", "prompt", "none"), "login_required")
		key := p.w.enable("P")
		p.w.post("/signout")
		p.w.get(p.a.path("acr_values", "silver phr"))
		asked := p.w.waiting(alice).lacks("Use your password instead")
		_, c := p.a.verified(p.a.tokens(p.w.onward(p.w.answer(asked, p.w.assert(key, asked))).at(p.a).Get("code")))
		p.want(c.ACR, "phr")
		p.removeAll() // for the cases that come after
	},
	"prompt-consent": func(p *trial) {
		p.w.byPassword(alice)
		page := p.w.get(p.a.path("prompt", "consent")).is(200).has("Let Mail sign you in?", "see your name", "stay signed in for up to 30 days")
		p.want(p.w.onward(p.w.post("/authorize/consent", "id", page.find(idField), "decision", "deny")).at(p.a).Get("error"), "access_denied")
		page = p.w.get(p.a.path("prompt", "consent"))
		p.want(p.w.onward(p.w.post("/authorize/consent", "id", page.find(idField), "decision", "let")).at(p.a).Get("code") != "", true)
	},
	"refresh-reuse": func(p *trial) {
		first := p.tokens()
		again, err := p.a.refresh(first.RefreshToken)
		if err != nil {
			p.Fatal(err)
		}
		p.want(refusal(second(p.a.refresh(first.RefreshToken))), "invalid_grant")
		p.want(refusal(second(p.a.refresh(again.RefreshToken))), "invalid_grant")
		p.want(second(p.a.userinfo(again)) != nil, true)
	},
	"introspection": func(p *trial) {
		t := p.tokens()
		_, out := p.a.call("/oauth/introspect", url.Values{"token": {t.AccessToken}})
		p.want(out["active"], true)
		p.a.call("/revoke", url.Values{"token": {t.AccessToken}})
		_, out = p.a.call("/oauth/introspect", url.Values{"token": {t.AccessToken}})
		p.want(out["active"], false)
	},
	"device-flow": func(p *trial) {
		d := p.onDevice()
		_, refusal := p.poll(d)
		p.want(refusal, "authorization_pending")
		p.w.post("/device", "user_code", strings.ToLower(d.UserCode)).has("Sign Television in on that device?", "Whoever holds the device", "192.0.2.7")
		p.w.post("/device/decision", "user_code", d.UserCode, "decision", "let").is(200).code("device_approved")
		p.forward(5 * time.Second)
		t, err := p.device.DeviceAccessToken(p.device.ctx, &oauth2.DeviceAuthResponse{DeviceCode: d.DeviceCode, Interval: 1})
		if err != nil {
			p.Fatal(err)
		}
		_, c := p.device.verified(t)
		p.want(strings.Join(c.AMR, " "), "pwd")
		_, refusal = p.poll(d)
		p.want(refusal, "invalid_grant")
		p.want(second(p.device.userinfo(t)) != nil, true) // somebody has a copy of the device code
	},
	"device-denied": func(p *trial) {
		d := p.onDevice()
		p.w.post("/device/decision", "user_code", d.UserCode, "decision", "deny").is(200).code("device_denied")
		_, refusal := p.poll(d)
		p.want(refusal, "access_denied")
	},
	"end-session": func(p *trial) {
		t := p.tokens()
		v := p.w.get("/end_session?" + url.Values{"id_token_hint": {t.Extra("id_token").(string)}, "post_logout_redirect_uri": {signedOutAt}, "state": {"x"}}.Encode())
		p.want(v.header.Get("Location"), signedOutAt+"?state=x")
		p.want(p.refusedAt("prompt", "none"), "login_required")
	},
}
