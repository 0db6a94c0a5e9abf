// Package console is the tenant's admin pages: users, groups, policy, devices, apps, invitations and both logs. Pages are
// made on the server and need no script; one small file follows the sign-in log live where there is script.
//
// Everything that decides who may do what stands in two places. The table of routes says which role each needs and
// whether it needs a recent confirmation; admit, the one gate before every route, checks it. What a route then does is
// package admin's, under the same rules and with the same audit lines as the command line.
//
// An admin signs in with a phone or another passkey: a password that was read over a shoulder must not open these pages.
// What gives somebody access, or changes who gets it, also needs a confirmation that is minutes old. What takes access away
// does not: a lost phone must go at once.
package console

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"tallykey/tenant/admin"
	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

//go:embed static
var static embed.FS

// Static are the style sheet and the script of the pages.
func Static() fs.FS {
	sub, err := fs.Sub(static, "static")
	if err != nil {
		panic("console: " + err.Error()) // embedded: a build that starts once starts always
	}
	return sub
}

const (
	// Prefix is where the pages are.
	Prefix = "/admin/"
	// Fresh is how long a confirmation, or a sign-in with a phone, counts for what gives access.
	Fresh = 15 * time.Minute

	policyOfPages = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
		"base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)

// Visitor is who asks: somebody who is signed in.
type Visitor struct {
	User    store.User
	Session store.Session
	Address string // of the browser
	Agent   string
}

// Config is what the pages need. Nothing may be empty.
type Config struct {
	Issuer *url.URL
	Name   string // of the organisation
	Office *admin.Office
	Log    *slog.Logger
	Tick   time.Duration // how often the live log looks for new lines
}

// Console is the admin pages.
type Console struct {
	Config
	pages pages
	mux   *http.ServeMux
	lives chan struct{} // one place for each open live log
}

// New makes the pages.
func New(c Config) *Console {
	k := &Console{Config: c, pages: loadPages(), mux: http.NewServeMux(), lives: make(chan struct{}, maxLives)}
	for _, r := range routes {
		k.mux.HandleFunc(r.pattern, k.admit(r))
	}
	k.mux.HandleFunc("/", k.unknown)
	return k
}

// route is one page, or one change.
type route struct {
	pattern string
	role    admin.Role // the least that is admitted
	fresh   bool       // it needs a recent confirmation
	handler func(*Console, http.ResponseWriter, *call) error
}

// call is one request of an admin.
type call struct {
	*http.Request
	Visitor
	role    admin.Role
	request string // id, for the page and the log
}

func (c *call) by() admin.By { return admin.By(c.User.UPN) }

type visitorKey struct{}

// Serve answers a request that has passed the site's guard (host, origin, size of the form).
func (k *Console) Serve(w http.ResponseWriter, r *http.Request, v Visitor) {
	w.Header().Set("Content-Security-Policy", policyOfPages)
	k.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitorKey{}, v)))
}

// Open says whether a user sees the way to the admin pages.
func (k *Console) Open(ctx context.Context, userID string) bool {
	role, err := k.Office.RoleOf(ctx, userID)
	return err == nil && role != admin.NoRole
}

// admit is the gate before every route.
func (k *Console) admit(want route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := k.callOf(r)
		if err == nil {
			err = k.admitted(c, want)
		}
		if code, _ := outcome.CodeOf(err); code == outcome.ConfirmationNeeded && r.Method == http.MethodGet {
			http.Redirect(w, r, confirmAt(r.URL.Path), http.StatusSeeOther)
			return
		}
		if err == nil {
			err = want.handler(k, w, c)
		}
		if err != nil {
			k.refuse(w, c, err)
		}
	}
}

func (k *Console) callOf(r *http.Request) (*call, error) {
	v, _ := r.Context().Value(visitorKey{}).(Visitor)
	c := &call{Request: r, Visitor: v}
	role, err := k.Office.RoleOf(r.Context(), v.User.ID)
	c.role = role
	return c, err
}

// admitted says why a call is not let through.
func (k *Console) admitted(c *call, want route) error {
	switch {
	case !c.role.Covers(want.role):
		return outcome.Errorf(outcome.RoleNeeded, "needs %s, and this is %q", want.role, c.role)
	case !strong(c.Session):
		return outcome.Errorf(outcome.AdminSignInWeak, "signed in by %s", c.Session.Method)
	case want.fresh && !k.isFresh(c.Session):
		return outcome.Errorf(outcome.ConfirmationNeeded, "the confirmation is too old")
	}
	return nil
}

// strong says whether a session began with a key on a phone or another authenticator, alone or after a password.
func strong(n store.Session) bool { return n.Registration != nil }

func (k *Console) isFresh(n store.Session) bool {
	now := k.Office.Now()
	for _, at := range []time.Time{n.Started, n.Confirmed} {
		if age := now.Sub(at); age >= 0 && age < Fresh {
			return true
		}
	}
	return false
}

// confirmAt is the page that asks who it is and leads back.
func confirmAt(path string) string {
	return "/security/confirm?" + url.Values{"admin": {path}}.Encode()
}

func (k *Console) unknown(w http.ResponseWriter, r *http.Request) {
	c, err := k.callOf(r)
	if err == nil {
		err = k.admitted(c, route{pattern: "a page", role: admin.Reader})
	}
	if err == nil {
		err = outcome.Errorf(outcome.PageUnknown, "no such page")
	}
	k.refuse(w, c, err)
}
