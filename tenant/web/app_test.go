package web

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"tallykey/tenant/oidc"
	"tallykey/tenant/policy"
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

// The whole story with a password, of an app that keeps a secret.
func TestAppSignIn(t *testing.T) {
	b := newBench(t).clockIsReal()
	a, w := b.app(t, store.App{ID: "mail", Name: "Mail"}, "s3cret"), b.atApp(t)
	page := w.get(a.path("login_hint", alice)).is(200).has(`value="` + alice + `"`)
	if page.path != "/signin" {
		t.Fatal(page.path)
	}
	w.post("/signin", "username", alice).has("Enter your password")
	page = w.post("/password", "username", alice, "password", password).is(200).has("You are being taken back to the app")
	token := a.tokens(a.code(w.onward(page)))
	e := b.lastIs(t, "app", "app_approved", alice)
	if !strings.Contains(e.Detail, "app mail") {
		t.Error(e.Detail)
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
	b := newBench(t).clockIsReal()
	a, w := b.app(t, store.App{ID: "spa"}, ""), b.atApp(t)
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	w.get(a.path())
	asked := w.waiting(alice)
	_, got := a.verified(a.tokens(a.code(w.onward(w.answer(asked, w.assert(key, asked))))))
	if d := cmp.Diff([]string{"swk", "user", "mfa"}, got.AMR); d != "" || got.ACR != "phr" {
		t.Error(d, got.ACR)
	}
}

// Signed in once, the second app shows no page; prompt and max_age can ask again.
func TestSingleSignOn(t *testing.T) {
	b := newBench(t).clockIsReal()
	a, w := b.app(t, store.App{ID: "mail"}, "s3cret"), b.atApp(t)
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

// What is asked in the wrong way, and where the browser ends: on the app's page with an error, or, where nobody can trust
// the redirect URI, on the tenant's.
func TestAuthorizeRefusals(t *testing.T) {
	b := newBench(t).clockIsReal()
	a, w := b.app(t, store.App{ID: "mail", Logouts: []string{"https://mail.contoso.example/bye"}}, "s3cret"), b.atApp(t)
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
	w.byPassword(alice)
	const port = "http://127.0.0.1:54321/callback" // RFC 8252: any port
	if code := w.get(native.path("redirect_uri", port)).arrival(port).Get("code"); code == "" {
		t.Error("a native app got no code at a port of its own")
	}
}

// What the token endpoint refuses. Each case has a fresh code of the app.
func TestTokenRefusals(t *testing.T) {
	b := newBench(t).clockIsReal()
	a, w := b.app(t, store.App{ID: "mail"}, "s3cret"), b.atApp(t)
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
	}
	for grant, want := range map[string]string{"password": "unsupported_grant_type", "client_credentials": "unsupported_grant_type", "": "invalid_request",
		"urn:ietf:params:oauth:grant-type:device_code": "unsupported_grant_type", "implicit": "unsupported_grant_type"} {
		if status, out := a.call("/oauth/token", url.Values{"grant_type": {grant}}); status != 400 || out["error"] != want {
			t.Errorf("%s: %d %v", grant, status, out)
		}
	}
}

// A code that comes twice takes back what it gave.
func TestCodeReplay(t *testing.T) {
	b := newBench(t).clockIsReal()
	a, w := b.app(t, store.App{ID: "mail"}, "s3cret"), b.atApp(t)
	w.byPassword(alice)
	code := a.code(w.get(a.path()))
	token := a.tokens(code)
	if _, err := a.userinfo(token); err != nil {
		t.Fatal(err)
	}
	if _, err := a.exchange(code); refusal(err) != "invalid_grant" {
		t.Error("the code was good twice: ", err)
	}
	if _, err := a.userinfo(token); err == nil {
		t.Error("the tokens of a stolen code live on")
	}
}

func (a *app) refresh(token string) (*oauth2.Token, error) {
	return a.TokenSource(a.ctx, &oauth2.Token{RefreshToken: token}).Token()
}

// Each refresh gives a new refresh token; an old one that comes again ends them all.
func TestRefreshRotation(t *testing.T) {
	b := newBench(t).clockIsReal()
	a, w := b.app(t, store.App{ID: "spa"}, ""), b.atApp(t)
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
	if _, err := a.refresh(first.RefreshToken); refusal(err) != "invalid_grant" {
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
	b := newBench(t).clockIsReal()
	a, w := b.app(t, store.App{ID: "mail"}, "s3cret"), b.atApp(t)
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
	b := newBench(t).clockIsReal()
	a, w := b.app(t, store.App{ID: "spa"}, ""), b.atApp(t)
	b.rule(t, false, policy.Required, policy.PasswordOn)
	w.get(a.path())
	page := w.post("/password", "username", alice, "password", password)
	if page = w.onward(page); page.path != "/security" {
		t.Fatalf("without a phone, at %s", page.path)
	}
	if got := w.get(a.path("prompt", "none")).arrival(callback).Get("error"); got != "interaction_required" {
		t.Errorf("silent: %s", got)
	}
	b.rule(t, false, policy.Optional, policy.PasswordOn)
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

func second[T any](_ T, err error) error { return err }

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

// A new key signs at once; what the old one signed is still good. A restart changes nothing.
func TestKeysAndRestart(t *testing.T) {
	b := newBench(t).clockIsReal()
	a, w := b.app(t, store.App{ID: "mail"}, "s3cret"), b.atApp(t)
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

// The discovery document promises nothing that the provider does not keep.
func TestDiscovery(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	var doc struct {
		Issuer    string   `json:"issuer"`
		Responses []string `json:"response_types_supported"`
		Grants    []string `json:"grant_types_supported"`
		Algs      []string `json:"id_token_signing_alg_values_supported"`
		PKCE      []string `json:"code_challenge_methods_supported"`
	}
	if err := json.Unmarshal([]byte(w.get(oidc.Discovery).is(200).body), &doc); err != nil {
		t.Fatal(err)
	}
	got := []string{doc.Issuer, strings.Join(doc.Responses, " "), strings.Join(doc.Grants, " "), strings.Join(doc.Algs, " "), strings.Join(doc.PKCE, " ")}
	if d := cmp.Diff([]string{origin, "code", "authorization_code refresh_token", "ES256", "S256"}, got); d != "" {
		t.Error(d)
	}
	if keys := w.get("/keys").is(200); strings.Contains(keys.body, `"d"`) || !strings.Contains(keys.body, `"ES256"`) {
		t.Error(keys.body)
	}
}

// oidcHash is how the store keeps a secret.
func oidcHash(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// BenchmarkAppSignIn is what an app's sign-in costs where a session is there: request, code, tokens with an ES256 ID token.
func BenchmarkAppSignIn(b *testing.B) {
	bench := newBench(b).clockIsReal()
	a, w := bench.app(b, store.App{ID: "mail"}, "s3cret"), bench.atApp(b)
	w.byPassword(alice)
	for b.Loop() {
		a.tokens(a.code(w.get(a.path())))
	}
}

// FuzzAuthorize sends any query; no answer is a fault, and only the registered address gets a redirect away from the tenant.
func FuzzAuthorize(f *testing.F) {
	b := newBench(f).clockIsReal()
	a, w := b.app(f, store.App{ID: "mail"}, "s3cret"), b.atApp(f)
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
