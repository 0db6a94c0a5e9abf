package web

import (
	"errors"
	"net/http"
	"net/url"

	"tallykey/tenant/account"
	"tallykey/tenant/enrol"
	"tallykey/tenant/outcome"
	"tallykey/tenant/passkey"
	"tallykey/tenant/policy"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

// errand is what a confirmation is for. It comes from the address or a form, and is made anew from the few values that
// there can be: a redirect leads nowhere else.
type errand struct{ use, renew, optin, admin, password string }

func errandOf(r *http.Request) errand {
	e := errand{renew: r.Form.Get("renew"), optin: r.Form.Get("optin")}
	if r.Form.Get("use") == policy.UseApprove {
		e.use = policy.UseApprove
	}
	if r.Form.Get("for") == "password" {
		e.password = "password"
	}
	if path := r.Form.Get("admin"); adminPage.MatchString(path) {
		e.admin = path
	}
	return e
}

// values are the errand as part of an address.
func (e errand) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"use": e.use, "renew": e.renew, "optin": e.optin, "admin": e.admin, "for": e.password} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

func (e errand) at(path string) string {
	if q := e.values().Encode(); q != "" {
		return path + "?" + q
	}
	return path
}

// next is where the errand is done.
func (e errand) next() string {
	if e.admin != "" {
		return e.admin
	}
	if e.password != "" {
		return passwordPath
	}
	if e.optin != "" {
		return e.at("/security/optin")
	}
	return e.at("/security/enable")
}

func (s *Site) confirmPage(w http.ResponseWriter, v visit) {
	s.show(w, http.StatusOK, "confirm", s.confirming(v))
}

func (s *Site) confirming(v visit) page {
	p := s.page(v.Request)
	p.UPN, p.Errand = v.user.UPN, errandOf(v.Request).values()
	if may, has, err := s.standing(v.Context(), v.user.ID); err == nil {
		p.Enabled = len(may.SignIn(has)) > 0
	}
	if p.Enabled { // the device has to answer in any case, and is enough
		p.NoPassword, p.Lost = true, p.Outcome(string(outcome.InvitationNeeded)).Remedy
		return p
	}
	p.Partner = s.partnerOf(v.Context(), v.user.UPN)
	p.NoPassword = v.user.Password == "" || p.Partner != ""
	return p
}

// confirm asks for the password again before a device is added. It is the session's user's: the form can't name another.
// A device of the account is asked next, where there is one.
func (s *Site) confirm(w http.ResponseWriter, v visit) {
	upn, began, request := account.UPN(v.user.UPN), s.Now(), signin.NewRequest()
	if _, err := s.check(v.Request, upn); err != nil {
		s.passwordRefused(w, v.Request, "confirm", upn, request, began, err)
		return
	}
	e := s.entry(v.Request, "confirm", string(upn), request, began)
	e.UserID, e.Code, e.Policy = v.user.ID, string(outcome.PasswordRight), s.decided(v.Context(), v.user.ID)
	s.shown(w, v, e)
}

// shown goes on after a right password, or what stands for it: a device of the account is asked, where there is one.
func (s *Site) shown(w http.ResponseWriter, v visit, e store.Entry) {
	a, err := s.desk.BeginConfirm(v.Context(), v.user, true, s.asker(v.Request, v.session.TokenHash))
	if errors.Is(err, enrol.ErrNoDevice) {
		s.confirmed(w, v, e)
		return
	}
	if err == nil {
		err = s.accounts.AskSecond(v.Context(), v.user.ID)
	}
	if err != nil {
		s.passwordRefused(w, v.Request, "confirm", account.UPN(v.user.UPN), e.Request, s.Now(), err)
		return
	}
	e.Code = string(outcome.SecondFactorNeeded)
	if err := s.Store.Log(v.Context(), e); err != nil {
		s.broken(w, v.Request, err)
		return
	}
	s.toPhone(w, v, a)
}

