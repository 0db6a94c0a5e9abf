package web

import (
	"net/http"

	"tallykey/tenant/outcome"
	"tallykey/tenant/policy"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

const (
	passwordPath   = "/security/password"
	methodPassword = "password-change" // of a line about it
)

// mayChangePassword says why the visitor may not change the password now: as with devices, a device of the account has to
// have confirmed who is there, or where there is none the old password. The error carries confirmation_needed or
// page_unknown: where another issuer signs in, or nobody ever could, there is no password to change.
func (s *Site) mayChangePassword(v visit) (policy.Decision, []store.Registration, error) {
	may, has, err := s.standing(v.Context(), v.user.ID)
	usable := len(may.SignIn(has))+len(may.Approve(has)) > 0
	switch {
	case err != nil:
	case s.partnerOf(v.Context(), v.user.UPN) != "":
		err = outcome.Errorf(outcome.PageUnknown, "another issuer signs this account in")
	default:
		err = s.confirmedBy(v, has, usable)
	}
	return may, has, err
}

// newPasswordPage asks for a new password, after a confirmation.
func (s *Site) newPasswordPage(w http.ResponseWriter, v visit) {
	may, has, err := s.mayChangePassword(v)
	if code, _ := outcome.CodeOf(err); code == outcome.ConfirmationNeeded {
		http.Redirect(w, v.Request, errand{password: "password"}.at("/security/confirm"), http.StatusSeeOther)
		return
	}
	if err != nil {
		s.passwordKept(w, v, err)
		return
	}
	s.show(w, http.StatusOK, "newpassword", s.changing(v, may, has))
}

func (s *Site) changing(v visit, may policy.Decision, has []store.Registration) page {
	p := s.page(v.Request)
	p.UPN, p.NoPassword, p.Enabled = v.user.UPN, v.user.Password == "", len(may.SignIn(has)) > 0
	return p
}

// newPassword changes or removes the password. What began by the old one ends, but for this session.
func (s *Site) newPassword(w http.ResponseWriter, v visit) {
	may, has, err := s.mayChangePassword(v)
	typed, code := v.PostForm.Get("password"), outcome.PasswordChanged
	if v.PostForm.Get("remove") == "1" {
		typed, code = "", outcome.PasswordRemoved
	}
	if err == nil {
		err = fit(may, has, typed, v.PostForm.Get("again"), code)
	}
	if err == nil {
		e := s.entry(v.Request, methodPassword, v.user.UPN, signin.NewRequest(), s.Now())
		e.UserID, e.Code, e.Policy, e.Registration = v.user.ID, string(code), may.String(), v.session.Vouched
		if err = s.accounts.ChangePassword(v.Context(), v.user, typed, store.NewPassword{Keep: v.session.TokenHash}, e); err == nil {
			s.end(w, v.Request, ending{status: http.StatusOK, code: code, request: e.Request, onward: "/security"})
			return
		}
	}
	s.passwordKept(w, v, err)
}

// fit says why what was typed is not taken. The error carries password_needed or password_unfit.
func fit(may policy.Decision, has []store.Registration, typed, again string, code outcome.Code) error {
	switch {
	case code == outcome.PasswordRemoved && len(may.SignIn(has)) == 0:
		return outcome.Errorf(outcome.PasswordNeeded, "no device signs in by itself")
	case code == outcome.PasswordChanged && (typed == "" || typed != again):
		return outcome.Errorf(outcome.PasswordUnfit, "nothing, or not the same twice")
	}
	return nil
}

// passwordKept logs and shows why the password stays as it is.
func (s *Site) passwordKept(w http.ResponseWriter, v visit, err error) {
	code, detail := outcome.CodeOf(err)
	if code == outcome.StorageFailed {
		s.broken(w, v.Request, err)
		return
	}
	e := s.entry(v.Request, methodPassword, v.user.UPN, signin.NewRequest(), s.Now())
	e.UserID, e.Code, e.Detail, e.Policy = v.user.ID, string(code), detail, s.decided(v.Context(), v.user.ID)
	if err := s.Store.Log(v.Context(), e); err != nil {
		s.broken(w, v.Request, err)
		return
	}
	may, has, err := s.mayChangePassword(v)
	if err != nil {
		s.end(w, v.Request, ending{status: http.StatusForbidden, code: code, request: e.Request, onward: "/security"})
		return
	}
	s.show(w, http.StatusUnprocessableEntity, "newpassword", s.changing(v, may, has).failed(code, e.Request))
}
