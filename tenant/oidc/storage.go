package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	std "github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tallykey/tenant/store"
)

// storage is the provider as the library calls it.
type storage struct{ *Provider }

type requestKey struct{}

// missing tells the library that a client does not exist, as opposed to a fault.
type missing struct{ error }

func (missing) IsNotFound() {}

func (s *storage) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	a, err := s.store.App(context.WithoutCancel(ctx), id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, std.ErrInvalidClient().WithParent(missing{err}).WithDescription("there is no such app")
	}
	turnOf(ctx).alg, turnOf(ctx).App = a.Alg, a.ID
	return client{a}, err
}

func (s *storage) AuthorizeClientIDSecret(ctx context.Context, id, secret string) error {
	a, err := s.store.App(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return missing{err}
	}
	if err != nil {
		return err
	}
	turnOf(ctx).App = a.ID
	if a.Secret == nil || subtle.ConstantTimeCompare(hash(secret), a.Secret) != 1 {
		return missing{errors.New("wrong secret")}
	}
	return nil
}

// CreateAuthRequest keeps a request whose app, redirect URI and scopes the library has checked.
func (s *storage) CreateAuthRequest(ctx context.Context, r *std.AuthRequest, subject string) (op.AuthRequest, error) {
	a, err := s.store.App(ctx, r.ClientID)
	if err != nil {
		return nil, err
	}
	if err := check(client{a}, r); err != nil {
		return nil, err
	}
	browser, _ := ctx.Value(browserKey{}).([]byte)
	if browser == nil {
		return nil, std.ErrInvalidRequest().WithDescription("the browser keeps no cookie")
	}
	out := &Request{row: store.Authorization{ID: newID(), App: a.ID, Browser: browser, Created: s.now()},
		asked: asked{Scopes: known(r.Scopes), Redirect: r.RedirectURI, State: r.State, Nonce: r.Nonce, Prompt: r.Prompt, MaxAge: r.MaxAge,
			Hint: r.LoginHint, Subject: subject, Challenge: r.CodeChallenge, Native: a.Native, ACR: r.ACRValues, Locales: locales(r)}}
	if out.row.Request, err = json.Marshal(out.asked); err != nil {
		return nil, err
	}
	return out, s.store.CreateAuthorization(ctx, out.row)
}

// Scopes are those that mean something here. Others are left out, and the token endpoint says what is left.
var Scopes = []string{std.ScopeOpenID, std.ScopeProfile, std.ScopeEmail, std.ScopeOfflineAccess}

func known(scopes []string) []string {
	return slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return !slices.Contains(Scopes, s) })
}

func locales(r *std.AuthRequest) (list []string) {
	for _, l := range r.UILocales {
		list = append(list, l.String())
	}
	return list
}

// Prompts are the values of prompt that there are.
var Prompts = []string{std.PromptNone, std.PromptLogin, std.PromptConsent, std.PromptSelectAccount}

func check(c client, r *std.AuthRequest) error {
	strange := func(p string) bool { return !slices.Contains(Prompts, p) }
	switch {
	case !c.redirects(r.RedirectURI):
		return std.ErrInvalidRequestRedirectURI().WithDescription("redirect_uri is not registered for this app")
	case !slices.Contains(r.Scopes, std.ScopeOpenID):
		return std.ErrInvalidScope().WithDescription("the scope openid is missing")
	case r.ResponseMode != "" && r.ResponseMode != std.ResponseModeQuery:
		return std.ErrInvalidRequest().WithDescription("response_mode is not supported")
	case slices.ContainsFunc(r.Prompt, strange):
		return std.ErrInvalidRequest().WithDescription("prompt has a value that is not supported")
	case r.CodeChallenge != "" && r.CodeChallengeMethod != std.CodeChallengeMethodS256:
		return std.ErrInvalidRequest().WithDescription("code_challenge_method must be S256")
	case c.Secret == nil && r.CodeChallenge == "":
		return std.ErrInvalidRequest().WithDescription("PKCE required")
	}
	return nil
}

func (s *storage) AuthRequestByID(context.Context, string) (op.AuthRequest, error) {
	return nil, store.ErrNotFound // the library's own callback is not served
}

// SaveAuthCode is called by Approve, which put its request into the context.
func (s *storage) SaveAuthCode(ctx context.Context, id, code string) error {
	r, ok := ctx.Value(requestKey{}).(*Request)
	if !ok || r.row.ID != id {
		return errors.New("a code for a request that nobody approved")
	}
	r.row.Coded = s.now()
	return s.store.GiveCode(ctx, r.row, hash(code))
}

