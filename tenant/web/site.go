// Package web is the tenant's pages: sign in with the phone or the password, see who is signed in, add and remove phones.
// Pages are made on the server and work without JavaScript on the password path; one script file runs WebAuthn and posts
// what comes out as an ordinary form.
//
// Three rules hold for every request. A page is served under the issuer's host only, so that a name that was rebound to
// this machine gets nothing. What changes something is a POST whose Origin is the issuer and which the browser itself
// calls same-origin (Fetch metadata). And each end that a person can meet is a row of package outcome, shown with its
// code and the request id under which it stands in the sign-in log.
package web

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/admin"
	"tallykey/tenant/console"
	"tallykey/tenant/enrol"
	"tallykey/tenant/federation"
	"tallykey/tenant/oidc"
	"tallykey/tenant/passkey"
	"tallykey/tenant/policy"
	"tallykey/tenant/session"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
	"tallykey/ui/look"
)

//go:embed static
var static embed.FS

// Config is what a Site needs. Only LogLife, Colour, AddressHeader, Phone and Outbound may be empty.
type Config struct {
	Issuer        *url.URL // scheme and host, such as https://login.contoso.example
	Name          string   // of the organisation, as pages show it
	Store         *store.Store
	Hasher        *account.Hasher
	Now           func() time.Time
	Log           *slog.Logger
	ShowAccounts  bool          // a UPN leads to its phone in every browser: package signin says what that tells a stranger
	Phone         http.Handler  // the phone app, served below /phone/
	Outbound      *http.Client  // to other issuers; nil: one with limits of its own
	LogLife       time.Duration // how long lines of the sign-in log are kept; 0: for ever
	Colour        string        // of the organisation, such as #274a86; empty: the look's own
	AddressHeader string        // in which a reverse proxy on this machine names the browser's address
}

// Site is the tenant's website.
type Site struct {
	Config
	rp       *passkey.RelyingParty
	accounts *account.Directory
	jar      *session.Jar
	flow     *signin.Flow
	desk     *enrol.Desk
	policy   *policy.Book
	provider *oidc.Provider
	partners *federation.Exchange
	console  *console.Console
	office   *admin.Office
	strays   *tally // refusals that belong to no attempt
	rush     *tally // removals that desktops tell
	pages    pages
	handler  http.Handler
}

// New puts the website together. The issuer must have a host name (no IP address) and either be https or localhost: the
// browsers' WebAuthn works nowhere else.
func New(ctx context.Context, c Config) (*Site, error) {
	if err := usable(c.Issuer); err != nil {
		return nil, err
	}
	if c.Colour != "" {
		if _, err := parseColour(c.Colour); err != nil {
			return nil, err
		}
	}
	rp, err := passkey.New(c.Issuer, c.Name)
	if err != nil {
		return nil, err
	}
	accounts, err := account.NewDirectory(ctx, c.Store, c.Hasher, c.Now)
	if err != nil {
		return nil, err
	}
	provider, err := oidc.New(ctx, c.Store, c.Issuer, c.Now)
	if err != nil {
		return nil, err
	}
	book := policy.NewBook(c.Store)
	s := &Site{Config: c, rp: rp, policy: book, provider: provider, partners: federation.New(c.Store, c.Issuer, c.Outbound, c.Now), accounts: accounts, pages: loadPages(), strays: &tally{now: c.Now, window: strayWindow}, rush: &tally{now: c.Now, window: rushWindow},
		jar:  session.NewJar(c.Store, c.Issuer.Scheme == "https", c.Now),
		flow: signin.NewFlow(c.Store, rp, book, c.Now), desk: enrol.NewDesk(c.Store, rp, book, c.Now)}
	provider.Usable = s.usable
	s.office = &admin.Office{Store: c.Store, Accounts: accounts, Policy: book, Desk: s.desk, Now: c.Now}
	s.console = console.New(console.Config{Issuer: c.Issuer, Name: c.Name, Log: c.Log, Tick: time.Second, Office: s.office})
	s.handler = s.routes()
	return s, nil
}

