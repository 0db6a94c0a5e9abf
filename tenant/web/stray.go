package web

import (
	"net/http"
	"net/netip"
	"time"

	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
)

const (
	strayWindow   = time.Hour
	methodRequest = "request" // of a line that belongs to no sign-in
	methodApp     = "app"     // of what an app asked for

	toldOfApps = 10 // of refusals to apps the first so many are told: whoever sets one up makes a few different mistakes
)

// telling says whether a refusal that belongs to no attempt, such as a form of another website, is written down. A stranger
// can make as many as they like; the log gets the first few, the tenth, the hundredth and so on of each code from a network
// in an hour.
func telling(strays *tally, from netip.Addr, code outcome.Code, first int) bool {
	n := strays.count(from, code)
	return n <= first || roundNumber(n)
}

// roundNumber says whether n is 1, 10, 100 and so on.
func roundNumber(n int) bool {
	for n >= 10 && n%10 == 0 {
		n /= 10
	}
	return n == 1
}

// strayed writes a refusal down that no attempt stands for, and gives the request id under which it does. A page that is
// not there refuses nobody anything.
func (s *Site) strayed(r *http.Request, code outcome.Code, detail string) string {
	return s.strayedFor(r, methodRequest, "", code, detail, 1)
}

// strayedByApp is strayed for what an app asked for; app is its client id, if it has one.
func (s *Site) strayedByApp(r *http.Request, app string, code outcome.Code, detail string) string {
	return s.strayedFor(r, methodApp, app, code, detail, toldOfApps)
}

func (s *Site) strayedFor(r *http.Request, method, app string, code outcome.Code, detail string, first int) string {
	request := signin.NewRequest()
	if code == outcome.PageUnknown || !telling(s.strays, s.address(r), code, first) {
		return request
	}
	e := s.entry(r, method, "", request, s.Now())
	if app != "" {
		e.App = app
	}
	e.Code, e.Detail = string(code), detail
	if v, err := s.who(r); err == nil { // somebody who is signed in: a form of another website, if the browser sends the cookie with it
		e.UPN, e.UserID = v.user.UPN, v.user.ID
	}
	if err := s.Store.Log(r.Context(), e); err != nil {
		s.Log.Error("log", "request", request, "err", err)
	}
	return request
}
