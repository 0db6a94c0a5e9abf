package web

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"tallykey/tenant/oidc"
	"tallykey/tenant/store"
)

// promise is the tenant with what is needed to try a line of its discovery document.
type promise struct {
	*trial
	said any
}

func (p *promise) list() (list []string) {
	for _, v := range p.said.([]any) {
		list = append(list, v.(string))
	}
	return list
}

func (p *promise) exactly(want ...string) {
	p.Helper()
	got := p.list()
	slices.Sort(got)
	slices.Sort(want)
	if d := cmp.Diff(want, got); d != "" {
		p.Error(d)
	}
}

// answers says that something is at an endpoint.
func (p *promise) answers(method string) {
	p.Helper()
	path, ok := strings.CutPrefix(p.said.(string), origin)
	if !ok {
		p.Fatal(p.said)
	}
	if v := p.b.atApp(p).do(method, path, nil, nil); v.status == http.StatusNotFound || v.status >= 500 {
		p.Errorf("%s %s: %d", method, path, v.status)
	}
}

// by is how an app shows at an endpoint who it is: the status and the answer.
func (p *promise) by(path, method string, form url.Values) int {
	p.Helper()
	c := *p.a
	switch method {
	case "client_secret_post":
		form.Set("client_id", c.ClientID)
		form.Set("client_secret", c.ClientSecret)
		c.ClientSecret = ""
	case "none":
		form.Set("client_id", "spa")
		c.ClientSecret = ""
	}
	status, _ := c.call(path, form)
	return status
}

// lets are the methods, of those that there are, by which an endpoint lets an app in. One that does not answers 401.
func (p *promise) lets(path string, form func() url.Values) (list []string) {
	p.Helper()
	for _, m := range []string{"none", "client_secret_basic", "client_secret_post"} {
		if p.by(path, m, form()) != http.StatusUnauthorized {
			list = append(list, m)
		}
	}
	return list
}

var promises = map[string]func(*promise){
	"issuer":                        func(p *promise) { p.want(p.said, origin) },
	"authorization_endpoint":        func(p *promise) { p.answers("GET") },
	"token_endpoint":                func(p *promise) { p.answers("POST") },
	"userinfo_endpoint":             func(p *promise) { p.answers("GET") },
	"jwks_uri":                      func(p *promise) { p.answers("GET") },
	"end_session_endpoint":          func(p *promise) { p.answers("GET") },
	"revocation_endpoint":           func(p *promise) { p.answers("POST") },
	"introspection_endpoint":        func(p *promise) { p.answers("POST") },
	"device_authorization_endpoint": func(p *promise) { p.answers("POST") },
	"scopes_supported": func(p *promise) {
		t := p.tokens("scope", "openid address phone groups "+strings.Join(p.list(), " "))
		granted, _ := t.Extra("scope").(string)
		p.exactly(slices.Compact(strings.Fields(granted))...)
	},
	"response_types_supported": func(p *promise) {
		p.exactly("code")
		for _, other := range []string{"token", "id_token", "id_token token", "code id_token", "code token", "code id_token token", "none"} {
			if v := p.w.get(p.a.path("response_type", other)); !strings.Contains(v.header.Get("Location"), "error=") {
				p.Errorf("%s: %q", other, v.header.Get("Location"))
			}
		}
	},
	"response_modes_supported": func(p *promise) {
		p.want(p.signIn(p.a, "response_mode", "query").Get("code") != "", true)
		p.exactly("query")
		for _, other := range []string{"fragment", "form_post", "jwt"} {
			if v := p.w.get(p.a.path("response_mode", other)); v.status == 200 || strings.Contains(v.header.Get("Location"), "code=") {
				p.Errorf("%s: %d %q", other, v.status, v.header.Get("Location"))
			}
		}
	},
	"grant_types_supported": func(p *promise) {
		var takes []string
		for _, g := range []string{"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", "implicit", "password", "client_credentials",
			"urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:token-exchange", "urn:openid:params:grant-type:ciba"} {
			if _, out := p.a.call("/oauth/token", url.Values{"grant_type": {g}}); out["error"] != "unsupported_grant_type" {
				takes = append(takes, g)
			}
		}
		p.exactly(takes...)
	},
	"subject_types_supported": func(p *promise) {
		p.exactly("public")
		one, _ := p.a.verified(p.tokens())
		p.want(claimsOf(p.T, p.rsa.tokens(p.w.get(p.rsa.path()).at(p.rsa).Get("code")))["sub"], one.Subject)
	},
	"id_token_signing_alg_values_supported": func(p *promise) {
		p.exactly(header(p.T, p.tokens())["alg"], header(p.T, p.rsa.tokens(p.w.get(p.rsa.path()).at(p.rsa).Get("code")))["alg"])
	},
	"token_endpoint_auth_methods_supported": func(p *promise) {
		p.exactly(p.lets("/oauth/token", func() url.Values {
			return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {p.a.tokens(p.code()).RefreshToken}}
		})...)
	},
	"revocation_endpoint_auth_methods_supported": func(p *promise) {
		p.exactly(p.lets("/revoke", func() url.Values { return url.Values{"token": {"x"}} })...)
	},
	"introspection_endpoint_auth_methods_supported": func(p *promise) {
		p.exactly(p.lets("/oauth/introspect", func() url.Values { return url.Values{"token": {"x"}} })...)
	},
	"code_challenge_methods_supported": func(p *promise) {
		p.exactly("S256")
		p.tokens()
		p.want(p.refusedAt("code_challenge_method", "plain"), "invalid_request")
	},
	"prompt_values_supported": func(p *promise) {
		var takes []string
		for _, v := range []string{"none", "login", "consent", "select_account", "create"} {
			if to := p.b.atApp(p).get(p.a.path("prompt", v)).header.Get("Location"); !strings.Contains(to, "invalid_request") {
				takes = append(takes, v)
			}
		}
		p.exactly(takes...)
	},
	"display_values_supported": func(p *promise) { p.exactly("page"); p.tokens("display", "page") },
	"acr_values_supported": func(p *promise) {
		p.exactly(claimsOf(p.T, p.byPhone())["acr"].(string))
		p.removeAll()
	},
	"claim_types_supported": func(p *promise) {
		p.exactly("normal")
		p.want(claimsOf(p.T, p.tokens())["_claim_names"], nil)
	},
	"claims_supported": func(p *promise) {
		t := p.byPhone()
		p.removeAll()
		p.want(second(p.a.userinfo(t)) != nil, true) // went with the phone
		all := claimsOf(p.T, t)
		delete(all, "client_id") // of the library's own, beside azp
		delete(all, "c_hash")
		info, _ := p.granted("openid profile email")
		maps.Copy(all, info)
		p.exactly(slices.Collect(maps.Keys(all))...)
	},
	"ui_locales_supported": func(p *promise) {
		for _, l := range p.list() {
			p.w.get(p.a.path("ui_locales", l)).has(`<html lang="` + l + `">`)
		}
	},
	"request_parameter_supported": func(p *promise) {
		p.want(p.said, false)
		p.want(p.refusedAt("request", "e30.e30."), "request_not_supported")
	},
	"request_uri_parameter_supported": func(p *promise) {
		p.want(p.said, false)
		p.want(p.refusedAt("request_uri", "https://mail.contoso.example/r"), "request_uri_not_supported")
	},
	"claims_parameter_supported": func(p *promise) {
		p.want(p.said, false)
		p.want(claimsOf(p.T, p.tokens("claims", `{"id_token":{"email":null}}`))["email"], nil)
	},
	"authorization_response_iss_parameter_supported": func(p *promise) {
		p.want(p.said, true)
		p.signIn(p.a) // at() looks for it
	},
}

