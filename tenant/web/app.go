package web

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"tallykey/tenant/oidc"
	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

// maxAppBody is the largest form of an app, in bytes.
const maxAppBody = 16 << 10

// routesOfApps adds the OpenID Provider. Other websites send browsers to two of its pages and apps call the others, so the
// rule that forms come from the tenant's own pages does not hold there; the one about the host does.
func (s *Site) routesOfApps(top *http.ServeMux) {
	for _, path := range oidc.AppPaths {
		top.Handle(path, s.hosted(s.appEndpoint))
	}
	top.Handle(oidc.DeviceStart, s.hosted(s.deviceStart))
	top.Handle("GET "+oidc.Discovery, s.hosted(s.provider.Describe))
	top.Handle(oidc.Authorize, s.hosted(s.authorize))
	top.Handle(oidc.EndSession, s.hosted(s.endSession))
	own := http.NewServeMux()
	for pattern, h := range map[string]http.HandlerFunc{
		"GET " + oidc.DevicePage:                s.devicePage,
		"POST " + oidc.DevicePage:               s.signedIn(s.deviceCode),
		"POST " + oidc.DevicePage + "/decision": s.signedIn(s.deviceDecision),
		"GET /authorize/consent":                s.signedIn(s.consentPage),
		"POST /authorize/consent":               s.signedIn(s.consent),
	} {
		own.HandleFunc(pattern, h)
	}
	own.HandleFunc("/", s.notFound)
	for _, path := range []string{oidc.DevicePage, oidc.DevicePage + "/decision", "/authorize/consent"} {
		top.Handle(path, s.guard(own))
	}
}

func (s *Site) hosted(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.headers(w.Header())
		if r.Host != s.Issuer.Host {
			s.end(w, r, ending{status: http.StatusMisdirectedRequest, code: outcome.HostWrong})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxAppBody)
		h(w, r)
	})
}

// held is an answer of the provider that is not sent yet.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *held) Header() http.Header         { return h.header }
func (h *held) WriteHeader(status int)      { h.status = status }
func (h *held) Write(b []byte) (int, error) { return h.body.Write(b) }

