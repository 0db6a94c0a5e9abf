package login

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"

	"tallykey/daemon/registration"
	"tallykey/tenant/tenanttest"
)

const (
	alice    = tenanttest.UPN
	clientID = tenanttest.ClientID
)

// tenant is a real one, to whose user these tests sign in.
type tenant struct {
	*tenanttest.Tenant
	t *testing.T
}

// shared is the tenant of tests that do nothing to it. TestMain ends it.
var shared = sync.OnceValues(func() (*tenanttest.Tenant, error) { return tenanttest.Start(sharedFolder) })

func newTenant(t *testing.T) *tenant {
	t.Helper()
	n, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return &tenant{n, t}
}

// config is a sign-in at the tenant with a browser that alice sits at.
func (n *tenant) config() Config {
	open := n.Person().Open
	return Config{Issuer: n.Issuer, ClientID: clientID, Now: n.Now, Say: func(Prompt) {}, Open: func(address string) error {
		go func() { // as a browser is another process
			if err := open(address); err != nil {
				n.t.Error(err)
			}
		}()
		return nil
	}}
}

func (n *tenant) accounts(k registration.Keyring) *Accounts {
	return &Accounts{Keyring: k, Lock: FileLock(n.t.TempDir()), Now: n.Now}
}

// kept is a sign-in that is kept for a host.
func (n *tenant) kept(a *Accounts) Tokens {
	n.t.Helper()
	cfg := n.config()
	tokens, err := Browser(n.t.Context(), cfg)
	if err != nil {
		n.t.Fatal(err)
	}
	if err := a.Keep(n.t.Context(), cfg, []string{"Git.contoso.example"}, tokens); err != nil {
		n.t.Fatal(err)
	}
	return tokens
}

func TestBrowser(t *testing.T) {
	n := newTenant(t)
	var said Prompt
	cfg := n.config()
	cfg.Say = func(p Prompt) { said = p }
	got, err := Browser(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got.Account != alice || got.Subject != n.User.ID || got.Refresh == "" || got.ID == "" || got.Expires.IsZero() {
		t.Errorf("%+v", got)
	}
	u, err := url.Parse(said.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Has("client_secret") || !strings.HasPrefix(q.Get("redirect_uri"), "http://127.0.0.1:") {
		t.Errorf("asked with %s", said.URL)
	}
}

// The browser can't be opened: the person has the address all the same. And the person can give up.
func TestBrowserWithoutOpener(t *testing.T) {
	n := newTenant(t)
	cfg := n.config()
	open := cfg.Open
	cfg.Open = func(string) error { return errors.New("no browser") }
	cfg.Say = func(p Prompt) { _ = open(p.URL) }
	if _, err := Browser(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cfg.Say = func(Prompt) { cancel() }
	if _, err := Browser(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("after Ctrl-C: %v", err)
	}
	cfg.ClientID = "nobody"
	ctx, cancel = context.WithCancel(t.Context())
	cfg.Say = func(p Prompt) {
		if page, err := n.Person().Page(p.URL, nil); err != nil || !strings.Contains(page.Body, "app_request_invalid") {
			t.Error(err, page.Body)
		}
		cancel()
	}
	if _, err := Browser(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("an unknown client: %v", err)
	}
}

func TestDevice(t *testing.T) {
	n := newTenant(t)
	for decision, want := range map[string]error{"let": nil, "deny": ErrRefused} {
		cfg := n.config()
		cfg.HTTP = n.Hurried()
		cfg.Open = func(string) error { t.Error("a browser was opened here"); return nil }
		cfg.Say = func(p Prompt) {
			if err := n.Person().Decide(p.URL, p.Code, decision); err != nil {
				t.Error(err)
			}
		}
		got, err := Device(t.Context(), cfg)
		if !errors.Is(err, want) || want == nil && (got.Account != alice || got.Refresh == "") {
			t.Errorf("%s: %+v %v", decision, got, err)
		}
	}
}
