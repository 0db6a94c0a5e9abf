package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/outcome"
	"tallykey/tenant/passkey"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

func (s *Site) signInPage(w http.ResponseWriter, r *http.Request) {
	app := s.waitingApp(r)
	if v, err := s.who(r); err == nil && app == nil && v.session.Method != methodInvitation {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	s.show(w, http.StatusOK, "signin", s.asking(r))
}

// asking is the first page: whom the app expects, and who signed in from this browser before.
func (s *Site) asking(r *http.Request) page {
	p := s.page(r)
	p.Keep = keeps(r)
	if app := s.waitingApp(r); app != nil {
		if upn, err := account.ParseUPN(app.LoginHint()); err == nil {
			p.UPN = string(upn)
		}
	}
	for _, typed := range s.jar.Known(r) {
		if upn, err := account.ParseUPN(typed); err == nil {
			p.Known = append(p.Known, string(upn))
		}
	}
	return p
}

// forget takes an account off the list of those that this browser knows.
func (s *Site) forget(w http.ResponseWriter, r *http.Request) {
	s.jar.Unknow(w, r, r.PostForm.Get("forget"))
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
}

// signIn takes the UPN and, in a browser that the account has signed in from, asks its phone; where there is none, it asks
// for the password. Any other browser gets to choose, whoever the account is.
func (s *Site) signIn(w http.ResponseWriter, r *http.Request) {
	upn, err := account.ParseUPN(r.PostForm.Get("username"))
	if err != nil {
		s.show(w, http.StatusUnprocessableEntity, "signin", s.asking(r).failed(outcome.UPNInvalid, s.strayed(r, outcome.UPNInvalid, "the sign-in page")))
		return
	}
	browser := s.jar.MarkBrowser(w, r)
	if err := s.replaced(r, outcome.RequestReplaced); err != nil {
		s.broken(w, r, err)
		return
	}
	by := s.asker(r, browser)
	by.Proven = s.jar.Proven(r, string(upn))
	if by.Proven == "" && !s.ShowAccounts {
		s.askHow(w, r, upn)
		return
	}
	a, err := s.flow.Begin(r.Context(), upn, by)
	switch {
	case errors.Is(err, signin.ErrNoPhone):
		s.askNext(w, r, upn)
	case err != nil:
		s.broken(w, r, err)
	default:
		s.toWaiting(w, r, a)
	}
}

// replaced ends the sign-in that the form names, if it is one of this browser.
func (s *Site) replaced(r *http.Request, code outcome.Code) error {
	id := r.PostForm.Get("request")
	if id == "" {
		return nil
	}
	return s.flow.End(r.Context(), id, s.jar.Browser(r), code)
}

func (s *Site) signInAny(w http.ResponseWriter, r *http.Request) {
	browser := s.jar.MarkBrowser(w, r)
	if err := s.replaced(r, outcome.RequestReplaced); err != nil {
		s.broken(w, r, err)
		return
	}
	by := s.asker(r, browser)
	by.Proven = s.jar.Proven(r, s.jar.Known(r)...)
	a, err := s.flow.BeginAny(r.Context(), by)
	if err != nil {
		s.refused(w, r, store.Attempt{}, err)
		return
	}
	s.toWaiting(w, r, a)
}

func (s *Site) toWaiting(w http.ResponseWriter, r *http.Request, a store.Attempt) {
	http.Redirect(w, r, "/signin/phone?"+url.Values{"request": {a.ID}}.Encode(), http.StatusSeeOther)
}

// waiting is the page whose script asks the phone. Loading it again asks again with the same challenge while there is time.
func (s *Site) waiting(w http.ResponseWriter, r *http.Request) {
	id := r.Form.Get("request")
	a, err := s.flow.Look(r.Context(), id, s.jar.Browser(r))
	if err == nil && signin.StateOf(a, s.Now()) != signin.Waiting {
		s.end(w, r, ending{status: http.StatusOK, code: outcome.TimedOut, request: a.ID, upn: a.UPN, user: a.UserID, again: true})
		return
	}
	if err != nil {
		s.refused(w, r, store.Attempt{}, err)
		return
	}
	p := s.page(r)
	p.UPN, p.Request, p.Options = a.UPN, a.ID, string(a.Options)
	p.Action, p.Keep, p.Second, p.Approving, p.Renewing = "/signin/phone", a.Keep, signin.Second(a), approving(a), a.Renews != nil
	p.NoPassword = p.Second || s.passwordHidden(r.Context(), a.UserID) || s.wantsPhone(r)
	p.Partner = s.partnerOf(r.Context(), a.UPN)
	s.show(w, http.StatusOK, "waiting", p)
}

// approving says whether an attempt asks for no number, as its own options say.
func approving(a store.Attempt) bool {
	var o struct {
		Extensions struct {
			NumberMatch struct{ Mode passkey.Mode }
		}
	}
	return json.Unmarshal(a.Options, &o) == nil && o.Extensions.NumberMatch.Mode == passkey.Approve
}

// answer takes what the script posts: the assertion, or how the browser failed.
func (s *Site) answer(w http.ResponseWriter, r *http.Request) {
	id, response := r.PostForm.Get("request"), r.PostForm.Get("credential")
	if response == "" {
		s.failure(w, r, id)
		return
	}
	if len(response) > passkey.MaxResponse {
		response = "" // unreadable, and the challenge is used up
	}
	done, a, err := s.flow.Answer(r.Context(), id, s.jar.Browser(r), []byte(response))
	if err == nil {
		err = s.jar.SignIn(w, r, done.Session, done.SignCount, done.Entry)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = outcome.Errorf(outcome.RegistrationRemoved, "removed while it answered")
	}
	if err == nil && signin.Second(a) {
		err = s.accounts.Answered(r.Context(), a.UserID)
	}
	switch {
	case err != nil:
		s.refused(w, r, a, err)
	case a.Renews != nil:
		http.Redirect(w, r, "/security", http.StatusSeeOther)
	default:
		s.onward(w, r)
	}
}

func (s *Site) failure(w http.ResponseWriter, r *http.Request, id string) {
	a, code, err := s.flow.Fail(r.Context(), id, s.jar.Browser(r), r.PostForm.Get("failure"), waited(r))
	if err != nil {
		s.refused(w, r, store.Attempt{}, err)
		return
	}
	s.end(w, r, ending{status: http.StatusOK, code: code, request: a.ID, upn: a.UPN, user: a.UserID, again: true})
}

// waited is how long the page says it waited; nonsense counts as no time at all.
func waited(r *http.Request) time.Duration {
	ms, err := strconv.ParseUint(r.PostForm.Get("waited"), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}

// refused logs and shows why an answer signed nobody in. An attempt that is not known has no line of its own, and gets one here.
func (s *Site) refused(w http.ResponseWriter, r *http.Request, a store.Attempt, err error) {
	code, detail := outcome.CodeOf(err)
	if code == outcome.StorageFailed {
		s.broken(w, r, err)
		return
	}
	if a.Created.IsZero() {
		a.ID = s.strayed(r, code, detail)
	} else if err := s.Store.Log(r.Context(), s.flow.Entry(a, code, detail)); err != nil {
		s.broken(w, r, err)
		return
	}
	s.end(w, r, ending{status: statusOf(code), code: code, request: a.ID, upn: a.UPN, user: a.UserID, again: true, unknown: s.unknown(r, code)})
}