// confirmByPhone asks a device that signs in instead of the password.
func (s *Site) confirmByPhone(w http.ResponseWriter, v visit) {
	a, err := s.desk.BeginConfirm(v.Context(), v.user, false, s.asker(v.Request, v.session.TokenHash))
	if errors.Is(err, enrol.ErrNoDevice) {
		err = outcome.Errorf(outcome.RegistrationUnknown, "no device signs in")
	}
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	s.toPhone(w, v, a)
}

// confirmed keeps the confirmation and goes on with the errand.
func (s *Site) confirmed(w http.ResponseWriter, v visit, e store.Entry) {
	switch err := s.jar.Confirm(w, v.Request, v.session, e); {
	case errors.Is(err, store.ErrNotFound): // signed out meanwhile, in another tab
		http.Redirect(w, v.Request, "/signin", http.StatusSeeOther)
	case err != nil:
		s.broken(w, v.Request, err)
	default:
		http.Redirect(w, v.Request, errandOf(v.Request).next(), http.StatusSeeOther)
	}
}

// optIn asks a phone that was the second factor to sign in by itself from now on, after a confirmation.
func (s *Site) optIn(w http.ResponseWriter, v visit) {
	if err := s.mayAdd(v); err != nil {
		s.notYet(w, v, err)
		return
	}
	r, _, err := s.named(v, "optin")
	var a store.Attempt
	if err == nil {
		a, err = s.desk.BeginOptIn(v.Context(), v.user, r.ID, s.asker(v.Request, v.session.TokenHash))
	}
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	s.toPhone(w, v, a)
}

// toPhone leads to the page that asks a device for somebody who is signed in.
func (s *Site) toPhone(w http.ResponseWriter, v visit, a store.Attempt) {
	q := errandOf(v.Request).values()
	q.Set("kind", a.Kind)
	q.Set("request", a.ID)
	http.Redirect(w, v.Request, "/security/phone?"+q.Encode(), http.StatusSeeOther)
}

// phoneKind is the kind of ceremony that the form or the address names.
func phoneKind(r *http.Request) string {
	if r.Form.Get("kind") == enrol.OptIn {
		return enrol.OptIn
	}
	return enrol.Confirm
}

// phonePage is the page whose script asks the device.
func (s *Site) phonePage(w http.ResponseWriter, v visit) {
	a, err := s.Store.Attempt(v.Context(), phoneKind(v.Request), v.Form.Get("request"), v.session.TokenHash)
	if errors.Is(err, store.ErrNotFound) {
		err = outcome.Errorf(outcome.RequestUnknown, "no such request in this session")
	}
	if err == nil && signin.StateOf(a, s.Now()) != signin.Waiting {
		s.end(w, v.Request, ending{status: http.StatusOK, code: outcome.TimedOut, request: a.ID, onward: "/security"})
		return
	}
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	p := s.page(v.Request)
	p.UPN, p.Request, p.Options, p.Action, p.Kind, p.Errand = a.UPN, a.ID, string(a.Options), "/security/phone", a.Kind, errandOf(v.Request).values()
	p.Approving = approving(a)
	s.show(w, http.StatusOK, "waiting", p)
}

// phone takes what the script posts.
func (s *Site) phone(w http.ResponseWriter, v visit) {
	kind, id, response := phoneKind(v.Request), v.PostForm.Get("request"), v.PostForm.Get("credential")
	if response == "" {
		s.enableFailed(w, v, kind, id)
		return
	}
	if err := s.mayAdd(v); kind == enrol.OptIn && err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	if len(response) > passkey.MaxResponse {
		response = "" // unreadable, and the challenge is used up
	}
	e, a, err := s.desk.Answer(v.Context(), kind, id, v.user, v.session.TokenHash, []byte(response))
	switch {
	case err != nil:
		s.notEnabled(w, v, a, err)
	case kind == enrol.OptIn:
		http.Redirect(w, v.Request, "/security", http.StatusSeeOther)
	default:
		if err := s.accounts.Answered(v.Context(), v.user.ID); err != nil {
			s.broken(w, v.Request, err)
			return
		}
		s.confirmed(w, v, e)
	}
}
