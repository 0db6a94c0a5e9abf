package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"tallykey/daemon/registration"
)

// Service is the keyring's name for these items: apart from the daemon's, which lists and judges its own.
const Service = "tallykey-login"

// ErrNone means that nobody is signed in at this issuer here, or that the sign-in has ended and must be made again.
var ErrNone = errors.New("login: not signed in")

// early is how long before its end a token counts as over: it still has to travel.
const early = 30 * time.Second

const itemVersion = 1

// Account is one sign-in that is kept: an issuer, a client, and the hosts that its tokens may go to.
type Account struct {
	V         int       `json:"v"`
	Issuer    string    `json:"issuer"`
	ClientID  string    `json:"client"`
	Scopes    []string  `json:"scopes"`
	Subject   string    `json:"subject"`
	Account   string    `json:"account"`         // who, for people and for user names
	Hosts     []string  `json:"hosts,omitempty"` // that credential helpers may give tokens to
	Refresh   string    `json:"refresh"`
	Access    string    `json:"access,omitempty"` // kept where the item stays small enough, as is ID
	Expires   time.Time `json:"expires,omitzero"`
	ID        string    `json:"id,omitempty"`
	IDExpires time.Time `json:"idExpires,omitzero"`
}

// Accounts are the sign-ins in a keyring. Its Lock keeps two processes from using one refresh token twice, which a
// provider must take for theft.
type Accounts struct {
	Keyring registration.Keyring
	Lock    func(ctx context.Context) (unlock func(), err error)
	HTTP    *http.Client // nil: one with limits of its own
	Now     func() time.Time
}

// Get gives the account at an issuer, or ErrNone.
func (a *Accounts) Get(ctx context.Context, issuer string) (Account, error) {
	value, err := a.Keyring.Get(ctx, issuer)
	if errors.Is(err, registration.ErrNotFound) {
		return Account{}, fmt.Errorf("%w at %s", ErrNone, brief(issuer))
	}
	if err != nil {
		return Account{}, err
	}
	var one Account
	if err := json.Unmarshal([]byte(value), &one); err != nil || one.V != itemVersion || one.Issuer != issuer {
		return Account{}, fmt.Errorf("%w at %s by this version", ErrNone, brief(issuer))
	}
	return one, nil
}

// ForHost gives the account whose tokens may go to a host ("git.contoso.example", with a port where it has one), or
// ErrNone. A token goes to no host that was not named when the person signed in.
func (a *Accounts) ForHost(ctx context.Context, host string) (Account, error) {
	all, err := a.All(ctx)
	if err != nil {
		return Account{}, err
	}
	i := slices.IndexFunc(all, func(one Account) bool { return slices.Contains(one.Hosts, strings.ToLower(host)) })
	if host == "" || i < 0 {
		return Account{}, fmt.Errorf("%w for %s", ErrNone, brief(host))
	}
	return all[i], nil
}

// Keep stores a sign-in in place of an earlier one at the same issuer. ErrRefused: there is no refresh token to keep.
func (a *Accounts) Keep(ctx context.Context, cfg Config, hosts []string, t Tokens) error {
	if t.Refresh == "" {
		return fmt.Errorf("%w: it gave no refresh token; ask for the scope offline_access", ErrRefused)
	}
	one := Account{V: itemVersion, Issuer: cfg.Issuer, ClientID: cfg.ClientID, Scopes: cfg.Scopes, Subject: t.Subject, Account: t.Account}
	for _, h := range hosts {
		one.Hosts = append(one.Hosts, strings.ToLower(h))
	}
	unlock, err := a.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := a.note(ctx, cfg.Issuer); err != nil { // before the item: one that no list has could not be found again
		return err
	}
	return a.put(ctx, one.with(t))
}

func (one Account) with(t Tokens) Account {
	one.Access, one.Expires = t.Access, t.Expires
	if t.Refresh != "" {
		one.Refresh = t.Refresh
	}
	if t.ID != "" {
		one.ID, one.IDExpires = t.ID, t.IDExpires
	}
	return one
}

