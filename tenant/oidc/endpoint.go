package oidc

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	std "github.com/zitadel/oidc/v3/pkg/oidc"

	"tallykey/tenant/store"
)

const (
	tokenPath      = "/oauth/token"
	introspectPath = "/oauth/introspect"
	userinfoPath   = "/userinfo"
	revokePath     = "/revoke"
	keysPath       = "/keys"
	devicePath     = DeviceStart
)

// grants are the grant types that the token endpoint takes. The library knows more, which nobody can use here.
var grants = []string{string(std.GrantTypeCode), string(std.GrantTypeRefreshToken), string(std.GrantTypeDeviceCode)}

type (
	browserKey struct{}
	addressKey struct{}
	turnKey    struct{}
)

// In gives the request the browser that an authorization is bound to: the hash of its cookie.
func In(r *http.Request, browser []byte) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), browserKey{}, browser))
}

// From gives the request the address that it came from, for the person who is asked about a device.
func From(r *http.Request, address string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), addressKey{}, address))
}

// turn is what the storage learns while the library answers one request, and has to know later in it.
type turn struct {
	Learned
	alg    string       // of the app
	device store.Device // whose tokens are made
}

// Learned is what came to light about a request of an app, for the log.
type Learned struct {
	App    string // client id, of an app that is registered; empty: of none
	UserID string // whose token came a second time
	Reused bool   // a code or token came a second time, and ended what it gave
}

// Observe gives a request, and what was learned about it when it has been answered.
func Observe(r *http.Request) (*http.Request, *Learned) {
	t := &turn{}
	return r.WithContext(context.WithValue(r.Context(), turnKey{}, t)), &t.Learned
}

func begin(ctx context.Context) context.Context {
	if _, ok := ctx.Value(turnKey{}).(*turn); ok {
		return ctx
	}
	return context.WithValue(ctx, turnKey{}, &turn{})
}

func turnOf(ctx context.Context) *turn {
	if t, ok := ctx.Value(turnKey{}).(*turn); ok {
		return t
	}
	return &turn{}
}

// ServeHTTP serves Authorize and AppPaths.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = r.WithContext(begin(r.Context()))
	if err := p.odd(r); err != nil {
		answer(w, http.StatusBadRequest, err)
		return
	}
	switch r.URL.Path {
	case Authorize:
		p.authorize(w, r)
	case userinfoPath:
		p.op.ServeHTTP(&challenger{ResponseWriter: w, scheme: "Bearer", failure: `, error="invalid_token"`, sent: sent(r)}, r)
	case keysPath:
		p.op.ServeHTTP(w, r)
	case tokenPath:
		p.token(w, r)
	default:
		p.op.ServeHTTP(&challenger{ResponseWriter: w, scheme: "Basic"}, r)
	}
}

// odd refuses what is no request of OAuth: parameters that are there twice (RFC 6749 section 3.1), and those of apps in the
// address, where secrets would land in logs (section 2.3.1; RFC 9700 section 4.3.2).
func (p *Provider) odd(r *http.Request) *std.Error {
	if err := r.ParseForm(); err != nil {
		return std.ErrInvalidRequest().WithDescription("the form can't be read")
	}
	for name, values := range r.Form {
		if len(values) > 1 && single(name) {
			return std.ErrInvalidRequest().WithDescription("a parameter is there twice")
		}
	}
	switch r.URL.Path {
	case tokenPath, introspectPath, revokePath, devicePath:
		if r.Method != http.MethodPost {
			return std.ErrInvalidRequest().WithDescription("this endpoint takes POST only")
		}
		if r.URL.RawQuery != "" {
			return std.ErrInvalidRequest().WithDescription("parameters belong into the body")
		}
	case userinfoPath:
		if r.URL.Query().Has("access_token") {
			return std.ErrInvalidRequest().WithDescription("an access token does not belong into an address")
		}
	}
	return nil
}

// single says whether a parameter must be there once only. "resource" and "audience" may be repeated (RFC 8707).
func single(name string) bool { return name != "resource" && name != "audience" }

// authorize refuses what the library does not know that it should refuse, then lets it answer.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	for parameter, refusal := range map[string]Refusal{"request_uri": "request_uri_not_supported", "registration": "registration_not_supported"} {
		if r.Form.Get(parameter) == "" {
			continue
		}
		if a, err := p.store.App(r.Context(), r.Form.Get("client_id")); err == nil && (client{a}).redirects(r.Form.Get("redirect_uri")) {
			p.Refuse(w, r, &Request{asked: asked{Redirect: r.Form.Get("redirect_uri"), State: r.Form.Get("state")}}, refusal)
			return
		}
	}
	p.op.ServeHTTP(&named{w, p.issuer}, r)
}

// token takes the grant types that there are, and tells a device whose code nobody knows so: the library would say that
// somebody had denied it.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	grant := r.PostForm.Get("grant_type")
	if grant != "" && !slices.Contains(grants, grant) {
		answer(w, http.StatusBadRequest, std.ErrUnsupportedGrantType())
		return
	}
	if grant == string(std.GrantTypeDeviceCode) {
		switch has, err := p.store.HasDevice(r.Context(), hash(r.PostForm.Get("device_code"))); {
		case err != nil:
			answer(w, http.StatusInternalServerError, std.ErrServerError())
			return
		case !has:
			answer(w, http.StatusBadRequest, std.ErrInvalidGrant().WithDescription("there is no such device code, or it has expired"))
			return
		}
	}
	if sent(r) { // RFC 6749 section 5.2
		w = &challenger{ResponseWriter: w, scheme: "Basic"}
	}
	p.op.ServeHTTP(w, r)
}

// GivesTokens says whether an endpoint gives tokens, or takes them back, or tells about them to who shows a secret.
func GivesTokens(path string) bool {
	return path == tokenPath || path == introspectPath || path == revokePath || path == devicePath
}

func sent(r *http.Request) bool { return r.Header.Get("Authorization") != "" }

func answer(w http.ResponseWriter, status int, err *std.Error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(err) // the app left: nobody to tell
}

// named adds to every answer that goes to an app by the browser from whom it is (RFC 9207), so that an app of several
// providers can't be made to take one's code to another.
type named struct {
	http.ResponseWriter
	issuer string
}

// WriteHeader implements http.ResponseWriter.
func (w *named) WriteHeader(status int) {
	if u, err := url.Parse(w.Header().Get("Location")); err == nil && u.Scheme != "" {
		iss := "iss=" + url.QueryEscape(w.issuer)
		if u.Fragment == "" {
			u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+iss, "&")
			w.Header().Set("Location", u.String())
		} else { // an error of a flow whose answers are there
			w.Header().Set("Location", w.Header().Get("Location")+"&"+iss)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// challenger tells an app that is not let in what it has to show (RFC 6749 section 5.2, RFC 6750 section 3).
type challenger struct {
	http.ResponseWriter
	scheme  string
	failure string // what is said of a credential that was shown
	sent    bool   // one was
}

// WriteHeader implements http.ResponseWriter.
func (w *challenger) WriteHeader(status int) {
	if w.scheme == "Bearer" && status == http.StatusForbidden {
		status = http.StatusUnauthorized // the token has ended: RFC 6750 section 3.1
	}
	if status == http.StatusUnauthorized {
		challenge := w.scheme + ` realm="tallykey"`
		if w.sent {
			challenge += w.failure
		}
		w.Header().Set("WWW-Authenticate", challenge)
	}
	w.ResponseWriter.WriteHeader(status)
}
