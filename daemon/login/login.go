// Package login signs a person in to an OpenID Provider from a terminal, keeps the refresh token in the keyring, and
// hands out tokens to programs that speak a credential helper's language. It is for native apps and scripts: the person
// signs in on the provider's own pages, in the system's browser or on another device, so no program ever sees a password,
// and phone sign-in works there as on every page.
//
// Two ways to sign in: the browser with a redirect to this machine (RFC 8252, with PKCE, RFC 7636), and a code that the
// person types on another device (RFC 8628). Tokens go to standard output when they are asked for, and nowhere else:
// never into a log, an argument list or a file, and never to a host that was not named at the sign-in.
package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// ErrIssuer means that the provider can't be reached, or that what it says of itself does not fit its address.
var ErrIssuer = errors.New("login: no OpenID Provider there")

// ErrRefused means that the provider refused: the person declined, the client is not registered, a code has expired.
var ErrRefused = errors.New("login: the provider refused")

// ErrAnswer means that what came back does not belong to what was asked: another state, issuer, nonce, person or
// signature. It is never retried.
var ErrAnswer = errors.New("login: the answer is not for this request")

// DefaultScopes are asked for where nothing else is said. Only offline_access brings a refresh token.
var DefaultScopes = []string{gooidc.ScopeOpenID, "profile", "email", gooidc.ScopeOfflineAccess}

// Config is what a sign-in needs.
type Config struct {
	Issuer   string   // "https://login.contoso.example"; http on this machine only
	ClientID string   // of a public native client, registered with the redirect http://127.0.0.1/
	Scopes   []string // none: DefaultScopes
	HTTP     *http.Client
	Now      func() time.Time
	// Open shows a page to the person; nil does not. An error is no end: the address is also told to Say.
	Open func(url string) error
	// Say tells the person what to do: an address to open, and for a device the code to type there.
	Say func(Prompt)
}

// Prompt is what a person has to do.
type Prompt struct {
	URL  string // to open
	Code string // to type there; empty in the browser flow
}

// Tokens are what a sign-in or a refresh gave. They are secrets.
type Tokens struct {
	Access    string
	Refresh   string // empty where the provider gave none
	ID        string
	Expires   time.Time // of Access; zero: it did not say
	IDExpires time.Time
	Subject   string
	Account   string // preferred_username or email; Subject where the provider tells neither
}

// provider is an issuer as it describes itself.
type provider struct {
	*gooidc.Provider
	cfg    Config
	oauth  oauth2.Config
	issued bool   // it says iss in its answers (RFC 9207)
	revoke string // RFC 7009; empty: it can't
}

// discover reads the provider's own description. go-oidc compares the issuer letter by letter.
func discover(ctx context.Context, cfg Config) (*provider, context.Context, error) {
	cfg.HTTP = cautious(cfg.HTTP)
	ctx = gooidc.ClientContext(ctx, cfg.HTTP)
	if !guarded(cfg.Issuer) {
		return nil, ctx, fmt.Errorf("%w: %s does not begin with https", ErrIssuer, brief(cfg.Issuer))
	}
	p, err := gooidc.NewProvider(ctx, cfg.Issuer)
	if err != nil {
		return nil, ctx, fmt.Errorf("%w: %s", ErrIssuer, brief(err.Error()))
	}
	var more struct {
		Issued bool   `json:"authorization_response_iss_parameter_supported"`
		Revoke string `json:"revocation_endpoint"`
	}
	if err := p.Claims(&more); err != nil {
		return nil, ctx, fmt.Errorf("%w: %s", ErrIssuer, brief(err.Error()))
	}
	end := p.Endpoint()
	for _, address := range []string{end.AuthURL, end.TokenURL, end.DeviceAuthURL, more.Revoke} {
		if address != "" && !guarded(address) {
			return nil, ctx, fmt.Errorf("%w: it names %s, which does not begin with https", ErrIssuer, brief(address))
		}
	}
	end.AuthStyle = oauth2.AuthStyleInParams // a public client has no secret, and a second try would use a code up
	if len(cfg.Scopes) == 0 {
		cfg.Scopes = slices.Clone(DefaultScopes)
	}
	return &provider{p, cfg, oauth2.Config{ClientID: cfg.ClientID, Endpoint: end, Scopes: cfg.Scopes}, more.Issued, more.Revoke}, ctx, nil
}