// code is that of a sign-in for the app in a browser of its own.
func (p *promise) code() string {
	p.Helper()
	w := p.b.atApp(p)
	w.byPassword(alice)
	return w.get(p.a.path()).at(p.a).Get("code")
}

// byPhone are the app's tokens after a sign-in with the phone.
func (p *promise) byPhone() *oauth2.Token {
	p.Helper()
	p.w.byPassword(alice)
	key := p.w.enable("P")
	p.w.post("/signout")
	p.w.get(p.a.path())
	asked := p.w.waiting(alice)
	return p.a.tokens(p.w.onward(p.w.answer(asked, p.w.assert(key, asked))).at(p.a).Get("code"))
}

func claimsOf(t testing.TB, token *oauth2.Token) (claims map[string]any) {
	t.Helper()
	parts := strings.Split(token.Extra("id_token").(string), ".")
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(raw, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

// The discovery document says what is true: each of its lines is tried, and there is none that is not.
func TestDiscovery(t *testing.T) {
	b := newBench(t).clockIsReal()
	a := b.app(t, store.App{ID: "mail"}, "s3cret")
	rsa := b.app(t, store.App{ID: "old", Alg: "RS256"}, "s3cret")
	b.app(t, store.App{ID: "spa"}, "")
	var doc map[string]any
	if err := json.Unmarshal([]byte(b.browser(t).get(oidc.Discovery).is(200).body), &doc); err != nil {
		t.Fatal(err)
	}
	for line := range promises {
		if _, said := doc[line]; !said {
			t.Errorf("it does not say %s", line)
		}
	}
	for line, said := range doc {
		t.Run(line, func(t *testing.T) {
			try := promises[line]
			if try == nil {
				t.Fatal("nobody tries it")
			}
			p := &promise{&trial{T: t, b: b, a: a.in(t), rsa: rsa.in(t), w: b.atApp(t)}, said}
			p.a.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
			try(p)
		})
	}
}
