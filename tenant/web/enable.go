package web

import (
	"net/http"
	"time"

	"tallykey/tenant/enrol"
	"tallykey/tenant/outcome"
	"tallykey/tenant/passkey"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

// invitedFor is how long somebody who came with an invitation may take to register the first device.
const invitedFor = time.Hour

// fresh says whether the visitor has confirmed just now who it is. Who came with an invitation has no other way to.
func (s *Site) fresh(v visit) bool {
	if s.jar.Confirmed(v.session) {
		return true
	}
	if v.session.Method != methodInvitation || s.Now().Sub(v.session.Started) >= invitedFor {
		return false
	}
	has, err := s.Store.Registrations(v.Context(), v.user.ID)
	return err == nil && len(has) == 0
}

// wish is the registration that the errand is about.
func (s *Site) wish(v visit) (enrol.Wish, store.Registration, error) {
	e := errandOf(v.Request)
	if e.renew == "" {
		if e.use == "" {
			e.use = policy.UseSignIn
		}
		return enrol.Wish{Use: e.use}, store.Registration{}, nil
	}
	old, _, err := s.named(v, "renew")
	return enrol.Wish{Use: old.Use, Renews: old.ID}, old, err
}

// enablePage begins a registration, after a confirmation.
func (s *Site) enablePage(w http.ResponseWriter, v visit) {
	if !s.fresh(v) {
		http.Redirect(w, v.Request, errandOf(v.Request).at("/security/confirm"), http.StatusSeeOther)
		return
	}
	wish, old, err := s.wish(v)
	var a store.Attempt
	if err == nil {
		a, err = s.desk.Begin(v.Context(), v.user, wish, s.asker(v.Request, v.session.TokenHash))
	}
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	p := s.page(v.Request)
	p.UPN, p.Request, p.Options, p.Name = v.user.UPN, a.ID, string(a.Options), old.Name
	p.Approving, p.Renewing = wish.Use == policy.UseApprove, wish.Renews != nil
	s.show(w, http.StatusOK, "enable", p)
}

// enable takes what the script posts: the new credential, or how the browser failed.
func (s *Site) enable(w http.ResponseWriter, v visit) {
	id, response := v.PostForm.Get("request"), v.PostForm.Get("credential")
	if !s.fresh(v) {
		s.notEnabled(w, v, store.Attempt{}, outcome.Errorf(outcome.ConfirmationNeeded, "the confirmation is too old"))
		return
	}
	if response == "" {
		s.enableFailed(w, v, "register", id)
		return
	}
	if len(response) > passkey.MaxResponse {
		response = "" // unreadable, and the challenge is used up
	}
	made, a, err := s.desk.Finish(v.Context(), id, v.user, v.session.TokenHash, v.PostForm.Get("name"), []byte(response))
	switch {
	case err != nil:
		s.notEnabled(w, v, a, err)
	case made.Renews != nil:
		s.tryOut(w, v, made)
	case s.waitingApp(v.Request) != nil: // for which the device had to be registered
		s.onward(w, v.Request)
	default:
		http.Redirect(w, v.Request, "/security", http.StatusSeeOther)
	}
}

// tryOut signs in once with a registration that takes the place of another: only then does that one go.
func (s *Site) tryOut(w http.ResponseWriter, v visit, made store.Registration) {
	a, err := s.flow.BeginWith(v.Context(), v.user, made, s.asker(v.Request, s.jar.MarkBrowser(w, v.Request)))
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	s.toWaiting(w, v.Request, a)
}

// tryAgain signs in with a renewed registration whose first sign-in did not happen.
func (s *Site) tryAgain(w http.ResponseWriter, v visit) {
	r, _, err := s.named(v, "id")
	if err == nil && (r.Renews == nil || r.Use == policy.UseApprove && !s.fresh(v)) {
		err = outcome.Errorf(outcome.ConfirmationNeeded, "nothing is being renewed, or the confirmation is too old")
	}
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	s.tryOut(w, v, r)
}

func (s *Site) enableFailed(w http.ResponseWriter, v visit, kind, id string) {
	if v.PostForm.Get("failure") == "" { // a browser without the script
		s.end(w, v.Request, ending{status: http.StatusOK, code: outcome.WebAuthnMissing, request: id, onward: "/security"})
		return
	}
	a, code, err := s.desk.Fail(v.Context(), kind, id, v.user, v.session.TokenHash, v.PostForm.Get("failure"), waited(v.Request))
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	s.end(w, v.Request, ending{status: http.StatusOK, code: code, request: a.ID, onward: "/security"})
}
