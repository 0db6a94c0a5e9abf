// Package session keeps browsers apart: those that are signed in, and those in which a sign-in began. Each has a cookie
// with 32 random bytes of which the store knows only the SHA-256, so that a copy of the database opens nothing.
//
// The two cookies are separate on purpose. The browser's cookie only ties a challenge to the place where it was asked
// for. The session's is made anew at every sign-in and every confirmation, so that nobody can plant one beforehand.
package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"tallykey/tenant/store"
)

const (
	// Lifetime is how long a session lasts, used or not: a working day.
	Lifetime = 12 * time.Hour
	// KeptLifetime is how long a session lasts whose person wants to stay signed in.
	KeptLifetime = 30 * 24 * time.Hour
	// Fresh is how long a confirmation counts.
	Fresh = 5 * time.Minute

	tokenLength = 32
)

// Jar sets and reads the cookies and keeps the sessions behind them.
type Jar struct {
	store  *store.Store
	secure bool
	now    func() time.Time
	proofs proofs
}

// NewJar makes a Jar. With secure, browsers send the cookies over https only and refuse them from any other host
// (__Host-, RFC 6265bis section 4.1.3.2).
func NewJar(s *store.Store, secure bool, now func() time.Time) *Jar {
	return &Jar{store: s, secure: secure, now: now}
}

const (
	sessionCookie = "tallykey-session"
	browserCookie = "tallykey-browser"
	appCookie     = "tallykey-app"
	knownCookie   = "tallykey-accounts"
	proofCookie   = "tallykey-proof"
)

func (j *Jar) name(cookie string) string {
	if j.secure {
		return "__Host-" + cookie
	}
	return cookie
}

func (j *Jar) set(w http.ResponseWriter, cookie, token string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: j.name(cookie), Value: token, Path: "/", MaxAge: int(age.Seconds()),
		HttpOnly: true, Secure: j.secure, SameSite: http.SameSiteLaxMode})
}

// newToken makes a token and its hash.
func newToken() (token string, hash []byte) {
	raw := make([]byte, tokenLength)
	rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw), hashOf(raw)
}

func hashOf(raw []byte) []byte {
	h := sha256.Sum256(raw)
	return h[:]
}

// read gives the hash of a cookie's token, or nil where there is none that the tenant could have made.
func (j *Jar) read(r *http.Request, cookie string) []byte {
	c, err := r.Cookie(j.name(cookie))
	if err != nil {
		return nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(c.Value)
	if err != nil || len(raw) != tokenLength {
		return nil
	}
	return hashOf(raw)
}

// Browser is what a sign-in is bound to in this browser: the hash of its cookie, nil where it has none.
func (j *Jar) Browser(r *http.Request) []byte { return j.read(r, browserCookie) }

// MarkBrowser is Browser for a browser that may need its cookie first.
func (j *Jar) MarkBrowser(w http.ResponseWriter, r *http.Request) []byte {
	if hash := j.Browser(r); hash != nil {
		return hash
	}
	token, hash := newToken()
	j.set(w, browserCookie, token, 0)
	return hash
}

// Remember keeps the id of an app's request until the person has signed in. It is no secret: the request is bound to the
// browser's cookie.
func (j *Jar) Remember(w http.ResponseWriter, id string, life time.Duration) {
	j.set(w, appCookie, id, life)
}

// Remembered is the id of the app's request that waits, "" if none does.
func (j *Jar) Remembered(r *http.Request) string {
	c, err := r.Cookie(j.name(appCookie))
	if err != nil {
		return ""
	}
	return c.Value
}

// Forget takes the id away.
func (j *Jar) Forget(w http.ResponseWriter) { j.set(w, appCookie, "", -time.Second) }

// Current is the session of the request. The error is store.ErrNotFound where nobody is signed in.
func (j *Jar) Current(r *http.Request) (store.Session, error) {
	hash := j.read(r, sessionCookie)
	if hash == nil {
		return store.Session{}, store.ErrNotFound
	}
	return j.store.Session(r.Context(), hash, j.now())
}

// SignIn begins a session for n.UserID by n.Method and n.Registration, in place of the request's one. Nothing is set in
// the browser unless the store has kept everything. store.ErrNotFound: the registration was removed meanwhile.
func (j *Jar) SignIn(w http.ResponseWriter, r *http.Request, n store.Session, signCount uint32, e store.Entry) error {
	token, n := j.begin(n)
	if err := j.store.SignIn(r.Context(), n, j.read(r, sessionCookie), signCount, e); err != nil {
		return err
	}
	j.set(w, sessionCookie, token, j.age(n))
	j.know(w, r, e.UPN)
	return nil
}

// begin gives a new session its token and times.
func (j *Jar) begin(n store.Session) (token string, _ store.Session) {
	life := Lifetime
	if n.Kept {
		life = KeptLifetime
	}
	token, n.TokenHash = newToken()
	n.Started, n.Expires = j.now(), j.now().Add(life)
	return token, n
}

// age is how long the browser keeps a session's cookie: until it is closed, unless the person wants to stay signed in.
func (j *Jar) age(n store.Session) time.Duration {
	if !n.Kept {
		return 0
	}
	return n.Expires.Sub(j.now())
}

// Accept begins a session by an invitation, which it uses up: whoever has the pass has just shown who it is.
// store.ErrNotFound: somebody else used it meanwhile.
func (j *Jar) Accept(w http.ResponseWriter, r *http.Request, i store.Invitation, e store.Entry) error {
	token, n := j.begin(store.Session{UserID: i.UserID, Method: "invitation", Confirmed: j.now()})
	if err := j.store.Accept(r.Context(), i.ID, n, j.read(r, sessionCookie), e); err != nil {
		return err
	}
	j.set(w, sessionCookie, token, 0)
	j.know(w, r, e.UPN)
	return nil
}

// Confirm notes that it was asked again who is there, with the entry's registration if that is not nil, and rotates the token.
func (j *Jar) Confirm(w http.ResponseWriter, r *http.Request, n store.Session, e store.Entry) error {
	token, hash := newToken()
	if err := j.store.Confirm(r.Context(), n.TokenHash, hash, j.now(), e); err != nil {
		return err
	}
	j.set(w, sessionCookie, token, j.age(n))
	return nil
}

// Confirmed says whether it was asked again in the last five minutes who is there.
func (j *Jar) Confirmed(n store.Session) bool {
	age := j.now().Sub(n.Confirmed)
	return age >= 0 && age < Fresh
}

// SignOut ends the request's session and takes its cookie away.
func (j *Jar) SignOut(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	j.set(w, sessionCookie, "", -time.Second)
	if hash := j.read(r, sessionCookie); hash != nil {
		return j.store.EndSession(ctx, hash)
	}
	return nil
}
