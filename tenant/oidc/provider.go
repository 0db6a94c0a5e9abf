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
//   - The discovery document says what is true: code flow only, ES256 or RS256, no implicit flow.
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
var AppPaths = []string{tokenPath, introspectPath, userinfoPath, revokePath, keysPath}

// Provider is the OpenID Provider of one issuer.
type Provider struct {
	issuer string
	store  *store.Store
	now    func() time.Time
	op     *op.Provider

	// Usable says why an account that is not disabled may get or keep no tokens; vouched says whether a device took part in
	// the sign-in that they come of. nil: nothing else keeps it from that.
	Usable func(ctx context.Context, u store.User, vouched bool) error
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
		DefaultLogoutRedirectURI: p.issuer + "/signin",
		DeviceAuthorization:      op.DeviceAuthorizationConfig{Lifetime: deviceLife, PollInterval: devicePace, UserFormPath: DevicePage, UserCode: op.UserCodeBase20}}
	p.op, err = op.NewProvider(c, &storage{p}, op.StaticIssuer(p.issuer), options...)
	return p, err
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
	a.row.Authentication = n.Authentication()
	ctx := context.WithValue(op.ContextWithIssuer(begin(r.Context()), p.issuer), requestKey{}, a)
	op.AuthResponse(a, p.op, &named{w, p.issuer}, r.WithContext(ctx))
}

// Consent keeps what the person said about an app: the user's id, or store.Denied.
func (p *Provider) Consent(ctx context.Context, a *Request, browser []byte, consent string) error {
	return p.store.Consent(ctx, a.row.ID, browser, consent)
}

// Refusal is what an app is told when nobody was signed in, as the error parameter has it.
type Refusal string

// The refusals of OpenID Connect Core section 3.1.2.6, RFC 6749 section 4.1.2.1 and OpenID Connect Core Error Code
// unmet_authentication_requirements that this provider has.
const (
	LoginRequired       Refusal = "login_required"
	InteractionRequired Refusal = "interaction_required"
	ConsentRequired     Refusal = "consent_required"
	AccessDenied        Refusal = "access_denied"
	Unmet               Refusal = "unmet_authentication_requirements"
)

// Refuse sends the browser back to the app without a code.
func (p *Provider) Refuse(w http.ResponseWriter, r *http.Request, a *Request, why Refusal) {
	err := std.ErrLoginRequired()
	err.ErrorType = errorType(why, err.ErrorType)
	op.AuthRequestError(&named{w, p.issuer}, r, a, err, p.op)
}

// errorType gives a refusal the library's type, which it does not export.
func errorType[T ~string](why Refusal, _ T) T { return T(why) }

// Farewell checks a request to /end_session (RP-Initiated Logout 1.0): whose session its ID token hint is about, "" if it
// has none, of which app, and where the browser goes then, which is registered for the app.
func (p *Provider) Farewell(r *http.Request) (userID, app, onward string, err error) {
	ctx := op.ContextWithIssuer(begin(r.Context()), p.issuer)
	req, err := op.ParseEndSessionRequest(r, p.op.Decoder())
	if err != nil {
		return "", "", "", err
	}
	e, err := op.ValidateEndSessionRequest(ctx, req, p.op)
	if err != nil {
		return "", "", "", err
	}
	return e.UserID, e.ClientID, e.RedirectURI, nil
}

// Sweep removes what has expired.
func (p *Provider) Sweep(ctx context.Context) error {
	return p.store.SweepTokens(ctx, p.now(), p.now().Add(-RequestLife-codeLife))
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
