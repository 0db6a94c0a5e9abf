package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	gooidc "github.com/coreos/go-oidc/v3/oidc"

	"tallykey/tenant/store"
)

// crowd sends the same request many times at once, and counts the answers by what count says of them.
func crowd(n int, send func() string) map[string]int {
	var mu sync.Mutex
	var all sync.WaitGroup
	answers := map[string]int{}
	for range n {
		all.Go(func() {
			said := send()
			mu.Lock()
			defer mu.Unlock()
			answers[said]++
		})
	}
	all.Wait()
	return answers
}

// copyOf is a request as the browser would send it, for sending it at once from several goroutines.
func (w *browser) copyOf(path string, pairs ...string) func() *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	u, _ := url.Parse(w.origin)
	cookies := w.client.Jar.Cookies(u)
	return func() *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", w.origin+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", w.origin)
		r.RemoteAddr = w.address
		for _, c := range cookies {
			r.AddCookie(c)
		}
		rec := httptest.NewRecorder()
		w.site.ServeHTTP(rec, r)
		return rec
	}
}

func verdict(rec *httptest.ResponseRecorder) string {
	for _, c := range rec.Result().Cookies() {
		if c.Name == "__Host-tallykey-session" && c.Value != "" {
			return "signed in"
		}
	}
	return "refused"
}

// A right answer that comes sixteen times at once signs in once.
func TestAnswersAtOnce(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	w.byPassword(alice)
	key := w.enable("P")
	w.post("/signout")
	page := w.waiting(alice)
	send := w.copyOf("/signin/phone", "request", page.request(), "credential", w.assert(key, page))
	if got := crowd(16, func() string { return verdict(send()) }); got["signed in"] != 1 {
		t.Error(got)
	}
}

// Wrong passwords that come at once are counted before they are compared: none slips through beyond the limit, and the
// right one behind them is refused too.
func TestWrongPasswordsAtOnce(t *testing.T) {
	b := newBench(t)
	w := b.browser(t)
	send := w.copyOf("/password", "username", alice, "password", "wrong")
	crowd(64, func() string { return verdict(send()) })
	compared, err := b.Store.Find(t.Context(), store.Filter{UPN: alice, Code: "password_wrong"}, 100)
	if err != nil || len(compared) == 0 || len(compared) > 10 {
		t.Errorf("%d were compared, %v", len(compared), err)
	}
	b.browser(t).post("/password", "username", alice, "password", password).is(429).has("_locked<")
}

// A code that comes eight times at once gives tokens once at the most, and those end with the replay.
func TestCodeAtOnce(t *testing.T) {
	b, a, w := atApp(t, store.App{ID: "mail"}, "s3cret")
	w.byPassword(alice)
	code := a.code(w.get(a.path()))
	var mu sync.Mutex
	var tokens []string
	got := crowd(8, func() string {
		server := *a // each with connections of its own
		server.ctx = gooidc.ClientContext(t.Context(), b.browser(t).client)
		token, err := server.exchange(code)
		if err != nil {
			return refusal(err)
		}
		mu.Lock()
		defer mu.Unlock()
		tokens = append(tokens, token.AccessToken)
		return "tokens"
	})
	if got["tokens"] > 1 || got["tokens"]+got["invalid_grant"] != 8 {
		t.Error(got)
	}
	for _, token := range tokens {
		if status, said := a.call("/oauth/introspect", url.Values{"token": {token}}); status != http.StatusOK || said["active"] != false {
			t.Errorf("the tokens of a replayed code: %d %v", status, said)
		}
	}
}

// FuzzFederated: whatever comes back in an issuer's name, nobody is signed in by it and nothing breaks.
func FuzzFederated(f *testing.F) {
	b := newBench(f)
	w := b.browser(f)
	trust := store.Federation{Domain: "fabrikam.example", Issuer: "https://sts.fabrikam.example", Client: "contoso", Claim: "email"}
	if err := b.Store.CreateFederation(f.Context(), trust, store.Change{}); err != nil {
		f.Fatal(err)
	}
	f.Add("state=x&code=y")
	f.Add("state=%00&error=<script>")
	f.Add("code=a&code=b&state=1&state=2&iss=https%3A%2F%2Fsts.fabrikam.example")
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("GET", origin+"/signin/federated", nil)
		r.URL.RawQuery = query
		u, _ := url.Parse(origin)
		for _, c := range w.client.Jar.Cookies(u) {
			r.AddCookie(c)
		}
		rec := httptest.NewRecorder()
		b.ServeHTTP(rec, r)
		if rec.Code >= http.StatusInternalServerError || verdict(rec) == "signed in" || strings.Contains(rec.Body.String(), "<script>a") {
			t.Errorf("%q: %d\n%s", query, rec.Code, rec.Body)
		}
	})
}
