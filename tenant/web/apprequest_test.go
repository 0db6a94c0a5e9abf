package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tallykey/tenant/store"
)

// What is asked in the wrong way, and where the browser ends: on the app's page with an error, or, where nobody can trust
// the redirect URI, on the tenant's.
func TestAuthorizeRefusals(t *testing.T) {
	b, a, w := atApp(t, store.App{ID: "mail", Logouts: []string{"https://mail.contoso.example/bye"}}, "s3cret")
	public := b.app(t, store.App{ID: "spa"}, "")
	native := b.app(t, store.App{ID: "cli", Native: true, Redirects: []string{"http://127.0.0.1/callback"}}, "")
	for name, path := range map[string]string{
		"unknown app":              a.path("client_id", "nobody"),
		"no app":                   a.path("client_id", ""),
		"no redirect":              a.path("redirect_uri", ""),
		"redirect elsewhere":       a.path("redirect_uri", "https://evil.example/callback"),
		"redirect with a slash":    a.path("redirect_uri", callback+"/"),
		"redirect with a query":    a.path("redirect_uri", callback+"?x=1"),
		"redirect up a folder":     a.path("redirect_uri", callback+"/../x"),
		"redirect in capitals":     a.path("redirect_uri", "https://MAIL.contoso.example/callback"),
		"redirect by http":         a.path("redirect_uri", "http://mail.contoso.example/callback"),
		"redirect with a user":     a.path("redirect_uri", "https://mail.contoso.example@evil.example/callback"),
		"redirect to a subdomain":  a.path("redirect_uri", "https://x.mail.contoso.example/callback"),
		"localhost for 127.0.0.1":  native.path("redirect_uri", "http://localhost:9000/callback"),
		"loopback, another path":   native.path("redirect_uri", "http://127.0.0.1:9000/other"),
		"redirect of another app":  native.path("redirect_uri", callback),
		"logout where none may be": "/end_session?client_id=mail&post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F",
		"logout with a bad hint":   "/end_session?id_token_hint=x.y.z",
	} {
		b.clock = b.clock.Add(strayWindow) // else the log would not have each
		v := w.get(path)
		if v.status != 400 || v.header.Get("Location") != "" {
			t.Errorf("%s: %d, to %q", name, v.status, v.header.Get("Location"))
			continue
		}
		v.code("app_request_invalid")
		if e := b.lastIs(t, "app", "app_request_invalid", ""); e.Detail == "" || !strings.Contains(v.body, e.Request) {
			t.Errorf("%s: the log says %+v", name, e)
		}
	}
	for name, c := range map[string]struct{ path, want string }{
		"implicit":         {a.path("response_type", "id_token"), "unauthorized_client"},
		"hybrid":           {a.path("response_type", "code id_token"), "unauthorized_client"},
		"no response type": {a.path("response_type", ""), "invalid_request"},
		"no openid":        {a.path("scope", "profile"), "invalid_scope"},
		"plain PKCE":       {a.path("code_challenge_method", "plain"), "invalid_request"},
		"PKCE by default":  {a.path("code_challenge_method", ""), "invalid_request"},
		"unknown PKCE":     {a.path("code_challenge_method", "S512"), "invalid_request"},
		"public, no PKCE":  {public.path("code_challenge", "", "code_challenge_method", ""), "invalid_request"},
		"none and login":   {a.path("prompt", "none login"), "invalid_request"},
		"silent, nobody":   {a.path("prompt", "none"), "login_required"},
		"form_post":        {a.path("response_mode", "form_post"), "invalid_request"},
		"a request object": {a.path("request", "x.y.z"), "request_not_supported"},
		"a bad hint":       {a.path("id_token_hint", "x.y.z"), "login_required"},
	} {
		v := w.get(c.path)
		to, query, _ := strings.Cut(strings.Replace(v.header.Get("Location"), "#", "?", 1), "?")
		q, _ := url.ParseQuery(query)
		if to != callback || q.Get("error") != c.want || q.Get("state") != "a state" || q.Get("code") != "" {
			t.Errorf("%s: %d %s", name, v.status, v.header.Get("Location"))
		}
	}
}

// RFC 8252 section 7.3: the port is the app's choice.
func TestANativeAppHasAnyPort(t *testing.T) {
	b, _, w := atApp(t, store.App{ID: "mail"}, "s3cret")
	native := b.app(t, store.App{ID: "cli", Native: true, Redirects: []string{"http://127.0.0.1/callback"}}, "")
	w.byPassword(alice)
	const port = "http://127.0.0.1:54321/callback"
	if code := w.get(native.path("redirect_uri", port)).arrival(port).Get("code"); code == "" {
		t.Error("a native app got no code at a port of its own")
	}
}

// FuzzAuthorize sends any query; no answer is a fault, and only the registered address gets a redirect away from the tenant.
func FuzzAuthorize(f *testing.F) {
	_, a, w := atApp(f, store.App{ID: "mail"}, "s3cret")
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, pairs := range [][]string{nil, {"redirect_uri", callback + "#x"}, {"max_age", "-1"}, {"prompt", "none"}, {"client_id", "x"}, {"response_mode", "fragment"}} {
		_, query, _ := strings.Cut(a.path(pairs...), "?")
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r, err := http.NewRequest("GET", origin+"/authorize", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.RawQuery = query
		res, err := w.client.Do(r)
		if err != nil {
			return // the client could not send it
		}
		defer res.Body.Close()
		to := res.Header.Get("Location")
		if res.StatusCode >= 500 || to != "" && !strings.HasPrefix(to, callback+"?") && !strings.HasPrefix(to, callback+"#") && !strings.HasPrefix(to, "/authorize/continue?id=") {
			t.Errorf("%d, to %q", res.StatusCode, to)
		}
	})
}
