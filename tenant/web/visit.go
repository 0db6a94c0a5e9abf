package web

import (
	"context"
	"errors"
	"net/http"

	"tallykey/tenant/oidc"
	"tallykey/tenant/outcome"
	"tallykey/tenant/session"
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
	if err == nil {
		err = s.usable(r.Context(), u, vouched(n))
	}
	if code, _ := outcome.CodeOf(err); code == outcome.AccountDisabled || code == outcome.AccountAtRisk {
		err = store.ErrNotFound
	}
	return visit{r, n, u}, err
}

// usable says whether what an account began may go on. It is asked at each use: the account may have been disabled or
// reported since. The error carries account_disabled or account_at_risk.
func (s *Site) usable(ctx context.Context, u store.User, vouched bool) error {
	if u.Disabled.IsZero() && u.Risk.IsZero() {
		return nil // most accounts: no need to look at policy
	}
	may, err := s.policy.For(ctx, u.ID)
	if err != nil {
		return err
	}
	return signin.Usable(may, u, vouched)
}

// vouched says whether a device answered in a session: as it began, or in a confirmation.
func vouched(n store.Session) bool { return n.Registration != nil || n.Vouched != nil }

// vouchedNow says whether that was minutes ago.
func (s *Site) vouchedNow(n store.Session) bool {
	age := s.Now().Sub(n.Started)
	return n.Vouched != nil && s.jar.Confirmed(n) || n.Registration != nil && age >= 0 && age < session.Fresh
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
		case v.session.Method == methodInvitation && !openToGuests[r.URL.Path]:
			http.Redirect(w, r, "/security", http.StatusSeeOther)
		default:
			h(w, v)
		}
	}
}

// openToGuests are the pages for people who are signed in that an invitation opens: it is for registering a device, and
// nothing else. Those of other devices' codes ask mustEnrol by themselves.
var openToGuests = map[string]bool{"/security": true, "/security/enable": true, oidc.DevicePage: true, oidc.DevicePage + "/decision": true}

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
