package web

import (
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/outcome"
	"tallykey/tenant/passkey"
	"tallykey/tenant/policy"
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

func (s *Site) home(w http.ResponseWriter, r *http.Request) {
	s.signedIn(func(w http.ResponseWriter, v visit) {
		must, err := s.mustEnrol(r.Context(), v.user)
		if err != nil {
			s.broken(w, r, err)
			return
		}
		if must {
			http.Redirect(w, r, "/security", http.StatusSeeOther)
			return
		}
		p := s.page(r)
		p.UPN, p.Method, p.Started, p.Expires = v.user.UPN, v.session.Method, v.session.Started, v.session.Expires
		s.show(w, http.StatusOK, "home", p)
	})(w, r)
}

func (s *Site) signOut(w http.ResponseWriter, r *http.Request) {
	if err := s.jar.SignOut(r.Context(), w, r); err != nil {
		s.broken(w, r, err)
		return
	}
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
}

func (s *Site) security(w http.ResponseWriter, v visit) {
	list, err := s.Store.Registrations(v.Context(), v.user.ID)
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	slices.Reverse(list) // newest first
	p := s.page(v.Request)
	p.UPN, p.Phones = v.user.UPN, list
	may, err := s.policy.For(v.Context(), v.user.ID)
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	p.PhoneOff, p.PhoneDue = may.Phone == policy.Off, may.MustEnrol(len(list))
	p.New = len(list) > 0 && s.Now().Sub(list[0].Created) < time.Minute
	s.show(w, http.StatusOK, "security", p)
}

func (s *Site) confirmPage(w http.ResponseWriter, v visit) {
	p := s.page(v.Request)
	p.UPN = v.user.UPN
	s.show(w, http.StatusOK, "confirm", p)
}

// confirm asks for the password again before a phone is added. It is the session's user's: the form can't name another.
func (s *Site) confirm(w http.ResponseWriter, v visit) {
	upn, began, request := account.UPN(v.user.UPN), s.Now(), signin.NewRequest()
	if _, err := s.check(v.Request, upn); err != nil {
		s.passwordRefused(w, v.Request, "confirm", upn, request, began, err)
		return
	}
	e := s.passwordEntry(v.Request, "confirm", upn, request, began)
	e.UserID, e.Code, e.Policy = v.user.ID, string(outcome.PasswordRight), s.decided(v.Context(), v.user.ID)
	switch err := s.jar.Confirm(w, v.Request, v.session, e); {
	case errors.Is(err, store.ErrNotFound): // signed out meanwhile, in another tab
		http.Redirect(w, v.Request, "/signin", http.StatusSeeOther)
	case err != nil:
		s.broken(w, v.Request, err)
	default:
		http.Redirect(w, v.Request, "/security/enable", http.StatusSeeOther)
	}
}

// enablePage begins a registration, after a confirmation.
func (s *Site) enablePage(w http.ResponseWriter, v visit) {
	if !s.jar.Confirmed(v.session) {
		http.Redirect(w, v.Request, "/security/confirm", http.StatusSeeOther)
		return
	}
	a, err := s.desk.Begin(v.Context(), v.user, s.asker(v.Request, v.session.TokenHash))
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	p := s.page(v.Request)
	p.UPN, p.Request, p.Options = v.user.UPN, a.ID, string(a.Options)
	s.show(w, http.StatusOK, "enable", p)
}

// enable takes what the script posts: the new credential, or how the browser failed.
func (s *Site) enable(w http.ResponseWriter, v visit) {
	id, response := v.PostForm.Get("request"), v.PostForm.Get("credential")
	if !s.jar.Confirmed(v.session) {
		s.notEnabled(w, v, store.Attempt{}, outcome.Errorf(outcome.ConfirmationNeeded, "the confirmation is too old"))
		return
	}
	if response == "" {
		s.enableFailed(w, v, id)
		return
	}
	if len(response) > passkey.MaxResponse {
		response = "" // unreadable, and the challenge is used up
	}
	a, err := s.desk.Finish(v.Context(), id, v.user, v.session.TokenHash, v.PostForm.Get("name"), []byte(response))
	if err != nil {
		s.notEnabled(w, v, a, err)
		return
	}
	if s.waitingApp(v.Request) != nil { // for which the phone had to be registered
		s.onward(w, v.Request)
		return
	}
	http.Redirect(w, v.Request, "/security", http.StatusSeeOther)
}

func (s *Site) enableFailed(w http.ResponseWriter, v visit, id string) {
	if v.PostForm.Get("failure") == "" { // a browser without the script
		s.end(w, v.Request, ending{status: http.StatusOK, code: outcome.WebAuthnMissing, request: id, onward: "/security"})
		return
	}
	a, code, err := s.desk.Fail(v.Context(), id, v.user, v.session.TokenHash, v.PostForm.Get("failure"), waited(v.Request))
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	s.end(w, v.Request, ending{status: http.StatusOK, code: code, request: a.ID, onward: "/security"})
}

func (s *Site) notEnabled(w http.ResponseWriter, v visit, a store.Attempt, err error) {
	code, detail := outcome.CodeOf(err)
	if code == outcome.StorageFailed {
		s.broken(w, v.Request, err)
		return
	}
	if !a.Created.IsZero() {
		if err := s.desk.Refused(v.Context(), a, code, detail); err != nil {
			s.broken(w, v.Request, err)
			return
		}
	}
	s.end(w, v.Request, ending{status: http.StatusForbidden, code: code, request: a.ID, onward: "/security"})
}

// named finds the registration that the form or the address names among the visitor's own.
func (s *Site) named(v visit) (r store.Registration, of int, err error) {
	id, err := base64.RawURLEncoding.DecodeString(v.Form.Get("id"))
	if err != nil {
		return r, 0, outcome.Errorf("registration_unknown", "not an id")
	}
	list, err := s.Store.Registrations(v.Context(), v.user.ID)
	if err != nil {
		return r, 0, err
	}
	i := slices.IndexFunc(list, func(r store.Registration) bool { return string(r.ID) == string(id) })
	if i < 0 {
		return r, 0, outcome.Errorf("registration_unknown", "not among the user's registrations")
	}
	return list[i], len(list), nil
}

func (s *Site) removePage(w http.ResponseWriter, v visit) {
	r, of, err := s.named(v)
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	p := s.page(v.Request)
	p.UPN, p.Name, p.ID, p.Last = v.user.UPN, r.Name, p.Encode(r.ID), of == 1
	s.show(w, http.StatusOK, "remove", p)
}

func (s *Site) remove(w http.ResponseWriter, v visit) {
	r, _, err := s.named(v)
	if err == nil {
		err = s.desk.Remove(v.Context(), v.user, r.ID, v.session.TokenHash, s.asker(v.Request, nil))
	}
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	http.Redirect(w, v.Request, "/security", http.StatusSeeOther)
}
