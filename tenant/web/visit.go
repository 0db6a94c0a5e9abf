package web

import (
	"errors"
	"net/http"

	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

// visit is a request of somebody who is signed in.
type visit struct {
	*http.Request
	session store.Session
	user    store.User
}

// who finds the visitor. store.ErrNotFound: nobody is signed in.
func (s *Site) who(r *http.Request) (visit, error) {
	n, err := s.jar.Current(r)
	if err != nil {
		return visit{}, err
	}
	u, err := s.Store.User(r.Context(), n.UserID)
	if err == nil && !u.Disabled.IsZero() {
		err = store.ErrNotFound // a session that began while the account was being disabled
	}
	return visit{r, n, u}, err
}

// signedIn lets only those through who are.
func (s *Site) signedIn(h func(http.ResponseWriter, visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := s.who(r)
		switch {
		case errors.Is(err, store.ErrNotFound):
			http.Redirect(w, r, "/signin", http.StatusSeeOther)
		case err != nil:
			s.broken(w, r, err)
		default:
			h(w, v)
		}
	}
}

// home is where somebody who is signed in comes to.
func (s *Site) home(w http.ResponseWriter, v visit) {
	must, err := s.mustEnrol(v.Context(), v)
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	if must {
		http.Redirect(w, v.Request, "/security", http.StatusSeeOther)
		return
	}
	p := s.page(v.Request)
	p.UPN, p.Method, p.Started, p.Expires = v.user.UPN, v.session.Method, v.session.Started, v.session.Expires
	p.Admin = s.console.Open(v.Context(), v.user.ID)
	s.show(w, http.StatusOK, "home", p)
}

func (s *Site) signOut(w http.ResponseWriter, r *http.Request) {
	v, err := s.who(r)
	if err == nil {
		e := s.entry(r, v.session.Method, v.user.UPN, signin.NewRequest(), s.Now())
		e.UserID, e.Code, e.Registration = v.user.ID, string(outcome.SignedOut), v.session.Registration
		err = s.Store.Log(r.Context(), e)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		s.broken(w, r, err)
		return
	}
	if err := s.jar.SignOut(r.Context(), w, r); err != nil {
		s.broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
}
