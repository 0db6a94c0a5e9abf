// Package oidc is the tenant's OpenID Provider: an app sends the browser to /authorize, the person signs in on the
// tenant's pages, and the app gets a code, and for the code an ID token, an access token and, if it asks for
// offline_access, a refresh token. It wraps github.com/zitadel/oidc, which parses, checks and signs; no other package
// knows that library.
//
// What it does beyond the library, and why:
//
//   - A request is bound to the browser in which it began. Else somebody could begin one, have another person sign in to
//     it, and fetch the code.
//   - Codes last a minute and are good for one use. A second use takes all tokens back that the first gave.
//   - Each refresh gives a new refresh token. One that was used before takes all tokens of its sign-in back: either the
//     app or a thief has an old one, and there is no telling which.
//   - PKCE with S256 always for public clients, and never "plain" for anybody.
//   - Redirect URIs match letter by letter. Only apps registered as native may choose the port of a loopback one (RFC 8252
//     section 7.3), and only on the same host name: "localhost" is not 127.0.0.1.
//   - The discovery document says what is true: code flow only, ES256 only, no implicit flow.
//   - Access tokens are opaque and looked up each time: what is taken back, or whose user is disabled, ends at once.
//
// # How the user signed in
//
// amr has registered values of RFC 8176. After phone sign-in ["swk","user","mfa"]: a key in software (the tenant asks for
// no attestation, so it claims no hardware), the user present, and a second factor verified by the phone. After a password
// ["pwd"]. acr is "phr" (phishing-resistant, OpenID Connect Extended Authentication Profile) after phone sign-in, because the key
// answers to the tenant's origin only; after a password there is no acr.
package oidc

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	std "github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tallykey/tenant/store"
)

const (
	// RequestLife is how long a person has to sign in for an app.
	RequestLife = 15 * time.Minute
	codeLife    = time.Minute
	accessLife  = time.Hour
	idLife      = time.Hour
	grantLife   = 30 * 24 * time.Hour
)

// Paths of the endpoints. Browsers are sent to Authorize and EndSession; apps call the others.
const (
	Authorize  = "/authorize"
	Continue   = "/authorize/continue"
	EndSession = "/end_session"
	Discovery  = "/.well-known/openid-configuration"
)

// AppPaths are the endpoints that apps call.
var AppPaths = []string{"/oauth/token", "/oauth/introspect", "/userinfo", "/revoke", "/keys"}

// Provider is the OpenID Provider of one issuer.
type Provider struct {
	issuer string
	store  *store.Store
	now    func() time.Time
	op     *op.Provider
}

// New opens the provider of an issuer such as "https://login.contoso.example". Its keys are made once and kept in the store.
func New(ctx context.Context, s *store.Store, issuer *url.URL, now func() time.Time) (*Provider, error) {
	secret, err := prepareKeys(ctx, s, now)
	if err != nil {
		return nil, err
	}
	p := &Provider{issuer: issuer.Scheme + "://" + issuer.Host, store: s, now: now}
	options := []op.Option{op.WithCORSOptions(nil)}
	if issuer.Scheme == "http" { // localhost; package web lets nothing else in
		options = append(options, op.WithAllowInsecure())
	}
	c := &op.Config{CryptoKey: secret, CodeMethodS256: true, AuthMethodPost: true, GrantTypeRefreshToken: true,
		DefaultLogoutRedirectURI: p.issuer + "/signin"}
	p.op, err = op.NewProvider(c, &storage{p}, op.StaticIssuer(p.issuer), options...)
	return p, err
}

// ServeHTTP serves Authorize and AppPaths.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.op.ServeHTTP(w, r) }

type browserKey struct{}

// In gives the request the browser that an authorization is bound to: the hash of its cookie.
func In(r *http.Request, browser []byte) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), browserKey{}, browser))
}

// Find gives the request of an app that began in this browser, or store.ErrNotFound.
func (p *Provider) Find(ctx context.Context, id string, browser []byte) (*Request, error) {
	a, err := p.store.Authorization(ctx, id, browser)
	if err != nil {
		return nil, err
	}
	r, err := read(a)
	if err == nil && p.now().Sub(a.Created) >= RequestLife {
		err = store.ErrNotFound
	}
	return r, err
}

