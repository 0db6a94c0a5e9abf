package admin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"tallykey/tenant/oidc"
	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// NewApp is what an admin says about an app.
type NewApp struct {
	Name      string
	Redirects []string
	Logouts   []string
	Public    bool // it can keep no secret
	Native    bool // it runs on the user's machine; public too
	RS256     bool // its library can't verify ES256
}

// AddApp registers an app and gives its secret, which is told once; "" for a public one. The error carries name_invalid or
// redirect_invalid.
func (o *Office) AddApp(ctx context.Context, n NewApp, by By) (a store.App, secret string, err error) {
	if _, err := Name(n.Name); err != nil {
		return a, "", err
	}
	if len(n.Redirects) == 0 {
		return a, "", outcome.Errorf(outcome.RedirectInvalid, "--redirect is needed")
	}
	for _, uri := range slices.Concat(n.Redirects, n.Logouts) {
		if err := oidc.CheckRedirect(uri, n.Native); err != nil {
			return a, "", outcome.Errorf(outcome.RedirectInvalid, "%s", err)
		}
	}
	a = store.App{ID: newID(), Name: n.Name, Native: n.Native, Redirects: append([]string{}, n.Redirects...), Logouts: append([]string{}, n.Logouts...),
		Created: o.Now().UTC().Truncate(time.Millisecond)}
	a.Alg = oidc.Algs[0]
	if n.RS256 {
		a.Alg = oidc.Algs[1]
	}
	if !n.Public && !n.Native {
		raw := make([]byte, 32)
		rand.Read(raw)
		secret = base64.RawURLEncoding.EncodeToString(raw)
		h := sha256.Sum256([]byte(secret))
		a.Secret = h[:]
	}
	return a, secret, o.Store.CreateApp(ctx, a, o.change(by, "app.add", app(a)))
}

func app(a store.App) string { return "app " + a.Name + " (" + a.ID + ")" }

// App finds an app by its client id. The error carries app_unknown.
func (o *Office) App(ctx context.Context, id string) (store.App, error) {
	a, err := o.Store.App(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return a, outcome.Errorf(outcome.AppUnknown, "there is no app %q", id)
	}
	return a, err
}

// RemoveApp takes an app and all its tokens away.
func (o *Office) RemoveApp(ctx context.Context, a store.App, by By) error {
	return o.Store.RemoveApp(ctx, a, o.change(by, "app.remove", app(a)))
}