// tokens verifies what the token endpoint gave: the ID token's signature, issuer, audience, its hash of the access token
// and, where there was one, its nonce. Only a refresh may come without an ID token.
func (p *provider) tokens(ctx context.Context, t *oauth2.Token, nonce string) (Tokens, error) {
	out := Tokens{Access: t.AccessToken, Refresh: t.RefreshToken, Expires: t.Expiry}
	for _, secret := range []string{out.Access, out.Refresh} {
		if !inLine(secret) {
			return Tokens{}, fmt.Errorf("%w: a token with characters that none has", ErrAnswer)
		}
	}
	raw, ok := t.Extra("id_token").(string)
	if !ok {
		return out, nil
	}
	id, err := p.Verifier(&gooidc.Config{ClientID: p.cfg.ClientID, Now: p.cfg.Now}).Verify(ctx, raw)
	if err != nil {
		return Tokens{}, fmt.Errorf("%w: ID token: %s", ErrAnswer, brief(err.Error()))
	}
	if nonce != "" && id.Nonce != nonce {
		return Tokens{}, fmt.Errorf("%w: nonce", ErrAnswer)
	}
	if id.AccessTokenHash != "" && id.VerifyAccessToken(t.AccessToken) != nil {
		return Tokens{}, fmt.Errorf("%w: another access token", ErrAnswer)
	}
	out.ID, out.IDExpires, out.Subject = raw, id.Expiry, id.Subject
	return out, nil
}

// first is tokens for a sign-in: there must be an ID token, and the person gets a name.
func (p *provider) first(ctx context.Context, t *oauth2.Token, nonce string) (Tokens, error) {
	out, err := p.tokens(ctx, t, nonce)
	if err != nil {
		return out, err
	}
	if out.ID == "" {
		return Tokens{}, fmt.Errorf("%w: no ID token", ErrAnswer)
	}
	if out.Account, err = p.name(ctx, t, out.Subject); err != nil {
		return Tokens{}, err
	}
	return out, nil
}

// name is how the provider calls a person. What userinfo says of somebody else is refused (OpenID Connect Core section
// 5.3.2); where there is no userinfo, the subject has to do.
func (p *provider) name(ctx context.Context, t *oauth2.Token, subject string) (string, error) {
	if p.UserInfoEndpoint() == "" {
		return subject, nil
	}
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(t))
	if err != nil {
		return "", fmt.Errorf("%w: userinfo: %s", ErrIssuer, brief(err.Error()))
	}
	if info.Subject != subject {
		return "", fmt.Errorf("%w: userinfo is about somebody else", ErrAnswer)
	}
	var claims struct {
		Name  string `json:"preferred_username"`
		Email string `json:"email"`
	}
	if err := info.Claims(&claims); err != nil {
		return "", fmt.Errorf("%w: userinfo: %s", ErrAnswer, brief(err.Error()))
	}
	for _, name := range []string{claims.Name, claims.Email} {
		if name != "" && len(name) < 256 && inLine(name) {
			return name, nil
		}
	}
	return subject, nil
}

// refused gives an OAuth error of the token endpoint its sentinel. The description is the provider's own text; other
// answers are not repeated, for they could hold what must not be shown.
func refused(err error) error {
	var e *oauth2.RetrieveError
	switch {
	case errors.As(err, &e) && e.ErrorCode != "":
		return fmt.Errorf("%w: %s", ErrRefused, brief(e.ErrorCode+" "+e.ErrorDescription))
	case errors.As(err, &e):
		return fmt.Errorf("%w: it answers %s", ErrIssuer, e.Response.Status)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return fmt.Errorf("%w: %s", ErrIssuer, brief(err.Error()))
}

// inLine says whether a text can stand in a line of a credential helper's answer: no control character in it could begin
// another one.
func inLine(s string) bool { return !strings.ContainsFunc(s, unicode.IsControl) }

// brief makes a stranger's text fit for a terminal: one line, nothing that moves the cursor.
func brief(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	return strings.TrimSpace(s[:min(len(s), 300)])
}