// Approve sends the browser back to the app with a code for the session's user.
func (p *Provider) Approve(w http.ResponseWriter, r *http.Request, a *Request, n store.Session) {
	a.row.UserID, a.row.Method, a.row.AuthTime = n.UserID, n.Method, n.Started
	ctx := context.WithValue(op.ContextWithIssuer(r.Context(), p.issuer), requestKey{}, a)
	op.AuthResponse(a, p.op, w, r.WithContext(ctx))
}

// Refusal is what an app is told when nobody was signed in.
type Refusal int

// The refusals of OpenID Connect Core section 3.1.2.6 that this provider has.
const (
	LoginRequired Refusal = iota + 1
	InteractionRequired
)

// Refuse sends the browser back to the app without a code.
func (p *Provider) Refuse(w http.ResponseWriter, r *http.Request, a *Request, why Refusal) {
	err := std.ErrLoginRequired()
	if why == InteractionRequired {
		err = std.ErrInteractionRequired()
	}
	op.AuthRequestError(w, r, a, err, p.op)
}

// Farewell checks a request to /end_session (RP-Initiated Logout 1.0): whose session its ID token hint is about, "" if it
// has none, and where the browser goes then, which is registered for the app.
func (p *Provider) Farewell(r *http.Request) (userID, onward string, err error) {
	ctx := op.ContextWithIssuer(r.Context(), p.issuer)
	req, err := op.ParseEndSessionRequest(r, p.op.Decoder())
	if err != nil {
		return "", "", err
	}
	e, err := op.ValidateEndSessionRequest(ctx, req, p.op)
	if err != nil {
		return "", "", err
	}
	return e.UserID, e.RedirectURI, nil
}

// Sweep removes what has expired.
func (p *Provider) Sweep(ctx context.Context) error {
	return p.store.SweepTokens(ctx, p.now(), p.now().Add(-RequestLife-codeLife))
}

// Describe serves the discovery document: what this provider does, and nothing else.
func (p *Provider) Describe(w http.ResponseWriter, _ *http.Request) {
	secrets := []string{"client_secret_basic", "client_secret_post"}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{ // the app left: nobody to tell
		"issuer": p.issuer, "authorization_endpoint": p.issuer + Authorize, "token_endpoint": p.issuer + "/oauth/token",
		"userinfo_endpoint": p.issuer + "/userinfo", "jwks_uri": p.issuer + "/keys", "end_session_endpoint": p.issuer + EndSession,
		"revocation_endpoint": p.issuer + "/revoke", "introspection_endpoint": p.issuer + "/oauth/introspect",
		"scopes_supported":                              []string{"openid", "profile", "email", "offline_access"},
		"response_types_supported":                      []string{"code"},
		"response_modes_supported":                      []string{"query"},
		"grant_types_supported":                         []string{"authorization_code", "refresh_token"},
		"subject_types_supported":                       []string{"public"},
		"id_token_signing_alg_values_supported":         []string{"ES256"},
		"token_endpoint_auth_methods_supported":         append([]string{"none"}, secrets...),
		"revocation_endpoint_auth_methods_supported":    append([]string{"none"}, secrets...),
		"introspection_endpoint_auth_methods_supported": secrets[:1],
		"code_challenge_methods_supported":              []string{"S256"},
		"prompt_values_supported":                       []string{"none", "login", "select_account"},
		"acr_values_supported":                          []string{"phr"},
		"claims_supported":                              []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "name", "preferred_username", "email"},
		"ui_locales_supported":                          []string{"en", "de"},
		"request_parameter_supported":                   false, "request_uri_parameter_supported": false, "claims_parameter_supported": false,
	})
}

func hash(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

func read(a store.Authorization) (*Request, error) {
	r := &Request{row: a}
	if err := json.Unmarshal(a.Request, &r.asked); err != nil {
		return nil, fmt.Errorf("authorization %s: %w", a.ID, err)
	}
	return r, nil
}