func usable(issuer *url.URL) error {
	switch {
	case issuer.Host == "" || issuer.User != nil || issuer.RawQuery != "" || issuer.Fragment != "" || issuer.Path != "" && issuer.Path != "/":
		return fmt.Errorf("issuer %q is not scheme and host alone", issuer)
	case issuer.Scheme == "https", issuer.Scheme == "http" && issuer.Hostname() == "localhost":
		return nil
	}
	return fmt.Errorf("issuer %q: browsers have WebAuthn on https and on http://localhost only", issuer)
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// own are the pages that only the tenant's own pages lead to.
func (s *Site) own() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /{$}":                       s.signedIn(s.home),
		"POST /signout":                  s.signOut,
		"POST /signin/forget":            s.forget,
		"GET /invite":                    s.invitePage,
		"POST /invite":                   s.invite,
		"GET /activity":                  s.signedIn(s.activity),
		"GET /sessions":                  s.signedIn(s.sessions),
		"POST /sessions/end":             s.signedIn(s.endOwn),
		"GET /activity/report":           s.signedIn(s.reportPage),
		"POST /activity/report":          s.signedIn(s.report),
		"GET /signin":                    s.signInPage,
		"POST /signin":                   s.signIn,
		"GET /signin/partner":            s.partnerPage,
		"GET " + federation.Callback:     s.federated,
		"POST /security/confirm/partner": s.signedIn(s.confirmByPartner),
		"GET /security/partner":          s.signedIn(s.confirmPartnerPage),
		"POST /signin/any":               s.signInAny,
		"GET /signin/phone":              s.waiting,
		"POST /signin/phone":             s.answer,
		"GET /password":                  s.passwordPage,
		"POST /password":                 s.password,
		"POST /password/instead":         s.passwordInstead,
		"GET /security":                  s.signedIn(s.security),
		"GET /security/confirm":          s.signedIn(s.confirmPage),
		"POST /security/confirm":         s.signedIn(s.confirm),
		"POST /security/confirm/phone":   s.signedIn(s.confirmByPhone),
		"GET /security/optin":            s.signedIn(s.optIn),
		"GET /security/phone":            s.signedIn(s.phonePage),
		"POST /security/phone":           s.signedIn(s.phone),
		"POST /security/renewed":         s.signedIn(s.tryAgain),
		"GET /security/enable":           s.signedIn(s.enablePage),
		"GET " + passwordPath:            s.signedIn(s.newPasswordPage),
		"POST " + passwordPath:           s.signedIn(s.newPassword),
		"POST /security/enable":          s.signedIn(s.enable),
		"GET /security/remove":           s.signedIn(s.removePage),
		"POST /security/remove":          s.signedIn(s.remove),
		"GET /signin/onward":             s.onwardPage,
		"GET " + oidc.Continue:           s.continueForApp,
		console.Prefix:                   s.signedIn(s.admin),
		"/":                              s.notFound,
	}
}

func (s *Site) routes() http.Handler {
	own := http.NewServeMux()
	for pattern, h := range s.own() {
		own.HandleFunc(pattern, h)
	}
	top := http.NewServeMux()
	top.Handle("/", s.guard(own))
	top.Handle("GET /look/", files("/look/", look.Files))
	sub, _ := fs.Sub(static, "static")
	top.Handle("GET /static/", files("/static/", sub))
	top.Handle("GET /console/", files("/console/", console.Static()))
	top.HandleFunc("GET /colours.css", s.colours)
	s.routesOfApps(top)
	top.Handle("GET /.well-known/passkey-endpoints", s.hosted(s.endpoints))
	top.Handle("POST "+unregisterPath, s.hosted(s.unregister))
	if s.Phone != nil {
		top.Handle("/phone/", http.StripPrefix("/phone", s.Phone))
	}
	return top
}

// files serves what is built in. It holds nothing of anybody, so it needs no guard.
func files(prefix string, from fs.FS) http.Handler {
	server := http.StripPrefix(prefix, http.FileServerFS(from))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
		w.Header().Set("Cache-Control", "public, max-age=300")
		if r.URL.Path == prefix {
			http.NotFound(w, r) // no listing
			return
		}
		server.ServeHTTP(w, r)
	})
}

// Sweep removes what has expired, and logs sign-ins that nobody answered. It is called twice a minute.
func (s *Site) Sweep(ctx context.Context) error {
	now := s.Now()
	if s.LogLife > 0 {
		if err := s.Store.Forget(ctx, now.Add(-s.LogLife)); err != nil {
			return err
		}
	}
	if err := s.Store.ForgetInvitations(ctx, now.Add(-admin.KeepInvitations)); err != nil {
		return err
	}
	return errors.Join(s.Store.Sweep(ctx, now, account.Forgotten(now), signin.Left(now)), s.provider.Sweep(ctx))
}
