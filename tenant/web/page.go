package web

import (
	"bytes"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tallykey/daemon/api"
	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

//go:embed pages
var pageFiles embed.FS

type pages map[string]*template.Template

// loadPages reads the templates. They are embedded: a build that starts once starts always.
func loadPages() pages {
	p := pages{}
	for _, name := range []string{"signin", "password", "waiting", "ended", "home", "security", "confirm", "enable", "remove", "onward"} {
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
	NoPassword         bool // policy: no "Use your password instead"
	PhoneOff, PhoneDue bool // policy: no phone may be used, or one has to be registered
	Again              bool
	Onward, OnwardText string
	Options            string

	Method           string
	Started, Expires time.Time
	Phones           []store.Registration
	New, Last        bool
	Name, ID         string
}

// T is a text in the page's language.
func (p page) T(key string) string {
	t, ok := texts[key][p.Lang]
	if !ok {
		panic("web: no text " + key)
	}
	return t
}

// TF is a text with its one gap filled.
func (p page) TF(key, gap string) string { return strings.Replace(p.T(key), "{}", gap, 1) }

// Time and Day show a moment in UTC, which is what the log has too.
func (p page) Time(t time.Time) string {
	if p.Lang == "de" {
		return t.UTC().Format("02.01.2006, 15:04:05 UTC")
	}
	return t.UTC().Format("2 Jan 2006, 15:04:05 UTC")
}

// Day is Time without the time.
func (p page) Day(t time.Time) string { day, _, _ := strings.Cut(p.Time(t), ","); return day }

// Cuts are the twelve of the ruler.
func (p page) Cuts() [12]struct{} { return [12]struct{}{} }

// Encode is a credential id for an address.
func (p page) Encode(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

func (s *Site) page(r *http.Request) page {
	first, _ := utf8.DecodeRuneInString(s.Name)
	return page{Lang: language(r.Header.Get("Accept-Language")), Org: s.Name, Letter: string(unicode.ToUpper(first)), Host: s.Issuer.Host, At: s.Now()}
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
}

func (s *Site) end(w http.ResponseWriter, r *http.Request, e ending) {
	p := s.page(r).failed(e.code, e.request)
	p.UPN, p.Again, p.Onward = e.upn, e.again, e.onward
	p.NoPassword = e.again && s.passwordHidden(r.Context(), e.user)
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
	s.end(w, r, ending{status: http.StatusInternalServerError, code: outcome.StorageFailed, request: request, onward: "/"})
}

func (s *Site) notFound(w http.ResponseWriter, r *http.Request) {
	s.end(w, r, ending{status: http.StatusNotFound, code: outcome.PageUnknown, onward: "/"})
}
