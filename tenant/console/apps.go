package console

import (
	"net/http"
	"strings"

	"tallykey/tenant/admin"
	"tallykey/tenant/oidc"
	"tallykey/tenant/store"
)

// appView is the body of the page with an app's settings. The secret is there once, when the app was just registered.
type appView struct {
	store.App
	Kind              string
	Issuer, Discovery string
	Plain             string // the secret itself
	Scopes            string
}

// scopes are what an app may ask for.
const scopes = "openid profile email offline_access"

func (k *Console) appView(a store.App, plain string) appView {
	issuer := strings.TrimSuffix(k.Issuer.String(), "/")
	return appView{a, kindOf(a), issuer, issuer + oidc.Discovery, plain, scopes}
}

func kindOf(a store.App) string {
	switch {
	case a.Native:
		return "native"
	case a.Secret == nil:
		return "public"
	}
	return "confidential"
}

func (k *Console) apps(w http.ResponseWriter, c *call) error {
	list, err := k.Office.Store.Apps(c.Context())
	if err != nil {
		return err
	}
	var body []appView
	for _, a := range list {
		body = append(body, k.appView(a, ""))
	}
	k.show(w, http.StatusOK, "apps", k.page(c, "apps").with(body))
	return nil
}

// appForm is the body of the page for a new app.
type appForm struct {
	Name, Kind, Redirects, Logouts string
	RS256                          bool
}

func (k *Console) newApp(w http.ResponseWriter, c *call) error {
	b := appForm{strings.TrimSpace(c.PostForm.Get("name")), c.PostForm.Get("kind"), c.PostForm.Get("redirects"), c.PostForm.Get("logouts"), c.PostForm.Get("rs256") == "1"}
	p := k.page(c, "apps")
	if c.Method == http.MethodGet {
		return k.form(w, c, "newapp", p.with(b), nil)
	}
	n := admin.NewApp{Name: b.Name, Redirects: strings.Fields(b.Redirects), Logouts: strings.Fields(b.Logouts), Public: b.Kind == "public", Native: b.Kind == "native", RS256: b.RS256}
	a, secret, err := k.Office.AddApp(c.Context(), n, c.by())
	if err != nil {
		return k.form(w, c, "newapp", p.with(b), err)
	}
	return k.form(w, c, "app", p.with(k.appView(a, secret)), nil)
}

func (k *Console) app(w http.ResponseWriter, c *call) error {
	a, err := k.Office.App(c.Context(), c.PathValue("id"))
	if err != nil {
		return err
	}
	k.show(w, http.StatusOK, "app", k.page(c, "apps").with(k.appView(a, "")))
	return nil
}

func (k *Console) removeApp(w http.ResponseWriter, c *call) error {
	a, err := k.Office.App(c.Context(), c.PathValue("id"))
	if err != nil {
		return err
	}
	if c.Method == http.MethodGet {
		return k.question(w, c, "apps", question{Act: "unapp", Name: a.Name, Cancel: "/admin/apps/" + a.ID})
	}
	if err := k.Office.RemoveApp(c.Context(), a, c.by()); err != nil {
		return err
	}
	return to(w, c, "/admin/apps")
}
