package web

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"

	"tallykey/tenant/oidc"
	"tallykey/tenant/words"
)

//go:embed apptexts.json
var appTextsJSON []byte

var appTexts = words.Read(appTextsJSON)

// appPages are the pages about apps and devices.
var appPages = func() pages {
	p := pages{}
	for _, name := range []string{"consent", "device", "decide", "decided"} {
		p[name] = template.Must(template.New(name).Option("missingkey=error").ParseFS(pageFiles, "pages/layout.html", "pages/gets.html", "pages/"+name+".html"))
	}
	return p
}()

// appPage is what templates about apps and devices get.
type appPage struct {
	page
	App      string // name, or the id where it has gone
	Scopes   []string
	Native   bool
	UserCode string
	Address  string // of the device
}

// T is a text in the page's language.
func (p appPage) T(key string) string {
	if _, ok := appTexts[key]; ok {
		return appTexts.In(key, p.Lang)
	}
	return p.page.T(key)
}

// TF is a text with its one gap filled.
func (p appPage) TF(key, gap string) string { return words.Fill(p.T(key), gap) }

// Asks says whether the app wants a scope.
func (p appPage) Asks(scope string) bool { return slices.Contains(p.Scopes, scope) }

func (s *Site) showApp(w http.ResponseWriter, status int, name string, p appPage) {
	var b bytes.Buffer
	if err := appPages[name].ExecuteTemplate(&b, "layout", p); err != nil {
		s.Log.Error("page", "name", name, "err", err)
		http.Error(w, "the page "+name+" could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser left: nobody to tell
}

// about is a page about an app.
func (s *Site) about(v visit, id string, scopes []string) (appPage, error) {
	a, err := s.Store.App(v.Context(), id)
	p := appPage{page: s.page(v.Request), App: a.Name, Scopes: scopes, Native: a.Native}
	if p.App == "" {
		p.App = id
	}
	p.UPN = v.user.UPN
	return p, err
}

// languageOf is the language of a page: what the app asks for whose request waits (ui_locales), else what the browser does.
func (s *Site) languageOf(r *http.Request) string {
	if app := s.waitingApp(r); app != nil {
		if lang := oidc.Language(app); lang != "" {
			return lang
		}
	}
	return language(r.Header.Get("Accept-Language"))
}
