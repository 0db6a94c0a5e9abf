package web

import (
	"net/http"
	"slices"

	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

// recent is how many of a user's own lines of the log the page shows.
const recent = 20

// activity shows people their own lines of the sign-in log, each with a way to say that it was not them.
func (s *Site) activity(w http.ResponseWriter, v visit) {
	list, err := s.Store.Find(v.Context(), store.Filter{UserID: v.user.ID}, recent)
	if err != nil {
		s.broken(w, v.Request, err)
		return
	}
	p := s.page(v.Request)
	p.UPN, p.Entries, p.Reported = v.user.UPN, list, !v.user.Risk.IsZero()
	s.show(w, http.StatusOK, "activity", p)
}

// line finds one of the visitor's own lines by its request id.
func (s *Site) line(v visit) (store.Entry, error) {
	id := v.Form.Get("request")
	list, err := s.Store.Find(v.Context(), store.Filter{UserID: v.user.ID}, 10*recent)
	if err != nil {
		return store.Entry{}, err
	}
	i := slices.IndexFunc(list, func(e store.Entry) bool { return e.Request == id })
	if i < 0 {
		return store.Entry{}, outcome.Errorf(outcome.RequestUnknown, "not among the user's own")
	}
	return list[i], nil
}

func (s *Site) reportPage(w http.ResponseWriter, v visit) {
	e, err := s.line(v)
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	p := s.page(v.Request)
	p.UPN, p.Entries = v.user.UPN, []store.Entry{e}
	s.show(w, http.StatusOK, "report", p)
}

// report notes that a sign-in was not the visitor's: the account's other sessions and the apps' tokens end at once, and
// policy says whether the account is blocked until an admin has looked at it.
func (s *Site) report(w http.ResponseWriter, v visit) {
	about, err := s.line(v)
	if err != nil {
		s.notEnabled(w, v, store.Attempt{}, err)
		return
	}
	e := s.entry(v.Request, "report", v.user.UPN, signin.NewRequest(), s.Now())
	e.UserID, e.Code, e.Policy = v.user.ID, string(outcome.NotMe), s.decided(v.Context(), v.user.ID)
	e.Detail, e.Device, e.App = "about "+about.Request+", "+about.Method+" "+about.Code+" from "+about.Address, about.Device, about.App
	if err := s.Store.Report(v.Context(), v.user.ID, v.session.TokenHash, s.vouchedNow(v.session), e); err != nil {
		s.broken(w, v.Request, err)
		return
	}
	s.end(w, v.Request, ending{status: http.StatusOK, code: outcome.NotMe, request: e.Request, onward: "/security"})
}
