package web

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
)

const (
	strayWindow   = time.Hour
	maxStrays     = 4096
	methodRequest = "request" // of a line that belongs to no sign-in
	methodApp     = "app"     // of what an app asked for

	toldOfApps = 10 // of refusals to apps the first so many are told: whoever sets one up makes a few different mistakes
)

// strays counts refusals that belong to no attempt, such as a form of another website, by address and code. A stranger
// can make as many as they like; the log gets the first, the tenth, the hundredth and so on of each in an hour.
type strays struct {
	now func() time.Time

	mu    sync.Mutex
	began time.Time
	seen  map[stray]int
}

type stray struct {
	from netip.Prefix
	code outcome.Code
}

func newStrays(now func() time.Time) *strays { return &strays{now: now} }

// telling says whether this one is written down: it is among the first, or its number is round. When the table is full, all new addresses count as one.
func (s *strays) telling(from netip.Addr, code outcome.Code, first int) bool {
	key := stray{network(from), code}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now().Sub(s.began) >= strayWindow {
		s.began, s.seen = s.now(), map[stray]int{}
	}
	if s.seen[key] == 0 && len(s.seen) >= maxStrays {
		key.from = netip.Prefix{}
	}
	s.seen[key]++
	return s.seen[key] <= first || roundNumber(s.seen[key])
}

// network is what one customer of a provider has at least, around an address. Without an address it is the zero value,
// which stands for all that have none.
func network(from netip.Addr) netip.Prefix {
	from = from.Unmap().WithZone("")
	bits := from.BitLen()
	if from.Is6() {
		bits = 64
	}
	p, _ := from.Prefix(bits)
	return p
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
	if code == outcome.PageUnknown || !s.strays.telling(s.address(r), code, first) {
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
