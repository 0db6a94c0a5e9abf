package web

import (
	"context"
	"errors"
	"net/http"

	"tallykey/tenant/invitation"
	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

// methodInvitation is how somebody signed in who had a one-time pass.
const methodInvitation = "invitation"

func (s *Site) invitePage(w http.ResponseWriter, r *http.Request) {
	s.show(w, http.StatusOK, "invite", s.page(r))
}

// invite uses a one-time pass up. It signs in, and all that can be done then is to register a device.
func (s *Site) invite(w http.ResponseWriter, r *http.Request) {
	began, request := s.Now(), signin.NewRequest()
	i, u, err := s.invitation(r)
	e := s.entry(r, methodInvitation, u.UPN, request, began)
	e.UserID, e.Policy, e.Code = u.ID, s.decided(r.Context(), u.ID), string(outcome.Invited)
	if err == nil {
		err = s.jar.Accept(w, r, i, e)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = outcome.Errorf(outcome.InvitationUsed, "by another browser at the same time")
	}
	if err != nil {
		s.notInvited(w, r, e, err)
		return
	}
	http.Redirect(w, r, "/security/enable", http.StatusSeeOther)
}

// invitation finds what the pass is for. The error carries a code.
func (s *Site) invitation(r *http.Request) (store.Invitation, store.User, error) {
	if err := s.accounts.Guess(r.Context(), s.address(r)); err != nil {
		return store.Invitation{}, store.User{}, err
	}
	i, err := s.Store.Invitation(r.Context(), invitation.Hash(r.PostForm.Get("pass")))
	if errors.Is(err, store.ErrNotFound) {
		return i, store.User{}, outcome.Errorf(outcome.InvitationUnknown, "%d characters that are no pass", len(r.PostForm.Get("pass")))
	}
	if err != nil {
		return i, store.User{}, err
	}
	u, err := s.Store.User(r.Context(), i.UserID)
	if err != nil {
		return i, u, err
	}
	return i, u, s.good(r.Context(), i, u)
}

func (s *Site) good(ctx context.Context, i store.Invitation, u store.User) error {
	may, err := s.policy.For(ctx, u.ID)
	switch {
	case err != nil:
		return err
	case !i.Used.IsZero():
		return outcome.Errorf(outcome.InvitationUsed, "used %s", i.Used)
	case !s.Now().Before(i.Expires):
		return outcome.Errorf(outcome.InvitationExpired, "expired %s", i.Expires)
	}
	if err := s.office.MayStillInvite(ctx, i.Inviter, u); err != nil {
		return err
	}
	return signin.Usable(may, u, false)
}

func (s *Site) notInvited(w http.ResponseWriter, r *http.Request, e store.Entry, err error) {
	code, detail := outcome.CodeOf(err)
	if code == outcome.StorageFailed {
		s.broken(w, r, err)
		return
	}
	e.Code, e.Detail = string(code), detail
	if err := s.logRefusal(r, e, err); err != nil {
		s.broken(w, r, err)
		return
	}
	s.show(w, statusOf(code), "invite", s.page(r).failed(code, e.Request))
}
