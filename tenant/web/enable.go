package web

import (
	"bytes"
	"net/http"
	"slices"
	"time"

	"tallykey/tenant/admin"
	"tallykey/tenant/enrol"
	"tallykey/tenant/outcome"
	"tallykey/tenant/passkey"
	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

// invitedFor is how long somebody who came with an invitation may take to register the first device.
const invitedFor = time.Hour

// mayAdd says why the visitor may not add or change a device now: package enrol has the rule. The error carries
// confirmation_needed, or invitation_needed where no confirmation would do.
func (s *Site) mayAdd(v visit) error {
	may, has, err := s.standing(v.Context(), v.user.ID)
	if err != nil {
		return err
	}
	if v.session.Method == methodInvitation {
		return s.stillInvited(v, has)
	}
	usable := len(may.SignIn(has))+len(may.Approve(has)) > 0
	if !usable {
		if err := s.firstByPassword(v); err != nil {
			return err
		}
	}
	return s.confirmedBy(v, has, usable)
}

// confirmedBy says why the visitor's last confirmation does not count: where a device could answer, one has to. The error
// carries confirmation_needed.
func (s *Site) confirmedBy(v visit, has []store.Registration, usable bool) error {
	by := slices.ContainsFunc(has, func(r store.Registration) bool { return bytes.Equal(r.ID, v.session.Vouched) })
	switch {
	case !s.jar.Confirmed(v.session):
		return outcome.Errorf(outcome.ConfirmationNeeded, "none, or too old")
	case usable && !by: // confirmed before there was a device, or by one that is gone
		return outcome.Errorf(outcome.ConfirmationNeeded, "a device has to answer")
	}
	return nil
}

// stillInvited says whether the invitation has not brought its device yet. Who came with one has no other confirmation.
func (s *Site) stillInvited(v visit, has []store.Registration) error {
	if enrolled(v.session, has) || s.Now().Sub(v.session.Started) >= invitedFor {
		return outcome.Errorf(outcome.ConfirmationNeeded, "the invitation has done what it is for, or is too old")
	}
	return nil
}

// enrolled says whether a device was registered since an invitation was used.
func enrolled(n store.Session, has []store.Registration) bool {
	return n.Method == methodInvitation && slices.ContainsFunc(has, func(r store.Registration) bool { return !r.Created.Before(n.Started) })
}

// firstByPassword says whether the password may add the first device. The error carries invitation_needed.
func (s *Site) firstByPassword(v visit) error {
	role, err := s.office.RoleOf(v.Context(), v.user.ID)
	switch {
	case err != nil:
		return err
	case role != admin.NoRole:
		return outcome.Errorf(outcome.InvitationNeeded, "is %s", role)
	case !v.user.Bare.IsZero():
		return outcome.Errorf(outcome.InvitationNeeded, "the last device was removed by the password alone %s", v.user.Bare.Format(time.RFC3339))
	}
	return nil
}

// notYet leads to the confirmation that is missing, or says why none would do.
func (s *Site) notYet(w http.ResponseWriter, v visit, err error) {
	code, _ := outcome.CodeOf(err)
	switch {
	case code == outcome.ConfirmationNeeded && v.session.Method == methodInvitation:
		http.Redirect(w, v.Request, "/security", http.StatusSeeOther)
	case code == outcome.ConfirmationNeeded:
		http.Redirect(w, v.Request, errandOf(v.Request).at("/security/confirm"), http.StatusSeeOther)
	default:
		s.notEnabled(w, v, store.Attempt{}, err)
	}
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
	if err := s.mayAdd(v); err != nil {
		s.notYet(w, v, err)
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
	if err := s.mayAdd(v); err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
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
	case made.Renews != nil || v.session.Method == methodInvitation && s.signsIn(v, made):
		s.tryOut(w, v, made)
	case s.waitingApp(v.Request) != nil: // for which the device had to be registered
		s.onward(w, v.Request)
	default:
		http.Redirect(w, v.Request, "/security", http.StatusSeeOther)
	}
}

// signsIn says whether a device signs in by itself.
func (s *Site) signsIn(v visit, r store.Registration) bool {
	may, err := s.policy.For(v.Context(), v.user.ID)
	return err == nil && may.MaySignIn(r)
}

// tryOut signs in once with a new registration: only then does the one go whose place it takes, and only then does a
// visitor who came with an invitation come any further.
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
	if err == nil && (r.Renews == nil || r.Use == policy.UseApprove && s.mayAdd(v) != nil) {
		err = outcome.Errorf(outcome.ConfirmationNeeded, "nothing is being renewed, or the confirmation is too old")
	}
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	s.tryOut(w, v, r)
}

func (s *Site) enableFailed(w http.ResponseWriter, v visit, kind, id string) {
	failure := v.PostForm.Get("failure")
	if failure == "" { // a browser without the script
		failure = "NotSupportedError"
	}
	a, code, err := s.desk.Fail(v.Context(), kind, id, v.user, v.session.TokenHash, failure, waited(v.Request))
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	s.end(w, v.Request, ending{status: http.StatusOK, code: code, request: a.ID, onward: "/security"})
}
