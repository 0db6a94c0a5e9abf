package web

import (
	"net/http"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

func (s *Site) passwordPage(w http.ResponseWriter, r *http.Request) {
	s.askPassword(w, r, "")
}

// askPassword shows the same page for every account, known or not.
func (s *Site) askPassword(w http.ResponseWriter, r *http.Request, upn account.UPN) {
	p := s.page(r)
	p.UPN, p.Ask = string(upn), upn == ""
	s.show(w, http.StatusOK, "password", p)
}

// passwordInstead ends the phone's request and asks for the password.
func (s *Site) passwordInstead(w http.ResponseWriter, r *http.Request) {
	if err := s.replaced(r, outcome.PasswordChosen); err != nil {
		s.broken(w, r, err)
		return
	}
	upn, err := account.ParseUPN(r.PostForm.Get("username"))
	if err != nil {
		upn = ""
	}
	s.askPassword(w, r, upn)
}

// password signs in by UPN and password.
func (s *Site) password(w http.ResponseWriter, r *http.Request) {
	typed, began, request := r.PostForm.Get("username"), s.Now(), signin.NewRequest()
	upn, err := account.ParseUPN(typed)
	var u store.User
	if err == nil {
		u, err = s.check(r, upn)
	}
	if err == nil {
		err = s.passwordAllowed(r.Context(), u)
	}
	if err != nil {
		s.passwordRefused(w, r, "password", upn, request, began, err)
		return
	}
	e := s.passwordEntry(r, "password", upn, request, began)
	e.UserID, e.Code, e.Policy = u.ID, string(outcome.PasswordRight), s.decided(r.Context(), u.ID)
	if err := s.jar.SignIn(w, r, store.Session{UserID: u.ID, Method: "password"}, 0, e); err != nil {
		s.broken(w, r, err)
		return
	}
	s.onward(w, r)
}

func (s *Site) check(r *http.Request, upn account.UPN) (store.User, error) {
	password := r.PostForm.Get("password")
	if len(password) > account.MaxPassword {
		return store.User{}, outcome.Errorf(outcome.PasswordWrong, "longer than %d bytes", account.MaxPassword)
	}
	return s.accounts.CheckPassword(r.Context(), upn, password, s.address(r))
}

func (s *Site) passwordEntry(r *http.Request, method string, upn account.UPN, request string, began time.Time) store.Entry {
	by := s.asker(r, nil)
	return store.Entry{Time: s.Now(), Request: request, UPN: string(upn), Method: method, Address: by.Address.String(), Agent: by.Agent,
		Millis: s.Now().Sub(began).Milliseconds()}
}

// passwordRefused logs the true reason and shows the page again with the one that may be told.
func (s *Site) passwordRefused(w http.ResponseWriter, r *http.Request, name string, upn account.UPN, request string, began time.Time, err error) {
	code, detail := outcome.CodeOf(err)
	if code == outcome.StorageFailed {
		s.broken(w, r, err)
		return
	}
	e := s.passwordEntry(r, name, upn, request, began)
	e.Code, e.Detail = string(code), detail
	if u, err := s.Store.UserByUPN(r.Context(), string(upn)); err == nil {
		e.UserID, e.Policy = u.ID, s.decided(r.Context(), u.ID)
	}
	if err := s.Store.Log(r.Context(), e); err != nil {
		s.broken(w, r, err)
		return
	}
	p := s.page(r).failed(outcome.Public(code), request)
	p.UPN, p.Ask = string(upn), name == "password"
	s.show(w, statusOf(code), name, p)
}

func statusOf(code outcome.Code) int {
	switch code {
	case outcome.AccountLocked, outcome.AddressLocked, outcome.AddressBusy:
		return http.StatusTooManyRequests
	case outcome.UPNInvalid:
		return http.StatusUnprocessableEntity
	}
	return http.StatusForbidden
}
