package web

import (
	"context"
	"errors"
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
	p.UPN, p.Ask, p.Keep = string(upn), upn == "", keeps(r)
	s.show(w, http.StatusOK, "password", p)
}

// askPhoneOrPassword shows the same page for every account too, so it can't say which of the two this one has.
func (s *Site) askPhoneOrPassword(w http.ResponseWriter, r *http.Request, upn account.UPN) {
	p := s.page(r)
	p.UPN, p.Keep = string(upn), keeps(r)
	s.show(w, http.StatusOK, "choose", p)
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
	s.askNext(w, r, upn)
}

// password signs in by UPN and password.
func (s *Site) password(w http.ResponseWriter, r *http.Request) {
	typed, began, request := r.PostForm.Get("username"), s.Now(), signin.NewRequest()
	upn, err := account.ParseUPN(typed)
	if err == nil && s.partnerOf(r.Context(), string(upn)) != "" {
		s.askNext(w, r, upn) // its users have no password here
		return
	}
	var u store.User
	if err == nil {
		u, err = s.check(r, upn)
	}
	if err == nil {
		err = s.passwordAllowed(r.Context(), u)
	}
	var a store.Attempt
	if err == nil {
		a, err = s.second(w, r, u, s.flow.BeginSecond)
	}
	if err != nil && !errors.Is(err, signin.ErrNoPhone) {
		s.passwordRefused(w, r, "password", upn, request, began, err)
		return
	}
	e := s.entry(r, "password", string(upn), request, began)
	e.UserID, e.Code, e.Policy = u.ID, string(outcome.PasswordRight), s.decided(r.Context(), u.ID)
	if err == nil {
		s.toSecond(w, r, e, a)
		return
	}
	if err := s.jar.SignIn(w, r, store.Session{UserID: u.ID, Method: "password", Kept: keeps(r)}, 0, e); err != nil {
		s.broken(w, r, err)
		return
	}
	s.onward(w, r)
}

type beginSecond func(context.Context, store.User, signin.Asker) (store.Attempt, error)

// second asks the phone after a right password, not more often than its owner can bear. signin.ErrNoPhone: the password
// alone signs in.
func (s *Site) second(w http.ResponseWriter, r *http.Request, u store.User, begin beginSecond) (store.Attempt, error) {
	a, err := begin(r.Context(), u, s.asker(r, s.jar.MarkBrowser(w, r)))
	if err == nil {
		err = s.accounts.AskSecond(r.Context(), u.ID)
	}
	return a, err
}

// toSecond notes that the password was right, which signs nobody in yet, and leads to the page that asks the phone.
func (s *Site) toSecond(w http.ResponseWriter, r *http.Request, e store.Entry, a store.Attempt) {
	e.Code, e.Detail = string(outcome.SecondFactorNeeded), "goes on as "+a.ID
	if err := s.Store.Log(r.Context(), e); err != nil {
		s.broken(w, r, err)
		return
	}
	s.toWaiting(w, r, a)
}

// keeps says whether the form asks to stay signed in.
func keeps(r *http.Request) bool { return r.Form.Get("keep") == "1" }

func (s *Site) check(r *http.Request, upn account.UPN) (store.User, error) {
	password := r.PostForm.Get("password")
	if len(password) > account.MaxPassword {
		return store.User{}, outcome.Errorf(outcome.PasswordWrong, "longer than %d bytes", account.MaxPassword)
	}
	return s.accounts.CheckPassword(r.Context(), upn, password, s.address(r))
}

// entry is the log's line of something that has no challenge.
func (s *Site) entry(r *http.Request, method, upn, request string, began time.Time) store.Entry {
	by := s.asker(r, nil)
	return store.Entry{Time: s.Now(), Request: request, UPN: upn, App: by.App, Method: method, Address: by.Address.String(), Agent: by.Agent,
		Millis: s.Now().Sub(began).Milliseconds()}
}

// logRefusal writes a line, but not for each of many tries during one lock.
func (s *Site) logRefusal(r *http.Request, e store.Entry, why error) error {
	var locked *account.Locked
	if errors.As(why, &locked) && !locked.Telling() {
		return nil
	}
	return s.Store.Log(r.Context(), e)
}

// passwordRefused logs the true reason and shows the page again with the one that may be told.
func (s *Site) passwordRefused(w http.ResponseWriter, r *http.Request, name string, upn account.UPN, request string, began time.Time, err error) {
	code, detail := outcome.CodeOf(err)
	if code == outcome.StorageFailed {
		s.broken(w, r, err)
		return
	}
	e := s.entry(r, name, string(upn), request, began)
	e.Code, e.Detail = string(code), detail
	if code == outcome.UPNInvalid { // nobody's: as many as a stranger likes
		s.showRefused(w, r, name, upn, code, s.strayed(r, code, "the password page"))
		return
	}
	u, _ := s.Store.UserByUPN(r.Context(), string(upn)) // not found: the same work, for nobody
	if decided := s.decided(r.Context(), u.ID); u.ID != "" {
		e.UserID, e.Policy = u.ID, decided
	}
	if err := s.logRefusal(r, e, err); err != nil {
		s.broken(w, r, err)
		return
	}
	s.showRefused(w, r, name, upn, code, request)
}

func (s *Site) showRefused(w http.ResponseWriter, r *http.Request, name string, upn account.UPN, code outcome.Code, request string) {
	p := s.page(r)
	if v, err := s.who(r); name == "confirm" && err == nil {
		p = s.confirming(v)
	}
	p = p.failed(outcome.Public(code), request)
	p.UPN, p.Ask, p.Keep = string(upn), name == "password", keeps(r)
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
