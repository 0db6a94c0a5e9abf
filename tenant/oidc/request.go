package oidc

import (
	"slices"
	"time"

	std "github.com/zitadel/oidc/v3/pkg/oidc"

	"tallykey/tenant/store"
)

// asked is what the store keeps of an app's request.
type asked struct {
	Scopes    []string `json:"scopes"`
	Redirect  string   `json:"redirect"`
	State     string   `json:"state,omitempty"`
	Nonce     string   `json:"nonce,omitempty"`
	Prompt    []string `json:"prompt,omitempty"`
	MaxAge    *uint    `json:"maxAge,omitempty"` // seconds
	Hint      string   `json:"hint,omitempty"`   // login_hint
	Subject   string   `json:"subject,omitempty"`
	Challenge string   `json:"challenge,omitempty"` // PKCE, S256
}

// Request is an app's request for a sign-in.
type Request struct {
	row   store.Authorization
	asked asked
}

// ID is the request's id.
func (r *Request) ID() string { return r.row.ID }

// App is the app's client id.
func (r *Request) App() string { return r.row.App }

// LoginHint is whom the app expects, as it says.
func (r *Request) LoginHint() string { return r.asked.Hint }

// Silent says that the app wants no page to be shown (prompt=none).
func (r *Request) Silent() bool { return slices.Contains(r.asked.Prompt, std.PromptNone) }

// Content says whether a session answers the request as it is. Who has to sign in anew (prompt=login or select_account,
// max_age) has done so when the session is younger than the request.
func (r *Request) Content(n store.Session) bool {
	if r.asked.Subject != "" && r.asked.Subject != n.UserID {
		return false
	}
	if r.Since(n) {
		return true
	}
	if slices.Contains(r.asked.Prompt, std.PromptLogin) || slices.Contains(r.asked.Prompt, std.PromptSelectAccount) {
		return false
	}
	return r.asked.MaxAge == nil || r.row.Created.Sub(n.Started) < time.Duration(*r.asked.MaxAge)*time.Second
}

// Since says whether a session began for this request, or at least after it.
func (r *Request) Since(n store.Session) bool { return !n.Started.Before(r.row.Created) }

func references(method string) (amr []string, acr string) {
	switch method {
	case "phone", "passkey":
		return []string{"swk", "user", "mfa"}, "phr"
	case "password+phone":
		return []string{"pwd", "swk", "user", "mfa"}, "phr" // the phone's answer is bound to the tenant's origin here too
	case "federated":
		return nil, "" // the issuer knows, not the tenant
	case "federated+phone":
		return []string{"swk", "user", "mfa"}, "phr"
	case "invitation":
		return []string{"otp"}, ""
	}
	return []string{"pwd"}, ""
}

// The methods below are op.AuthRequest.

// GetID implements op.AuthRequest.
func (r *Request) GetID() string { return r.row.ID }

// GetACR implements op.AuthRequest.
func (r *Request) GetACR() string { _, acr := references(r.row.Method); return acr }

// GetAMR implements op.AuthRequest.
func (r *Request) GetAMR() []string { amr, _ := references(r.row.Method); return amr }

// GetAudience implements op.AuthRequest.
func (r *Request) GetAudience() []string { return []string{r.row.App} }

// GetAuthTime implements op.AuthRequest.
func (r *Request) GetAuthTime() time.Time { return r.row.AuthTime }

// GetClientID implements op.AuthRequest.
func (r *Request) GetClientID() string { return r.row.App }

// GetCodeChallenge implements op.AuthRequest.
func (r *Request) GetCodeChallenge() *std.CodeChallenge {
	if r.asked.Challenge == "" {
		return nil
	}
	return &std.CodeChallenge{Challenge: r.asked.Challenge, Method: std.CodeChallengeMethodS256}
}

// GetNonce implements op.AuthRequest.
func (r *Request) GetNonce() string { return r.asked.Nonce }

// GetRedirectURI implements op.AuthRequest.
func (r *Request) GetRedirectURI() string { return r.asked.Redirect }

// GetResponseType implements op.AuthRequest.
func (r *Request) GetResponseType() std.ResponseType { return std.ResponseTypeCode }

// GetResponseMode implements op.AuthRequest.
func (r *Request) GetResponseMode() std.ResponseMode { return std.ResponseModeQuery }

// GetScopes implements op.AuthRequest.
func (r *Request) GetScopes() []string { return r.asked.Scopes }

// GetState implements op.AuthRequest.
func (r *Request) GetState() string { return r.asked.State }

// GetSubject implements op.AuthRequest.
func (r *Request) GetSubject() string { return r.row.UserID }

// Done implements op.AuthRequest.
func (r *Request) Done() bool { return r.row.UserID != "" }
