// Package federation lets another OpenID Provider sign the users of a domain in: the place that AD FS has beside a cloud
// tenant. The tenant is an ordinary relying party there (OpenID Connect Core, code flow with PKCE), and stays the one
// that decides: its policy, its second factor and its sign-in log count as they do after a password.
//
// # What is believed
//
// An issuer speaks for the domains that an admin gave it and for no other. The person has to come back as the one who was
// asked for. The first time an account is found by its UPN; from then on by the issuer's subject, so that a name which the
// issuer gives to somebody else opens nothing here. An account must exist: an issuer makes none.
//
// # What comes back
//
// An answer is taken once, in the browser in which it was asked for. Its issuer is compared where it says it (RFC 9207) and
// in the ID token, whose nonce and PKCE verifier never leave the tenant: an answer of another issuer, or one made for
// somebody else, is worth nothing. No access token is kept.
package federation

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tallykey/tenant/account"
	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

const (
	// Method is how somebody signed in whom the issuer vouches for; it stands in the session and in the log.
	Method = signin.MethodFederated
	// MethodConfirm is the same of somebody who is signed in and had to show it again.
	MethodConfirm = "federated-confirm"
	// Callback is the path to which the issuer sends the browser back.
	Callback = "/signin/federated"

	// life is how long the person may take at the issuer.
	life = 10 * time.Minute
)

// Exchange begins and ends sign-ins at other issuers. It is safe for use by several goroutines.
type Exchange struct {
	store    *store.Store
	client   *http.Client
	redirect string
	now      func() time.Time
	partners partners
}

// New makes an Exchange of the tenant at own. A nil client is one with deadlines and limits.
func New(s *store.Store, own *url.URL, client *http.Client, now func() time.Time) *Exchange {
	if client == nil {
		client = NewClient()
	}
	return &Exchange{store: s, client: client, redirect: own.Scheme + "://" + own.Host + Callback, now: now, partners: partners{known: map[string]partner{}}}
}

// For finds who signs in the users of the UPN's domain. store.ErrNotFound: the tenant itself.
func (x *Exchange) For(ctx context.Context, upn account.UPN) (store.Federation, error) {
	_, domain, _ := strings.Cut(string(upn), "@")
	return x.store.Federation(ctx, domain)
}

// asked is what the store keeps of a sign-in at an issuer.
type asked struct {
	Issuer   string `json:"issuer"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // PKCE
}

// Begin asks f's issuer for the person with this UPN.
func (x *Exchange) Begin(ctx context.Context, f store.Federation, upn account.UPN, by signin.Asker) (store.Attempt, error) {
	return x.begin(ctx, f, store.Attempt{Kind: Method, UPN: string(upn), Options: []byte("{}")}, by)
}

// BeginAgain asks for somebody who is signed in, whom the issuer has to ask anew. The errand, JSON, comes back with the
// answer.
func (x *Exchange) BeginAgain(ctx context.Context, f store.Federation, upn account.UPN, errand []byte, by signin.Asker) (store.Attempt, error) {
	return x.begin(ctx, f, store.Attempt{Kind: MethodConfirm, UPN: string(upn), Options: errand}, by)
}

func (x *Exchange) begin(ctx context.Context, f store.Federation, a store.Attempt, by signin.Asker) (store.Attempt, error) {
	state, err := json.Marshal(asked{Issuer: f.Issuer, Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()})
	if err != nil {
		return store.Attempt{}, err
	}
	a.ID, a.State, a.Created, a.Expires = signin.NewRequest(), state, x.now(), x.now().Add(life)
	a.Browser, a.Agent, a.App, a.Keep = by.Browser, by.Agent, by.App, by.Keep
	if by.Address.IsValid() {
		a.Address = by.Address.String()
	}
	return a, x.store.CreateAttempt(ctx, a)
}

// Address is where the browser has to go for a sign-in that began in it. The error carries request_unknown or
// federation_unreachable.
func (x *Exchange) Address(ctx context.Context, kind, id string, browser []byte) (string, error) {
	a, err := x.store.Attempt(ctx, kind, id, browser)
	if errors.Is(err, store.ErrNotFound) {
		return "", outcome.Errorf(outcome.RequestUnknown, "no such request in this browser")
	}
	if err != nil {
		return "", err
	}
	f, was, err := x.open(ctx, a)
	if err != nil {
		return "", err
	}
	p, err := x.partner(ctx, f.Issuer)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{gooidc.Nonce(was.Nonce), oauth2.S256ChallengeOption(was.Verifier), oauth2.SetAuthURLParam("login_hint", a.UPN)}
	if a.Kind == MethodConfirm {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return x.config(f, p).AuthCodeURL(a.ID, options...), nil
}

// open reads what the store keeps. An admin may have taken the domain from the issuer meanwhile.
func (x *Exchange) open(ctx context.Context, a store.Attempt) (f store.Federation, was asked, err error) {
	if err = json.Unmarshal(a.State, &was); err != nil {
		return f, was, err
	}
	f, err = x.For(ctx, account.UPN(a.UPN))
	if errors.Is(err, store.ErrNotFound) || err == nil && f.Issuer != was.Issuer {
		err = outcome.Errorf(outcome.FederationAnswerInvalid, "%s answers for the domain no more", was.Issuer)
	}
	return f, was, err
}

func (x *Exchange) config(f store.Federation, p partner) *oauth2.Config {
	return &oauth2.Config{ClientID: f.Client, ClientSecret: f.Secret, Endpoint: p.Endpoint(), RedirectURL: x.redirect, Scopes: []string{gooidc.ScopeOpenID, "profile", "email"}}
}
