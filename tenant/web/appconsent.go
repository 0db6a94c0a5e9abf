package web

import (
	"errors"
	"net/http"

	"tallykey/tenant/oidc"
	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// consentPage asks whether the app that waits is let in.
func (s *Site) consentPage(w http.ResponseWriter, v visit) {
	app := s.waitingApp(v.Request)
	if app == nil {
		http.Redirect(w, v.Request, "/", http.StatusSeeOther)
		return
	}
	p, err := s.about(v, app.App(), app.Scopes())
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	p.ID = app.ID()
	s.showApp(w, http.StatusOK, "consent", p)
}

// consent keeps what the person said, and goes on: what follows is decided where every answer to an app is. The form names
// the request, so that what was said of one app is not taken for another that began meanwhile in the same browser.
func (s *Site) consent(w http.ResponseWriter, v visit) {
	browser := s.jar.Browser(v.Request)
	app, err := s.provider.Find(v.Context(), v.PostForm.Get("id"), browser)
	if errors.Is(err, store.ErrNotFound) {
		s.end(w, v.Request, ending{status: http.StatusBadRequest, code: outcome.AppRequestUnknown, onward: "/"})
		return
	}
	said := store.Denied
	if v.PostForm.Get("decision") == "let" {
		said = v.user.ID
	}
	if err == nil {
		err = s.provider.Consent(v.Context(), app, browser, said)
	}
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	s.jar.Remember(w, app.ID(), oidc.RequestLife)
	http.Redirect(w, v.Request, "/signin/onward", http.StatusSeeOther)
}