func (s *storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	a, err := s.store.RedeemCode(ctx, hash(code), s.now())
	reused(ctx, a.UserID, err)
	if err != nil {
		return nil, err
	}
	if s.now().Sub(a.Coded) >= codeLife {
		return nil, errors.New("the code has expired")
	}
	if _, err := s.usable(ctx, a.Authentication); err != nil {
		return nil, err
	}
	return read(a)
}

// DeleteAuthRequest keeps the request: a second use of its code must be noticed. The sweep removes it.
func (s *storage) DeleteAuthRequest(context.Context, string) error { return nil }

// usable finds the user of a sign-in whose tokens are made or used. It is asked each time: the account may have been
// disabled, or reported, since.
func (s *storage) usable(ctx context.Context, by store.Authentication) (store.User, error) {
	u, err := s.store.User(ctx, by.UserID)
	switch {
	case err != nil:
		return u, err
	case !u.Disabled.IsZero():
		return u, errors.New("the account is disabled")
	case s.Usable != nil:
		return u, s.Usable(ctx, u, by.Registration != nil)
	}
	return u, nil
}

func (s *storage) access(scopes []string) store.Access {
	return store.Access{ID: newID(), Scopes: strings.Join(scopes, " "), Expires: s.now().Add(accessLife)}
}

func (s *storage) begin(ctx context.Context, r *Request, refresh []byte) (store.Access, error) {
	a, now := s.access(r.asked.Scopes), s.now()
	g := store.Grant{ID: r.row.ID, App: r.row.App, Scopes: a.Scopes, Created: now, Expires: now.Add(grantLife), Authentication: r.row.Authentication}
	return a, s.store.CreateGrant(ctx, g, a, refresh)
}

func (s *storage) CreateAccessToken(ctx context.Context, t op.TokenRequest) (string, time.Time, error) {
	switch r := t.(type) {
	case *Request:
		a, err := s.begin(ctx, r, nil)
		return a.ID, a.Expires, err
	case *op.DeviceAuthorizationState:
		a, err := s.beginOnDevice(ctx, nil)
		return a.ID, a.Expires, err
	}
	return "", time.Time{}, errFlow
}

var errFlow = errors.New("neither a request of the code flow nor of the device flow")

func newRefresh() string {
	raw := make([]byte, 32)
	rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (s *storage) CreateAccessAndRefreshTokens(ctx context.Context, t op.TokenRequest, current string) (string, string, time.Time, error) {
	next := newRefresh()
	switch r := t.(type) {
	case *Request:
		a, err := s.begin(ctx, r, hash(next))
		return a.ID, next, a.Expires, err
	case *op.DeviceAuthorizationState:
		a, err := s.beginOnDevice(ctx, hash(next))
		return a.ID, next, a.Expires, err
	case *refreshing:
		a := s.access(r.scopes)
		err := s.store.Refresh(ctx, hash(current), hash(next), a, s.now())
		if reused(ctx, r.grant.UserID, err) {
			err = std.ErrInvalidGrant().WithParent(err)
		}
		return a.ID, next, a.Expires, err
	}
	return "", "", time.Time{}, errFlow
}

// reused notes that a code or token came a second time, if that is the error.
func reused(ctx context.Context, userID string, err error) bool {
	is := errors.Is(err, store.ErrReused)
	if is {
		turnOf(ctx).Reused, turnOf(ctx).UserID = true, userID
	}
	return is
}

// refreshing is a grant whose refresh token is being used.
type refreshing struct {
	grant  store.Grant
	scopes []string
}

func (r *refreshing) GetAMR() []string            { amr, _ := references(r.grant.Authentication); return amr }
func (r *refreshing) GetAudience() []string       { return []string{r.grant.App} }
func (r *refreshing) GetAuthTime() time.Time      { return r.grant.AuthTime }
func (r *refreshing) GetClientID() string         { return r.grant.App }
func (r *refreshing) GetScopes() []string         { return r.scopes }
func (r *refreshing) GetSubject() string          { return r.grant.UserID }
func (r *refreshing) SetCurrentScopes(s []string) { r.scopes = s }

func (s *storage) TokenRequestByRefreshToken(ctx context.Context, token string) (op.RefreshTokenRequest, error) {
	g, err := s.store.GrantByRefresh(ctx, hash(token), s.now())
	reused(ctx, g.UserID, err)
	if err != nil {
		return nil, err
	}
	_, err = s.usable(ctx, g.Authentication)
	return &refreshing{g, strings.Fields(g.Scopes)}, err
}

// TerminateSession is not called: package web ends the session itself.
func (s *storage) TerminateSession(context.Context, string, string) error { return nil }

// GetRefreshTokenInfo finds the grant of a refresh token for /revoke.
func (s *storage) GetRefreshTokenInfo(ctx context.Context, app, token string) (userID, tokenID string, err error) {
	g, err := s.store.GrantByRefresh(ctx, hash(token), s.now())
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrReused) || err == nil && g.App != app {
		return "", "", op.ErrInvalidRefreshToken
	}
	return g.UserID, g.ID, err
}

