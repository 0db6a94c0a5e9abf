package console

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"time"
	"unicode"
	"unicode/utf8"

	_ "embed" // texts.json

	"tallykey/daemon/api"
	"tallykey/tenant/admin"
	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
	"tallykey/tenant/words"
)

//go:embed pages
var pageFiles embed.FS

//go:embed texts.json
var textsJSON []byte

var texts = words.Read(textsJSON)

func language(r *http.Request) string { return words.Language(r.Header.Get("Accept-Language")) }

type pages map[string]*template.Template

// loadPages reads the templates. They are embedded: a build that starts once starts always.
func loadPages() pages {
	p := pages{}
	names, err := pageFiles.ReadDir("pages")
	if err != nil {
		panic("console: " + err.Error())
	}
	for _, f := range names {
		if f.Name() == "layout.html" || f.Name() == "parts.html" {
			continue
		}
		name := f.Name()[:len(f.Name())-len(".html")]
		p[name] = template.Must(template.New(name).Option("missingkey=error").ParseFS(pageFiles, "pages/layout.html", "pages/parts.html", "pages/"+f.Name()))
	}
	return p
}

// page is what every template gets. Body is the page's own.
type page struct {
	Lang, Org, Letter, Host string
	Me, Here                string // who asks, and which entry of the navigation this is
	Role                    admin.Role
	Problem                 problem
	Back                    string
	First, Next             string // other pages of a list; empty: there is none
	Body                    any
}

func (k *Console) page(c *call, here string) page {
	first, _ := utf8.DecodeRuneInString(k.Name)
	return page{Lang: language(c.Request), Org: k.Name, Letter: string(unicode.ToUpper(first)), Host: k.Issuer.Host, Me: c.User.UPN, Here: here, Role: c.role}
}

// with gives a page its body.
func (p page) with(body any) page { p.Body = body; return p }

// T is a text in the page's language.
func (p page) T(key string) string { return texts.In(key, p.Lang) }

// TF is a text with its one gap filled.
func (p page) TF(key, gap string) string { return words.Fill(p.T(key), gap) }

// Time shows a moment; one that never was is a dash.
func (p page) Time(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return words.Moment(t, p.Lang)
}

// Stamp is a moment in a table whose heading says that it is UTC.
func (p page) Stamp(t time.Time) string { return t.UTC().Format(time.DateTime) }

// Day is Time without the time.
func (p page) Day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return words.Day(t, p.Lang)
}

// Outcome is the text of a code.
func (p page) Outcome(code string) api.Text { return outcome.Text(outcome.Code(code), p.Lang) }

// Mood is how the look shows a code.
func (p page) Mood(code string) string { return outcome.Of(outcome.Code(code)).State }

// Entra is the number that an Entra admin knows; 0 for none.
func (p page) Entra(code string) int { return outcome.Of(outcome.Code(code)).Entra }

// Helps and Changes say what the visitor's role covers, for showing only what can be done.
func (p page) Helps() bool { return p.Role.Covers(admin.Helpdesk) }

// Changes is Helps for an administrator.
func (p page) Changes() bool { return p.Role.Covers(admin.Administrator) }

// Sections are the entries of the navigation.
func (p page) Sections() []string {
	return []string{"users", "groups", "policy", "devices", "apps", "invitations", "log", "audit", "admins"}
}

func (k *Console) show(w http.ResponseWriter, status int, name string, p page) {
	var b bytes.Buffer
	if err := k.pages[name].ExecuteTemplate(&b, "layout", p); err != nil {
		k.Log.Error("admin page", "name", name, "err", err)
		http.Error(w, "the page "+name+" could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser left: nobody to tell
}

// form shows a form again with what was wrong, or for the first time.
func (k *Console) form(w http.ResponseWriter, c *call, name string, p page, err error) error {
	if err == nil {
		k.show(w, http.StatusOK, name, p)
		return nil
	}
	p.Problem = k.problem(c, err)
	k.show(w, statusOf(p.Problem.Code), name, p)
	return nil
}

// at is a path with those of the name and value pairs that have a value.
func at(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func to(w http.ResponseWriter, c *call, path string) error {
	http.Redirect(w, c.Request, path, http.StatusSeeOther)
	return nil
}

// rows is how many lines a page of a list has.
const rows = 50

// turn cuts a list that was asked for with one line more, and says whether there is a next page.
func turn[T any](list []T) ([]T, bool) {
	if len(list) <= rows {
		return list, false
	}
	return list[:rows], true
}

// State is what keeps a user from being like the others: "blocked", "reported", or "".
func (p page) State(u store.User) string {
	switch {
	case !u.Disabled.IsZero():
		return "blocked"
	case !u.Risk.IsZero():
		return "reported"
	}
	return ""
}

// Tone is the colour of a code's icon and word.
func (p page) Tone(code string) string {
	switch p.Mood(code) {
	case "approved":
		return "ok"
	case "wrong_number":
		return "bad"
	case "declined":
		return ""
	}
	return "warn"
}

// From is who said a word: "default", "tenant", or a group as package policy names it.
func (p page) From(from string) string {
	if from == "default" || from == "tenant" {
		return p.T("from." + from)
	}
	return from
}

// Roles are all roles.
func (p page) Roles() []admin.Role { return admin.Roles }

// Actions are what the audit log can be narrowed to: what stands before the dot of an action.
func (p page) Actions() []string {
	return []string{"user", "group", "member", "policy", "role", "app", "key", "federation"}
}

// Browser names a browser in a few words.
func (p page) Browser(agent string) string { return words.Browser(agent) }
