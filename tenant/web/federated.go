package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"tallykey/tenant/account"
	"tallykey/tenant/federation"
	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

// askNext asks what comes where no phone does: the issuer of a federated domain, else the password.
func (s *Site) askNext(w http.ResponseWriter, r *http.Request, upn account.UPN) {
	s.askOr(w, r, upn, s.askPassword)
}

// askHow asks a browser that is new to the account: the issuer of a federated domain, else the phone or the password.
func (s *Site) askHow(w http.ResponseWriter, r *http.Request, upn account.UPN) {
	s.askOr(w, r, upn, s.askPhoneOrPassword)
}

func (s *Site) askOr(w http.ResponseWriter, r *http.Request, upn account.UPN, ask func(http.ResponseWriter, *http.Request, account.UPN)) {
	f, err := s.partners.For(r.Context(), upn)
	switch {
	case errors.Is(err, store.ErrNotFound):
		ask(w, r, upn)
	case err != nil:
		s.broken(w, r, err)
	default:
		s.askPartner(w, r, f, upn)
	}
}

func (s *Site) askPartner(w http.ResponseWriter, r *http.Request, f store.Federation, upn account.UPN) {
	by := s.asker(r, s.jar.MarkBrowser(w, r))
	by.Proven = s.jar.Proven(r, string(upn))
	err := s.flow.Allow(by)
	var a store.Attempt
	if err == nil {
		a, err = s.partners.Begin(r.Context(), f, upn, by)
	}
	if err != nil {
		s.refused(w, r, store.Attempt{}, err)
		return
	}
	http.Redirect(w, r, "/signin/partner?"+url.Values{"request": {a.ID}}.Encode(), http.StatusSeeOther)
}

// partnerPage leaves for the issuer, of which the person learns here. It is a page and no redirect: a form may lead to the
// tenant's own origin only (form-action), also by redirects.
func (s *Site) partnerPage(w http.ResponseWriter, r *http.Request) {
	s.leave(w, r, federation.Method, s.jar.Browser(r), "")
}

func (s *Site) confirmPartnerPage(w http.ResponseWriter, v visit) {
	s.leave(w, v.Request, federation.MethodConfirm, v.session.TokenHash, "/security")
}

func (s *Site) leave(w http.ResponseWriter, r *http.Request, kind string, browser []byte, back string) {
	id := r.Form.Get("request")
	to, err := s.partners.Address(r.Context(), kind, id, browser)
	u, unreadable := url.Parse(to)
	if err = errors.Join(err, unreadable); err != nil {
		a, _ := s.Store.Attempt(r.Context(), kind, id, browser) // of an unknown one there is nothing to log
		s.notVouched(w, r, a, err, back)
		return
	}
	p := s.page(r)
	p.UPN, p.Partner, p.Onward = u.Query().Get("login_hint"), u.Host, to
	w.Header().Set("Refresh", "0; url="+to)
	s.show(w, http.StatusOK, "partner", p)
}

// federated is where the issuer sends the browser back to: a person who signs in, or one who confirms to be still there.
func (s *Site) federated(w http.ResponseWriter, r *http.Request) {
	v, err := s.who(r)
	if err == nil {
		_, err = s.Store.Attempt(r.Context(), federation.MethodConfirm, r.Form.Get("state"), v.session.TokenHash)
	}
	switch {
	case err == nil:
		s.confirmedByPartner(w, v)
	case errors.Is(err, store.ErrNotFound):
		s.vouchedFor(w, r)
	default:
		s.broken(w, r, err)
	}
}

// vouchedFor goes on as after a right password: policy may refuse the account, or want the phone too.
func (s *Site) vouchedFor(w http.ResponseWriter, r *http.Request) {
	u, a, err := s.partners.Answer(r.Context(), federation.Method, s.jar.Browser(r), r.Form)
	if err == nil {
		a.Policy = s.decided(r.Context(), u.ID)
		err = s.passwordAllowed(r.Context(), u)
	}
	var next store.Attempt
	if err == nil {
		next, err = s.second(w, r, u, s.flow.BeginAfterIssuer)
	}
	e := signin.EntryOf(a, federation.Method, outcome.Federated, "", s.Now())
	switch {
	case err == nil:
		s.toSecond(w, r, e, next)
		return
	case !errors.Is(err, signin.ErrNoPhone):
		s.notVouched(w, r, a, err, "")
		return
	}
	if err := s.jar.SignIn(w, r, store.Session{UserID: u.ID, Method: federation.Method, Kept: a.Keep}, 0, e); err != nil {
		s.broken(w, r, err)
		return
	}
	s.onward(w, r)
}

// confirmByPartner asks the issuer again instead of the password.
func (s *Site) confirmByPartner(w http.ResponseWriter, v visit) {
	upn := account.UPN(v.user.UPN)
	f, err := s.partners.For(v.Context(), upn)
	if errors.Is(err, store.ErrNotFound) { // no longer
		http.Redirect(w, v.Request, errandOf(v.Request).at("/security/confirm"), http.StatusSeeOther)
		return
	}
	errand, unwritable := json.Marshal(errandOf(v.Request).values())
	var a store.Attempt
	if err = errors.Join(err, unwritable); err == nil {
		a, err = s.partners.BeginAgain(v.Context(), f, upn, errand, s.asker(v.Request, v.session.TokenHash))
	}
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	http.Redirect(w, v.Request, "/security/partner?"+url.Values{"request": {a.ID}}.Encode(), http.StatusSeeOther)
}

// confirmedByPartner goes on with the errand. The old second factor is asked first where there is one, as after a password.
func (s *Site) confirmedByPartner(w http.ResponseWriter, v visit) {
	u, a, err := s.partners.Answer(v.Context(), federation.MethodConfirm, v.session.TokenHash, v.Form)
	if err == nil && u.ID != v.user.ID {
		err = outcome.Errorf(outcome.FederationWrongAccount, "somebody else than the one who is signed in")
	}
	if err == nil {
		err = json.Unmarshal(a.Options, (*map[string][]string)(&v.Form))
	}
	if err != nil {
		s.notVouched(w, v.Request, a, err, "/security")
		return
	}
	a.Policy = s.decided(v.Context(), u.ID)
	s.shown(w, v, signin.EntryOf(a, federation.MethodConfirm, outcome.Federated, "", s.Now()))
}

// notVouched logs and shows why the issuer's answer signed nobody in.
func (s *Site) notVouched(w http.ResponseWriter, r *http.Request, a store.Attempt, err error, back string) {
	code, detail := outcome.CodeOf(err)
	if code == outcome.StorageFailed {
		s.broken(w, r, err)
		return
	}
	if !a.Created.IsZero() {
		if err := s.Store.Log(r.Context(), signin.EntryOf(a, a.Kind, code, detail, s.Now())); err != nil {
			s.broken(w, r, err)
			return
		}
	}
	s.end(w, r, ending{status: statusOf(code), code: code, request: a.ID, upn: a.UPN, user: a.UserID, again: back == "", onward: back})
}

// partnerOf is the host of the issuer that signs an account in, "" where the tenant does. A fault hides it: the way is
// looked up again when it is taken.
func (s *Site) partnerOf(ctx context.Context, upn string) string {
	f, err := s.partners.For(ctx, account.UPN(upn))
	if err != nil {
		return ""
	}
	u, err := url.Parse(f.Issuer)
	if err != nil {
		return ""
	}
	return u.Host
}