// RevokeToken ends the grant of a refresh token, or one access token. That an unknown one is revoked is true.
func (s *storage) RevokeToken(ctx context.Context, id, _, app string) *std.Error {
	if err := errors.Join(s.store.EndGrant(ctx, id, app), s.store.EndAccess(ctx, id, app)); err != nil {
		return std.ErrServerError().WithParent(err)
	}
	return nil
}

// SigningKey is the one that signs what the app of this request can verify.
func (s *storage) SigningKey(ctx context.Context) (op.SigningKey, error) {
	k, err := signingKey(context.WithoutCancel(ctx), s.store, turnOf(ctx).alg, s.now)
	if err != nil {
		return nil, err
	}
	return parseKey(k)
}

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256, jose.RS256}, nil
}

func (s *storage) KeySet(ctx context.Context) ([]op.Key, error) {
	list, err := s.store.Keys(ctx, "sig")
	if err != nil {
		return nil, err
	}
	var out []op.Key
	for _, k := range list {
		if !k.Retired.IsZero() && s.now().Sub(k.Retired) >= published {
			continue
		}
		parsed, err := parseKey(k)
		if err != nil {
			return nil, err
		}
		out = append(out, verifier{parsed})
	}
	return out, nil
}

// SetUserinfoFromScopes puts nothing into the ID token beside the subject, which the library would clear otherwise.
func (s *storage) SetUserinfoFromScopes(_ context.Context, info *std.UserInfo, userID, _ string, _ []string) error {
	info.Subject = userID
	return nil
}

// SetUserinfoFromRequest puts acr into ID tokens that the library knows none for: those of refreshes and of devices.
func (s *storage) SetUserinfoFromRequest(ctx context.Context, info *std.UserInfo, r op.IDTokenRequest, _ []string) error {
	var by store.Authentication
	switch r := r.(type) {
	case *refreshing:
		by = r.grant.Authentication
	case *op.DeviceAuthorizationState:
		by = turnOf(ctx).device.Authentication
	}
	if _, acr := references(by); acr != "" {
		info.AppendClaims("acr", acr)
	}
	return nil
}

// SetUserinfoFromToken answers /userinfo as far as the token's scopes go.
func (s *storage) SetUserinfoFromToken(ctx context.Context, info *std.UserInfo, id, subject, _ string) error {
	a, g, err := s.store.Access(ctx, id, s.now())
	if err != nil || g.UserID != subject {
		return std.ErrAccessDenied().WithDescription("the token is not valid")
	}
	u, err := s.usable(ctx, g.Authentication)
	if err != nil {
		return std.ErrAccessDenied().WithDescription("the token is not valid")
	}
	info.Subject = u.ID
	scopes := strings.Fields(a.Scopes)
	if slices.Contains(scopes, std.ScopeProfile) {
		info.Name, info.PreferredUsername = u.Name, u.UPN
	}
	if slices.Contains(scopes, std.ScopeEmail) {
		info.Email = u.UPN // not verified: nobody sent a mail to it
	}
	return nil
}

// SetIntrospectionFromToken answers /oauth/introspect, and only to the app whose token it is.
func (s *storage) SetIntrospectionFromToken(ctx context.Context, out *std.IntrospectionResponse, id, subject, app string) error {
	a, g, err := s.store.Access(ctx, id, s.now())
	if err != nil || g.UserID != subject || g.App != app {
		return store.ErrNotFound
	}
	if _, err := s.usable(ctx, g.Authentication); err != nil {
		return err
	}
	amr, acr := references(g.Authentication)
	out.Subject, out.ClientID, out.Scope, out.TokenType, out.Issuer = g.UserID, g.App, strings.Fields(a.Scopes), std.BearerToken, s.issuer
	out.Expiration, out.AuthTime, out.Audience, out.AuthenticationMethodsReferences = std.FromTime(a.Expires), std.FromTime(g.AuthTime), []string{g.App}, amr
	if acr != "" {
		out.Claims = map[string]any{"acr": acr} // RFC 9470 section 6.2
	}
	return nil
}

func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

// GetKeyByIDAndClientID: no app signs assertions.
func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, store.ErrNotFound
}

// ValidateJWTProfileScopes: no app signs assertions.
func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, store.ErrNotFound
}

func (s *storage) Health(context.Context) error { return nil }
