// Package tenanttest runs a real tenant on a port of this machine for tests of programs that sign in there, with one user,
// one native app, and a person at a browser.
package tenanttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/oidc"
	"tallykey/tenant/store"
	"tallykey/tenant/web"
)

// What every Tenant has: its user with a password, and a native app with the redirect URI http://127.0.0.1/.
const (
	UPN      = "alice@contoso.example"
	Password = "correct horse"
	ClientID = "terminal"
)

// Tenant is a tenant whose clock goes and can be put forward.
type Tenant struct {
	Issuer string
	Store  *store.Store
	User   store.User
	Stop   func()

	mu    sync.Mutex
	ahead time.Duration
	calls int
}

// New starts a tenant that ends with the test.
func New(t testing.TB) *Tenant {
	t.Helper()
	n, err := Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Stop)
	return n
}

// Start starts a tenant with its data in a folder; Stop ends it.
func Start(folder string) (*Tenant, error) {
	ctx := context.Background()
	db, err := store.Open(ctx, filepath.Join(folder, "tenant.db"))
	if err != nil {
		return nil, err
	}
	server := httptest.NewUnstartedServer(nil)
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	n := &Tenant{Issuer: "http://localhost:" + port, Store: db}
	n.Stop = func() { server.Close(); db.Close() }
	issuer, _ := url.Parse(n.Issuer)
	hasher := account.NewHasher(account.Cost{Memory: 8, Passes: 1, Lanes: 1})
	site, err := web.New(ctx, web.Config{Issuer: issuer, Name: "Contoso", Store: db, Hasher: hasher, Now: n.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	server.Config.Handler = n.counted(site)
	server.Start()
	people, err := account.NewDirectory(ctx, db, hasher, n.Now)
	if err != nil {
		return nil, err
	}
	if n.User, err = people.Create(ctx, UPN, "Alice", Password); err != nil {
		return nil, err
	}
	app := store.App{ID: ClientID, Name: "Terminal", Native: true, Redirects: []string{"http://127.0.0.1/"}, Created: n.Now()}
	return n, db.CreateApp(ctx, app, store.Change{})
}

func (n *Tenant) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth/token" {
			n.mu.Lock()
			n.calls++
			n.mu.Unlock()
		}
		next.ServeHTTP(w, r)
	})
}

// Now is the tenant's time.
func (n *Tenant) Now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return time.Now().Add(n.ahead).UTC().Truncate(time.Millisecond)
}

// Forward puts the tenant's clock forward.
func (n *Tenant) Forward(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ahead += d
}

// Calls is how often the token endpoint was asked.
func (n *Tenant) Calls() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.calls
}

// Hurried is a client for which a device waits one second instead of five between two questions, and the tenant's clock
// goes on by the five.
func (n *Tenant) Hurried() *http.Client { return &http.Client{Transport: hurry{n}} }

type hurry struct{ n *Tenant }

// RoundTrip implements http.RoundTripper.
func (h hurry) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/oauth/token" {
		h.n.Forward(5 * time.Second)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || r.URL.Path != oidc.DeviceStart {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	answer.Body = io.NopCloser(strings.NewReader(strings.Replace(string(body), `"interval":5`, `"interval":1`, 1)))
	return answer, err
}

// Person is the user at a browser of her own.
type Person struct {
	http.Client
	n *Tenant
}

// Person opens a browser in which nobody is signed in.
func (n *Tenant) Person() *Person {
	jar, _ := cookiejar.New(nil)
	return &Person{http.Client{Jar: jar}, n}
}

// Page is what came of a request.
type Page struct {
	At     *url.URL // where redirects led
	Body   string
	Header http.Header
}

// Page opens an address of the tenant or a whole one, or sends a form there if there is one.
func (p *Person) Page(address string, form url.Values) (Page, error) {
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	if strings.HasPrefix(address, "/") {
		address = p.n.Issuer + address
	}
	r, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return Page{}, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", p.n.Issuer)
	}
	answer, err := p.Do(r)
	if err != nil {
		return Page{}, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	return Page{answer.Request.URL, string(raw), answer.Header}, err
}

var credentials = url.Values{"username": {UPN}, "password": {Password}}

// Open opens an address as the system's browser does, signs in there, and follows the way back to the app on this machine.
func (p *Person) Open(address string) error {
	if _, err := p.Page(address, nil); err != nil {
		return err
	}
	page, err := p.Page("/password", credentials)
	if err != nil {
		return err
	}
	_, onward, ok := strings.Cut(page.Header.Get("Refresh"), "0; url=")
	if !ok {
		return errors.New("no way on: " + page.Body)
	}
	page, err = p.Page(onward, nil)
	if err == nil && page.At.Hostname() != "127.0.0.1" {
		err = fmt.Errorf("at %s: %s", page.At, page.Body)
	}
	return err
}

// Decide opens the page for devices, signs in, types the code, and decides "let" or "deny".
func (p *Person) Decide(address, code, decision string) error {
	for _, step := range []struct {
		at   string
		form url.Values
	}{{address, nil}, {"/password", credentials}, {oidc.DevicePage, url.Values{"user_code": {code}}},
		{oidc.DevicePage + "/decision", url.Values{"user_code": {code}, "decision": {decision}}}} {
		page, err := p.Page(step.at, step.form)
		if err != nil {
			return err
		}
		if strings.Contains(page.Body, "device_code_unknown") {
			return errors.New(step.at + ": " + page.Body)
		}
	}
	return nil
}
