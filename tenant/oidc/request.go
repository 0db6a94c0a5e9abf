package oidc

import (
	"slices"
	"strings"
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
	Native    bool     `json:"native,omitempty"`
	Challenge string   `json:"challenge,omitempty"` // PKCE, S256
	ACR       []string `json:"acr,omitempty"`       // acr_values
	Locales   []string `json:"locales,omitempty"`   // ui_locales
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

// Locales are the languages in which the app wants the pages to be, the best first.
func (r *Request) Locales() []string { return r.asked.Locales }

// Scopes are what the app wants to know and do.
func (r *Request) Scopes() []string { return r.asked.Scopes }

// Native says whether the app runs on the user's machine.
func (r *Request) Native() bool { return r.asked.Native }

// Content says whether a session answers the request as it is. Who has to sign in anew (prompt=login or select_account,
// max_age) has done so when the session is younger than the request.
func (r *Request) Content(n store.Session) bool {
	if r.asked.Subject != "" && r.asked.Subject != n.UserID || !r.Strong(n) {
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

// Strong says whether a session was begun in a way that the app asks for (acr_values).
func (r *Request) Strong(n store.Session) bool { return meets(r.asked.ACR, n.Authentication()) }

// Since says whether a session began for this request, or at least after it.
func (r *Request) Since(n store.Session) bool { return !n.Started.Before(r.row.Created) }

// Consent is what the person has to say, or has said, about the app.
type Consent int

// What there is to say. ConsentUnneeded: the admin registered the app, which is consent enough.
const (
	ConsentUnneeded Consent = iota + 1
	ConsentNeeded
	ConsentGiven
	ConsentDenied
)

// Consent says whether the session's user has to let the app in. Where the app asks for it, and where an app on the user's
// machine would get in without anybody seeing a page: any program there can pose as it (RFC 8252 section 8.6).
func (r *Request) Consent(n store.Session) Consent {
	switch {
	case r.row.Consent == store.Denied:
		return ConsentDenied
	case r.row.Consent == n.UserID:
		return ConsentGiven
	case slices.Contains(r.asked.Prompt, std.PromptConsent), r.asked.Native && !r.Since(n):
		return ConsentNeeded
	}
	return ConsentUnneeded
}

// The methods below are op.AuthRequest.

// GetID implements op.AuthRequest.
func (r *Request) GetID() string { return r.row.ID }

// GetACR implements op.AuthRequest.
func (r *Request) GetACR() string { _, acr := references(r.row.Authentication); return acr }

// GetAMR implements op.AuthRequest.
func (r *Request) GetAMR() []string { amr, _ := references(r.row.Authentication); return amr }

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

// Language is the first of the languages that an app asks for (ui_locales) in which there are pages, "" for none.
func Language(r *Request) string {
	for _, l := range r.Locales() {
		if tag, _, _ := strings.Cut(strings.ToLower(l), "-"); tag == "de" || tag == "en" {
			return tag
		}
	}
	return ""
}