// put writes the item; where it would be too large for the keyrings of other systems, without what a refresh brings back.
func (a *Accounts) put(ctx context.Context, one Account) error {
	for _, drop := range []func(){func() {}, func() { one.ID, one.IDExpires = "", time.Time{} }, func() { one.Access, one.Expires = "", time.Time{} }} {
		drop()
		value, err := json.Marshal(one)
		if err != nil {
			return err
		}
		if len(value) < registration.MaxItem {
			return a.Keyring.Set(ctx, one.Issuer, string(value))
		}
	}
	return fmt.Errorf("%w: the refresh token is too long for a keyring: %d bytes", ErrRefused, len(one.Refresh))
}

// Token gives an access token that is good now; it refreshes where that is needed. ErrNone where the person must sign in
// again; the account is then forgotten.
func (a *Accounts) Token(ctx context.Context, issuer string) (Tokens, error) {
	return a.fresh(ctx, issuer, func(one Account) bool { return one.Access != "" && a.before(one.Expires) })
}

// IDToken is Token for programs that want an ID token, as Kubernetes does. ErrRefused: the provider gives none with a
// refresh.
func (a *Accounts) IDToken(ctx context.Context, issuer string) (Tokens, error) {
	t, err := a.fresh(ctx, issuer, func(one Account) bool { return one.ID != "" && a.before(one.IDExpires) })
	if err == nil && t.ID == "" {
		err = fmt.Errorf("%w: it gives no ID token with a refresh", ErrRefused)
	}
	return t, err
}

// before says whether a token that ends then is good for a while; the zero time is one that nobody said.
func (a *Accounts) before(end time.Time) bool { return end.IsZero() || a.Now().Before(end.Add(-early)) }

func (a *Accounts) fresh(ctx context.Context, issuer string, good func(Account) bool) (Tokens, error) {
	unlock, err := a.Lock(ctx)
	if err != nil {
		return Tokens{}, err
	}
	defer unlock()
	one, err := a.Get(ctx, issuer) // another process may have refreshed while this one waited
	if err != nil {
		return Tokens{}, err
	}
	if good(one) {
		return one.tokens(), nil
	}
	return a.refresh(ctx, one)
}

func (one Account) tokens() Tokens {
	return Tokens{Access: one.Access, Expires: one.Expires, ID: one.ID, IDExpires: one.IDExpires, Subject: one.Subject, Account: one.Account}
}

// refresh uses the refresh token. Once it is on its way, the person's Ctrl-C does not count: a new one that nobody keeps
// would end the sign-in. For the same reason one that can't be kept is an error and gives no token.
func (a *Accounts) refresh(ctx context.Context, one Account) (Tokens, error) {
	p, ctx, err := discover(ctx, Config{Issuer: one.Issuer, ClientID: one.ClientID, Scopes: one.Scopes, HTTP: a.HTTP, Now: a.Now})
	if err != nil {
		return Tokens{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*answerTime)
	defer cancel()
	raw, err := p.oauth.TokenSource(ctx, &oauth2.Token{RefreshToken: one.Refresh}).Token()
	var e *oauth2.RetrieveError
	if errors.As(err, &e) && e.ErrorCode == "invalid_grant" {
		return Tokens{}, errors.Join(fmt.Errorf("%w at %s any more", ErrNone, brief(one.Issuer)), a.drop(ctx, one.Issuer))
	}
	if err != nil {
		return Tokens{}, refused(err)
	}
	kept := one
	kept.ID, kept.IDExpires = "", time.Time{}
	t, err := p.tokens(ctx, raw, "")
	if err != nil && inLine(raw.RefreshToken) { // such as a clock that is wrong: once it is right the sign-in goes on
		return Tokens{}, errors.Join(err, a.put(ctx, kept.with(Tokens{Refresh: raw.RefreshToken})))
	}
	if err == nil && t.Subject != "" && t.Subject != one.Subject {
		err = fmt.Errorf("%w: it is about somebody else", ErrAnswer) // OpenID Connect Core section 12.2
	}
	if err != nil {
		return Tokens{}, err
	}
	kept = kept.with(t)
	if err := a.put(ctx, kept); err != nil {
		return Tokens{}, err
	}
	return kept.tokens(), nil
}

// Stale forgets an access token that a server refused, so that the next question refreshes. Another one is left alone.
func (a *Accounts) Stale(ctx context.Context, issuer, access string) error {
	unlock, err := a.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	one, err := a.Get(ctx, issuer)
	if errors.Is(err, ErrNone) || err == nil && one.Access != access {
		return nil
	}
	if err != nil {
		return err
	}
	one.Access, one.Expires = "", time.Time{}
	return a.put(ctx, one)
}
