package web

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tallykey/daemon/api"
	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
	"tallykey/tenant/words"
)

//go:embed pages
var pageFiles embed.FS

type pages map[string]*template.Template

// loadPages reads the templates. They are embedded: a build that starts once starts always.
func loadPages() pages {
	p := pages{}
	for _, name := range []string{"signin", "choose", "password", "waiting", "ended", "home", "security", "confirm", "enable", "remove", "onward", "partner", "invite", "activity", "report", "sessions", "newpassword"} {
		p[name] = template.Must(template.New(name).Option("missingkey=error").ParseFS(pageFiles, "pages/layout.html", "pages/"+name+".html"))
	}
	return p
}

// page is what every template gets; each uses its own few fields.
type page struct {
	Lang, Org, Letter, Host string

	UPN     string
	Request string
	Code    outcome.Code // of a failure on the page
	Text    api.Text
	State   string // of the look
	At      time.Time

	Ask                bool // for the UPN too
	Keep               bool // stay signed in
	Known              []string
	NoPassword         bool // policy: no "Use your password instead"
	PhoneOff, PhoneDue bool // policy: no phone may be used, or a device has to be registered
	PasskeysOff        bool
	ApproveOff, Full   bool // policy: no second factor after the password; no further device
	Due                string
	Second, Approving  bool // after the password; without a number
	Renewing, Enabled  bool
	Action, Kind       string
	Errand             url.Values
	Unknown, Accepted  string // for the browser's signals
	Again              bool
	Admin              bool // the way to the admin pages is shown
	Onward, OnwardText string
	Options            string

	Method           string
	Started, Expires time.Time
	Devices          []device
	Sessions         []opened
	Entries          []store.Entry
	Reported         bool
	New, Last        bool
	Name, ID         string
	Partner          string // host of the issuer that signs the account in
	Lost             string // what to do without the phone
	Unset, Bare      bool   // there is no password; what is removed, the password alone does not replace
	Guest, Limited   bool   // came with an invitation; has registered by it, and has to sign in
}

// T is a text in the page's language.
func (p page) T(key string) string { return texts.In(key, p.Lang) }

// TF is a text with its one gap filled.
func (p page) TF(key, gap string) string { return words.Fill(p.T(key), gap) }

// Time shows a moment.
func (p page) Time(t time.Time) string { return words.Moment(t, p.Lang) }

// Day is Time without the time.
func (p page) Day(t time.Time) string { return words.Day(t, p.Lang) }

// Cuts are the twelve of the ruler.
func (p page) Cuts() [12]struct{} { return [12]struct{}{} }

// Outcome is the text of a code in the page's language.
func (p page) Outcome(code string) api.Text { return outcome.Text(outcome.Code(code), p.Lang) }

// StateOf is how the look shows a code.
func (p page) StateOf(code string) string { return outcome.Of(outcome.Code(code)).State }

// Entra is the number that an Entra admin knows.
func (p page) Entra(code string) int { return outcome.Of(outcome.Code(code)).Entra }

func (s *Site) page(r *http.Request) page {
	first, _ := utf8.DecodeRuneInString(s.Name)
	return page{Lang: s.languageOf(r), Org: s.Name, Letter: string(unicode.ToUpper(first)), Host: s.Issuer.Host, At: s.Now()}
}

func (s *Site) show(w http.ResponseWriter, status int, name string, p page) {
	var b bytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&b, "layout", p); err != nil {
		s.Log.Error("page", "name", name, "err", err)
		http.Error(w, "the page "+name+" could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser left: nobody to tell
}

// failed marks a form page with what went wrong.
func (p page) failed(code outcome.Code, request string) page {
	p.Code, p.Request, p.Text, p.State = code, request, outcome.Text(code, p.Lang), outcome.Of(code).State
	return p
}

// ending is a page on which something is over.
type ending struct {
	status  int
	code    outcome.Code
	request string
	again   bool   // the sign-in can be asked for again
	upn     string // that it was for
	user    string // id; empty: not known
	onward  string // where else to go; empty: /signin
	unknown string // for signalUnknownCredential
}

// end shows an ending. One that comes without a request id is in no log yet, and gets its line here.
func (s *Site) end(w http.ResponseWriter, r *http.Request, e ending) {
	if e.request == "" {
		e.request = s.strayed(r, e.code, r.Method+" "+pattern(r))
	}
	p := s.page(r).failed(e.code, e.request)
	p.UPN, p.Again, p.Onward, p.Unknown = e.upn, e.again, e.onward, e.unknown
	p.NoPassword, p.Partner = e.again && (s.passwordHidden(r.Context(), e.user) || s.wantsPhone(r)), s.partnerOf(r.Context(), e.upn)
	switch e.onward {
	case "":
		p.Onward, p.OnwardText = "/signin", "ended.start"
	case "/security":
		p.OnwardText = "ended.methods"
	default:
		p.OnwardText = "ended.home"
	}
	s.show(w, e.status, "ended", p)
}

// broken ends a request that failed through the tenant's own fault. The reason goes to the tenant's log only.
func (s *Site) broken(w http.ResponseWriter, r *http.Request, err error) {
	request := signin.NewRequest()
	s.Log.Error("request", "path", r.URL.Path, "request", request, "err", err)
	e := s.entry(r, methodRequest, "", request, s.Now())
	e.Code, e.Detail = string(outcome.StorageFailed), r.Method+" "+pattern(r)
	if err := s.Store.Log(context.WithoutCancel(r.Context()), e); err != nil {
		s.Log.Error("log", "request", request, "err", err)
	}
	s.end(w, r, ending{status: http.StatusInternalServerError, code: outcome.StorageFailed, request: request, onward: "/"})
}

// pattern is the route of a request, which holds nothing that a stranger typed; "" before the route is known.
func pattern(r *http.Request) string {
	if _, path, ok := strings.Cut(r.Pattern, " "); ok {
		return path
	}
	return r.Pattern
}

func (s *Site) notFound(w http.ResponseWriter, r *http.Request) {
	s.end(w, r, ending{status: http.StatusNotFound, code: outcome.PageUnknown, onward: "/"})
}
