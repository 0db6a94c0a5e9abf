package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	sessionCookie = "mail-session"
	signInCookie  = "mail-signin"
	sessionLife   = 8 * time.Hour
	signInLife    = 10 * time.Minute
)

// Person is who signed in, as the verified ID token says.
type Person struct {
	Name    string   `json:"name"`
	UPN     string   `json:"preferred_username"`
	Methods []string `json:"amr"`
	Class   string   `json:"acr"`
	idToken string   // for signing out
}

// ByPhone says whether a key that answers to the provider's website alone signed in, as the phone's does.
func (p Person) ByPhone() bool { return p.Class == "phr" || slices.Contains(p.Methods, "pop") }

// Door lets people in: OpenID Connect, the code flow with PKCE.
type Door struct {
	oauth2.Config
	provider *oidc.Provider
	bye      string // the provider's end_session_endpoint
	own      string // address of this website

	mu       sync.Mutex
	people   map[string]Person
	attempts map[string]attempt
}

// attempt is a sign-in on its way. It is found by a cookie, so nobody finishes what began in another browser.
type attempt struct {
	state, nonce, verifier string
	began                  time.Time
}

// NewDoor reads what the provider says of itself.
func NewDoor(ctx context.Context, issuer, own, client, secret string) (*Door, error) {
	p, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, err
	}
	var more struct {
		Bye string `json:"end_session_endpoint"`
	}
	if err := p.Claims(&more); err != nil {
		return nil, err
	}
	return &Door{provider: p, own: own, bye: more.Bye, people: map[string]Person{}, attempts: map[string]attempt{},
		Config: oauth2.Config{ClientID: client, ClientSecret: secret, Endpoint: p.Endpoint(), RedirectURL: own + "/callback", Scopes: []string{"openid", "profile"}}}, nil
}

// Only lets those through who are signed in, and leads the others to the provider.
func (d *Door) Only(h func(http.ResponseWriter, *http.Request, Person)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if p, ok := d.person(r); ok {
			h(w, r, p)
			return
		}
		http.Redirect(w, r, "/signin", http.StatusSeeOther)
	}
}

func (d *Door) person(r *http.Request) (Person, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.people[cookie(r, sessionCookie)]
	return p, ok
}

// SignIn sends the browser to the provider.
func (d *Door) SignIn(w http.ResponseWriter, r *http.Request) {
	a := attempt{rand.Text(), rand.Text(), oauth2.GenerateVerifier(), time.Now()}
	id := rand.Text()
	d.mu.Lock()
	for old, was := range d.attempts {
		if time.Since(was.began) > signInLife {
			delete(d.attempts, old)
		}
	}
	d.attempts[id] = a
	d.mu.Unlock()
	set(w, signInCookie, id, signInLife)
	http.Redirect(w, r, d.AuthCodeURL(a.state, oidc.Nonce(a.nonce), oauth2.S256ChallengeOption(a.verifier)), http.StatusSeeOther)
}

// Callback is where the provider sends the browser back to.
func (d *Door) Callback(w http.ResponseWriter, r *http.Request) {
	id := cookie(r, signInCookie)
	d.mu.Lock()
	a, ok := d.attempts[id]
	delete(d.attempts, id) // once only
	d.mu.Unlock()
	q := r.URL.Query()
	switch {
	case !ok || q.Get("state") != a.state || time.Since(a.began) > signInLife:
		refuse(w, "This sign-in did not begin here, or too long ago.")
		return
	case q.Has("error"):
		refuse(w, "You were not signed in.")
		return
	}
	p, err := d.verified(r.Context(), q.Get("code"), a)
	if err != nil {
		refuse(w, "The provider's answer is not valid.")
		return
	}
	session := rand.Text()
	d.mu.Lock()
	d.people[session] = p
	d.mu.Unlock()
	set(w, sessionCookie, session, sessionLife)
	set(w, signInCookie, "", -time.Second)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// verified redeems the code and checks the ID token: signature, issuer, audience, time and nonce.
func (d *Door) verified(ctx context.Context, code string, a attempt) (p Person, err error) {
	token, err := d.Exchange(ctx, code, oauth2.VerifierOption(a.verifier))
	if err != nil {
		return p, err
	}
	p.idToken, _ = token.Extra("id_token").(string)
	id, err := d.provider.Verifier(&oidc.Config{ClientID: d.ClientID}).Verify(ctx, p.idToken)
	if err != nil {
		return p, err
	}
	if id.Nonce != a.nonce {
		return p, errors.New("the ID token is for another sign-in")
	}
	if err := id.Claims(&p); err != nil || p.UPN != "" {
		return p, err
	}
	info, err := d.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return p, err
	}
	if info.Subject != id.Subject {
		return p, errors.New("userinfo is of somebody else")
	}
	return p, info.Claims(&p)
}

// SignOut ends the session here and at the provider.
func (d *Door) SignOut(w http.ResponseWriter, r *http.Request) {
	p, ok := d.person(r)
	d.mu.Lock()
	delete(d.people, cookie(r, sessionCookie))
	d.mu.Unlock()
	set(w, sessionCookie, "", -time.Second)
	if !ok || d.bye == "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	q := url.Values{"id_token_hint": {p.idToken}, "client_id": {d.ClientID}, "post_logout_redirect_uri": {d.own + "/"}}
	http.Redirect(w, r, d.bye+"?"+q.Encode(), http.StatusSeeOther)
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// set keeps a cookie for life; without life it goes.
func set(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(life / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode})
}
