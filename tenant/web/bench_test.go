package web

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/passkey/softkey"
	"tallykey/tenant/store"
	"tallykey/tenant/store/storetest"
)

const (
	origin   = "https://login.contoso.example"
	alice    = "alice@contoso.example"
	bob      = "bob@contoso.example"
	password = "correct horse"
)

// bench is a tenant with two users and a clock that stands still.
type bench struct {
	*Site
	clock time.Time
}

func newBench(t testing.TB, with ...func(*Config)) *bench {
	t.Helper()
	ctx := context.Background()
	db := storetest.New(t)
	t.Cleanup(func() { note(t, db) })
	b := &bench{clock: time.Date(2026, 11, 23, 14, 3, 12, 0, time.UTC)}
	issuer, _ := url.Parse(origin)
	c := Config{Issuer: issuer, Name: "Contoso", Store: db, Now: func() time.Time { return b.clock },
		Hasher: account.NewHasher(account.Cost{Memory: 8, Passes: 1, Lanes: 1}), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	for _, change := range with {
		change(&c)
	}
	var err error
	if b.Site, err = New(ctx, c); err != nil {
		t.Fatal(err)
	}
	for _, upn := range []account.UPN{alice, bob} {
		if _, err := b.accounts.Create(ctx, upn, "A person", password); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// browser is one browser profile at one address.
type browser struct {
	t       testing.TB
	site    http.Handler
	origin  string
	client  *http.Client
	address string
	header  http.Header  // on every request
	seen    []string     // paths of the last request and its redirects
	key     *softkey.Key // that it registered last
}

func (b *bench) browser(t testing.TB) *browser {
	jar, _ := cookiejar.New(nil)
	w := &browser{t: t, site: b, origin: b.Site.origin(), address: "192.0.2.7:1234", header: http.Header{"User-Agent": {"Test browser"}}}
	w.client = &http.Client{Jar: jar, Transport: w}
	return w
}

// RoundTrip hands the request to the site.
func (w *browser) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr, in.Host = r.URL.RequestURI(), w.address, r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w.seen = append(w.seen, r.Method+" "+r.URL.Path)
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, in)
	res := rec.Result()
	res.Request = r
	return res, nil
}

// view is a page that came back.
type view struct {
	t      testing.TB
	status int
	header http.Header
	body   string
	path   string
}

func (w *browser) do(method, path string, form url.Values, header http.Header) view {
	w.t.Helper()
	r, err := http.NewRequest(method, w.origin+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	for k, v := range w.header {
		r.Header[k] = v
	}
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", w.origin)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for k, v := range header {
		r.Header[k] = v
	}
	w.seen = nil
	res, err := w.client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return view{w.t, res.StatusCode, res.Header, string(body), res.Request.URL.Path}
}

func (w *browser) get(path string) view { w.t.Helper(); return w.do("GET", path, nil, nil) }

// post sends a form of name and value pairs.
func (w *browser) post(path string, pairs ...string) view {
	w.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return w.do("POST", path, form, nil)
}

func (w *browser) cookie(name string) string {
	u, _ := url.Parse(w.origin)
	for _, c := range w.client.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// has fails the test unless the page has all the texts.
func (v view) has(texts ...string) view {
	v.t.Helper()
	for _, s := range texts {
		if !strings.Contains(v.body, s) {
			v.t.Fatalf("%d %s: %q is not on the page\n%s", v.status, v.path, s, v.body)
		}
	}
	return v
}

func (v view) lacks(texts ...string) view {
	v.t.Helper()
	for _, s := range texts {
		if strings.Contains(v.body, s) {
			v.t.Fatalf("%d %s: %q is on the page\n%s", v.status, v.path, s, v.body)
		}
	}
	return v
}

func (v view) is(status int) view {
	v.t.Helper()
	if v.status != status {
		v.t.Fatalf("%s: status %d, want %d\n%s", v.path, v.status, status, v.body)
	}
	return v
}

// code fails the test unless the page shows this code of the table.
func (v view) code(code string) view {
	v.t.Helper()
	return v.has(`id="code">` + code + "<")
}

var (
	optionsAttribute = regexp.MustCompile(`data-options="([^"]*)"`)
	requestField     = regexp.MustCompile(`name="request" value="([^"]+)"`)
)

func (v view) find(what *regexp.Regexp) string {
	v.t.Helper()
	m := what.FindStringSubmatch(v.body)
	if m == nil {
		v.t.Fatalf("%d %s: no %s\n%s", v.status, v.path, what, v.body)
	}
	return html.UnescapeString(m[1])
}

func (v view) options() []byte { v.t.Helper(); return []byte(v.find(optionsAttribute)) }
func (v view) request() string { v.t.Helper(); return v.find(requestField) }

func (w *browser) byPassword(upn string) view {
	w.t.Helper()
	return w.post("/password", "username", upn, "password", password).is(200).has("Signed in as " + upn)
}

// enable goes through the security page and gives the phone it registered.
func (w *browser) enable(name string) *softkey.Key {
	w.t.Helper()
	key := softkey.New(origin)
	page := w.enabling()
	w.post("/security/enable", "request", page.request(), "name", name, "credential", w.create(key, page)).is(200).has("Phone sign-in enabled", html.EscapeString(name))
	w.key = key
	return key
}

// proving opens a page of the security pages, with a confirmation first: by the device registered last, else the password.
func (w *browser) proving(path string) view {
	w.t.Helper()
	page := w.get(path)
	switch {
	case page.path != "/security/confirm":
		return page
	case strings.Contains(page.body, `id="by-phone"`):
		return w.confirmByPhone(w.key, errandPairs(path)...)
	}
	return w.post(page.path, append(errandPairs(path), "password", password)...)
}

// enabling is the page on which Register is chosen.
func (w *browser) enabling() view {
	w.t.Helper()
	return w.proving("/security/enable").is(200).has("Register your phone")
}

func (w *browser) create(key *softkey.Key, page view) string {
	w.t.Helper()
	c, err := key.Create(page.options())
	if err != nil {
		w.t.Fatal(err)
	}
	return string(c)
}

func (w *browser) assert(key *softkey.Key, page view) string {
	w.t.Helper()
	c, err := key.Get(page.options())
	if err != nil {
		w.t.Fatal(err)
	}
	return string(c)
}

// waiting asks the phone of an account.
func (w *browser) waiting(upn string) view {
	w.t.Helper()
	return w.post("/signin", "username", upn).is(200).has("The number is on your desktop", upn)
}

// byPhone signs in where no account is known yet.
func (w *browser) byPhone(key *softkey.Key) view {
	w.t.Helper()
	page := w.post("/signin/any").is(200).has("The number is on your desktop")
	return w.answer(page, w.assert(key, page))
}

func (w *browser) answer(page view, credential string) view {
	w.t.Helper()
	return w.post("/signin/phone", "request", page.request(), "credential", credential)
}

// last is the newest line of the sign-in log.
func (b *bench) last(t testing.TB) store.Entry {
	t.Helper()
	log, err := b.Store.Entries(context.Background(), 1)
	if err != nil || len(log) == 0 {
		t.Fatal("the log is empty: ", err)
	}
	return log[0]
}

func (b *bench) lastIs(t testing.TB, method, code, upn string) store.Entry {
	t.Helper()
	e := b.last(t)
	if e.Method != method || e.Code != code || e.UPN != upn {
		t.Fatalf("the log's last line is %+v, want %s %s %s", e, method, code, upn)
	}
	return e
}