// authorize takes an app's request. One that can't be sent back to the app, because nobody knows where that is, ends on a
// page of the tenant; the sign-in log says why.
func (s *Site) authorize(w http.ResponseWriter, r *http.Request) {
	answer := &held{header: http.Header{}, status: http.StatusOK}
	r, learned := oidc.Observe(r)
	s.provider.ServeHTTP(answer, oidc.In(r, s.jar.MarkBrowser(w, r)))
	if to := answer.header.Get("Location"); answer.status == http.StatusFound && to != "" {
		s.sentBack(r, to, learned)
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	s.appRefused(w, r, answer.body.String())
}

// sentBack writes down what the app is told that can be told so.
func (s *Site) sentBack(r *http.Request, to string, l *oidc.Learned) {
	u, err := url.Parse(to)
	if err != nil || u.Query().Get("error") == "" && !strings.Contains(u.Fragment, "error=") {
		return
	}
	code := outcome.AppRequestInvalid
	if u.Query().Get("error") == string(oidc.LoginRequired) {
		code = outcome.AppSignInRequired
	}
	s.strayedByApp(r, l.App, code, "answered "+u.Query().Get("error"))
}

func (s *Site) appRefused(w http.ResponseWriter, r *http.Request, why string) {
	request := s.strayedByApp(r, "", outcome.AppRequestInvalid, strings.ToValidUTF8(strings.TrimSpace(why[:min(len(why), 300)]), ""))
	s.end(w, r, ending{status: http.StatusBadRequest, code: outcome.AppRequestInvalid, request: request, onward: "/"})
}

// continueForApp answers an app's request if the browser's session can, else it asks for a sign-in.
func (s *Site) continueForApp(w http.ResponseWriter, r *http.Request) {
	app, err := s.provider.Find(r.Context(), r.Form.Get("id"), s.jar.Browser(r))
	if errors.Is(err, store.ErrNotFound) {
		s.jar.Forget(w)
		s.end(w, r, ending{status: http.StatusBadRequest, code: outcome.AppRequestUnknown, onward: "/"})
		return
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	v, err := s.who(r)
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		s.broken(w, r, err)
	case err == nil && app.Content(v.session):
		s.answerApp(w, v, app)
	case err == nil && app.Since(v.session) && !app.Strong(v.session):
		s.refuseApp(w, v, app, outcome.AppNeedsPhone, oidc.Unmet)
	case app.Silent(), err == nil && app.Since(v.session): // the latter: somebody else signed in than the app asked for
		s.strayedByApp(r, app.App(), outcome.AppSignInRequired, "")
		s.jar.Forget(w)
		s.provider.Refuse(w, r, app, oidc.LoginRequired)
	default:
		s.jar.Remember(w, app.ID(), oidc.RequestLife)
		http.Redirect(w, r, "/signin", http.StatusSeeOther)
	}
}

// answerApp gives the app its code, unless policy wants a phone first or the person has to let the app in.
func (s *Site) answerApp(w http.ResponseWriter, v visit, app *oidc.Request) {
	must, err := s.mustEnrol(v.Context(), v)
	consent := app.Consent(v.session)
	switch {
	case err != nil:
		s.broken(w, v.Request, err)
	case must && app.Silent():
		s.refuseApp(w, v, app, outcome.PhoneRequired, oidc.InteractionRequired)
	case must:
		s.firstFor(w, v, app, outcome.PhoneRequired, "/security")
	case consent == oidc.ConsentDenied:
		s.refuseApp(w, v, app, outcome.AppDenied, oidc.AccessDenied)
	case consent == oidc.ConsentNeeded && app.Silent():
		s.refuseApp(w, v, app, outcome.AppConsentRequired, oidc.ConsentRequired)
	case consent == oidc.ConsentNeeded:
		s.jar.Remember(w, app.ID(), oidc.RequestLife)
		http.Redirect(w, v.Request, "/authorize/consent", http.StatusSeeOther)
	default:
		s.approveApp(w, v, app)
	}
}

func (s *Site) approveApp(w http.ResponseWriter, v visit, app *oidc.Request) {
	if err := s.Store.Log(v.Context(), s.appEntry(v, app.App(), outcome.AppApproved)); err != nil {
		s.broken(w, v.Request, err)
		return
	}
	s.jar.Forget(w)
	s.provider.Approve(w, v.Request, app, v.session)
}

// refuseApp logs why somebody who is signed in does not come to the app, and tells the app.
func (s *Site) refuseApp(w http.ResponseWriter, v visit, app *oidc.Request, code outcome.Code, why oidc.Refusal) {
	if err := s.Store.Log(v.Context(), s.appEntry(v, app.App(), code)); err != nil {
		s.broken(w, v.Request, err)
		return
	}
	s.jar.Forget(w)
	s.provider.Refuse(w, v.Request, app, why)
}

// firstFor logs what has to be done before the app gets its answer, and leads there.
func (s *Site) firstFor(w http.ResponseWriter, v visit, app *oidc.Request, code outcome.Code, to string) {
	if err := s.Store.Log(v.Context(), s.appEntry(v, app.App(), code)); err != nil {
		s.broken(w, v.Request, err)
		return
	}
	s.jar.Remember(w, app.ID(), oidc.RequestLife)
	http.Redirect(w, v.Request, to, http.StatusSeeOther)
}

// appEntry is the log's line of what became of an app's request.
func (s *Site) appEntry(v visit, app string, code outcome.Code) store.Entry {
	e := s.entry(v.Request, methodApp, v.user.UPN, signin.NewRequest(), s.Now())
	e.UserID, e.App, e.Code, e.Policy = v.user.ID, app, string(code), s.decided(v.Context(), v.user.ID)
	e.Registration, e.Detail = v.session.Registration, "session by "+v.session.Method
	return e
}

// waitingApp is the app's request for which this browser is signing in, nil if there is none.
func (s *Site) waitingApp(r *http.Request) *oidc.Request {
	id := s.jar.Remembered(r)
	if id == "" {
		return nil
	}
	app, err := s.provider.Find(r.Context(), id, s.jar.Browser(r))
	if err != nil {
		return nil
	}
	return app
}

// wantsPhone says whether the app that waits takes no sign-in by password alone (acr_values): then none is offered.
func (s *Site) wantsPhone(r *http.Request) bool {
	app := s.waitingApp(r)
	return app != nil && !app.Strong(store.Session{Method: "password"})
}

// onward leaves the sign-in: back to the app that asked for it, else to the start page.
func (s *Site) onward(w http.ResponseWriter, r *http.Request) {
	to := "/"
	switch code, device := s.waitingDevice(r); {
	case device:
		to = deviceAddress(code)
	case s.waitingApp(r) != nil:
		to = "/signin/onward"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// onwardPage leads back to the app by a navigation of its own: were it a redirect of the sign-in form, the content
// policy's form-action would stop it at the app's origin.
func (s *Site) onwardPage(w http.ResponseWriter, r *http.Request) {
	app := s.waitingApp(r)
	if app == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	p := s.page(r)
	p.Onward = oidc.Continue + "?" + url.Values{"id": {app.ID()}}.Encode()
	w.Header().Set("Refresh", "0; url="+p.Onward)
	s.show(w, http.StatusOK, "onward", p)
}

// endSession signs out for an app that proves by an ID token whose session it means. Without one the person decides: any
// website could have sent the browser here.
func (s *Site) endSession(w http.ResponseWriter, r *http.Request) {
	user, app, onward, err := s.provider.Farewell(r)
	if err != nil {
		s.appRefused(w, r, err.Error())
		return
	}
	v, err := s.who(r)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		s.broken(w, r, err)
		return
	}
	if user == "" || err == nil && v.user.ID != user {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if err == nil {
		e := s.appEntry(v, app, outcome.SignedOut)
		e.Method = v.session.Method
		err = s.Store.Log(r.Context(), e)
	} else {
		err = nil // nobody is signed in: nothing ends
	}
	if err == nil {
		err = s.jar.SignOut(r.Context(), w, r)
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	http.Redirect(w, r, onward, http.StatusSeeOther)
}
