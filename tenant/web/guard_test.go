package web

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tallykey/tenant/words/wordcheck"
)

func newRequest(method, path string) *http.Request {
	return httptest.NewRequest(method, origin+path, nil)
}

// forms are the paths of all forms of the tenant's own pages, in order.
func (b *bench) forms() (paths []string) {
	for pattern := range b.own() {
		if path, ok := strings.CutPrefix(pattern, "POST "); ok {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return append(paths, "/admin/users", "/admin/policy")
}

// A form of another website changes nothing, however it is sent.
func TestForeignFormsAreRefused(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	for name, header := range map[string]http.Header{
		"another site":        {"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}},
		"a sibling":           {"Origin": {"https://shop.contoso.example"}, "Sec-Fetch-Site": {"same-site"}},
		"another port":        {"Origin": {origin + ":8443"}, "Sec-Fetch-Site": {"same-site"}},
		"plain http":          {"Origin": {"http://login.contoso.example"}, "Sec-Fetch-Site": {"cross-site"}},
		"a sandboxed frame":   {"Origin": {"null"}, "Sec-Fetch-Site": {"cross-site"}},
		"no origin":           {"Origin": nil, "Sec-Fetch-Site": {"same-origin"}},
		"neither":             {"Origin": nil, "Sec-Fetch-Site": nil},
		"a lying browser":     {"Origin": {origin}, "Sec-Fetch-Site": {"cross-site"}},
		"an address bar":      {"Origin": nil, "Sec-Fetch-Site": {"none"}},
		"old, without fetch":  {"Origin": {"https://evil.example"}, "Sec-Fetch-Site": nil},
		"origin with a slash": {"Origin": {origin + "/"}, "Sec-Fetch-Site": {"same-origin"}},
	} {
		for _, path := range b.forms() {
			got := w.do("POST", path, url.Values{"username": {bob}, "password": {password}}, header)
			got.is(403).code("cross_site")
		}
		if got := w.get("/"); got.path != "/" {
			t.Fatalf("%s: signed out", name)
		}
	}
	old := w.do("POST", "/signout", nil, http.Header{"Sec-Fetch-Site": nil}) // a browser from before 2023
	if old.path != "/signin" {
		t.Errorf("an old browser can't sign out: %d", old.status)
	}
}

// A name that was rebound to this machine gets nothing.
func TestForeignHost(t *testing.T) {
	b := newBench(t)
	for method, status := range map[string]int{"GET": 307, "POST": 421} {
		r := newRequest(method, "/security?x=1")
		r.Host = "rebound.evil.example"
		rec := httptest.NewRecorder()
		b.ServeHTTP(rec, r)
		if rec.Code != status || len(rec.Result().Cookies()) != 0 {
			t.Errorf("%s: %d", method, rec.Code)
		}
		if method == "GET" && rec.Header().Get("Location") != origin+"/security" {
			t.Errorf("sent to %s", rec.Header().Get("Location"))
		}
	}
}

func TestHeaders(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	for _, path := range []string{"/signin", "/nowhere", "/password"} {
		h := w.get(path).header
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy %q", path, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || h.Get("Cache-Control") != "no-store" || h.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: %v", path, h)
		}
	}
	w.get("/nowhere").is(404).code("page_unknown")
}

// The policy forbids inline script and style, so there must be none.
func TestNothingInline(t *testing.T) {
	faults, err := wordcheck.Inline(pageFiles)
	if err != nil || len(faults) > 0 {
		t.Error(faults, err)
	}
}

func TestStaticFiles(t *testing.T) {
	b := newBench(t, func(c *Config) {
		c.Phone = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("phone app at " + r.URL.Path)) })
	})
	w := b.browser(t)
	for path, want := range map[string]string{"/look/tokens.css": "text/css", "/look/parts.css": "text/css", "/look/logo.svg": "image/svg", "/static/tenant.js": "javascript", "/static/tenant.css": "text/css"} {
		if got := w.get(path).is(200).header.Get("Content-Type"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
	for _, path := range []string{"/look/", "/static/", "/look/nothing.css", "/static/../site.go"} {
		if got := w.get(path); got.status == 200 {
			t.Errorf("%s was served", path)
		}
	}
	w.get("/phone/assets/x.js").is(200).has("phone app at /assets/x.js")
	if got := w.get("/phone"); got.path != "/phone/" {
		t.Errorf("/phone led to %s", got.path)
	}
}

func TestBigFormIsRefused(t *testing.T) {
	b := newBench(t)
	b.browser(t).post("/signin", "username", strings.Repeat("x", 100<<10)).is(400).code("form_unreadable")
}

func TestLanguage(t *testing.T) {
	for header, want := range map[string]string{
		"": "en", "de": "de", "de-AT,de;q=0.9,en;q=0.8": "de", "en-GB,de;q=0.9": "en", "fr,de;q=0.5,en;q=0.4": "de", "fr": "en",
		"de;q=0": "en", "de;q=x,en": "en", "en;q=0.2, DE ; q=0.3": "de", "de;q=NaN": "en", "*": "en", strings.Repeat("fr,", 30) + "de": "en",
	} {
		if got := language(header); got != want {
			t.Errorf("%q: %s", header, got)
		}
	}
	b := newBench(t)
	w := b.browser(t)
	w.header.Set("Accept-Language", "de")
	w.get("/signin").has(`lang="de"`, "Geschäftliche E-Mail-Adresse")
	w.post("/password", "username", alice, "password", "wrong").has("E-Mail-Adresse oder Kennwort ist falsch")
	w.post("/password", "username", alice, "password", password).has("Angemeldet als " + alice)
	w.get("/security").has("Telefonanmeldung ist aus")
	w.get("/nowhere").has("Diese Seite gibt es nicht")
}

// Every text is there in both languages, every key that a template or this package names exists, and none is left over.
func TestTexts(t *testing.T) {
	all := maps.Clone(texts)
	maps.Copy(all, appTexts)
	faults, err := wordcheck.Texts(all, regexp.MustCompile(`^(home\.method|device)\.`))
	if err != nil || len(faults) > 0 {
		t.Error(faults, err)
	}
}

func TestIssuers(t *testing.T) {
	for issuer, good := range map[string]bool{
		"https://login.contoso.example": true, "https://login.contoso.example/": true, "http://localhost:8470": true,
		"http://login.contoso.example": false, "https://login.contoso.example/tenant": false, "https://x@login.contoso.example": false,
		"login.contoso.example": false, "https://": false, "https://login.contoso.example?x": false, "ftp://localhost": false, "": false,
	} {
		u, err := url.Parse(issuer)
		if err != nil {
			t.Fatal(err)
		}
		if got := usable(u) == nil; got != good {
			t.Errorf("%q: usable is %v", issuer, got)
		}
	}
}

// Whatever comes, nobody is signed in by it, no page breaks, and nothing typed comes back as markup.
func FuzzForms(f *testing.F) {
	b := newBench(f)
	w := b.browser(f)
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	page := w.waiting(alice)
	good, _ := json.Marshal(page.request())
	paths := append(b.forms(), "/signin/phone?request=x")
	at := func(path string) uint8 { return uint8(slices.Index(paths, path)) }
	f.Add(at("/signin/phone"), "request="+page.request()+"&credential="+url.QueryEscape(w.assert(key, page)[1:]))
	f.Add(at("/signin/phone"), "request="+page.request()+"&failure=NotAllowedError&waited=99999999999")
	f.Add(at("/password"), "username=alice@contoso.example&password=%00")
	f.Add(at("/signin"), "username=%22%3E%3Cscript%3E")
	f.Add(at("/security/enable"), string(good))
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		if strings.Contains(body, "correct") {
			return // the password
		}
		path := paths[int(which)%len(paths)]
		r := httptest.NewRequest("POST", origin+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", origin)
		r.RemoteAddr = "127.0.0.1:1"
		rec := httptest.NewRecorder()
		b.ServeHTTP(rec, r)
		if rec.Code >= 500 || strings.Contains(rec.Body.String(), "Signed in as") || strings.Contains(rec.Body.String(), `"><script>`) {
			t.Errorf("%s %q: %d\n%s", path, body, rec.Code, rec.Body)
		}
		if slices.ContainsFunc(rec.Result().Cookies(), func(c *http.Cookie) bool { return strings.HasSuffix(c.Name, "session") && c.Value != "" }) {
			t.Errorf("%s %q: signed in", path, body)
		}
	})
}
