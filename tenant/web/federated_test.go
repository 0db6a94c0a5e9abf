package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/passkey/softkey"
	"tallykey/tenant/store"
)

const (
	partnerOrigin = "https://sts.fabrikam.example"
	dora          = "dora@fabrikam.example"
	emil          = "emil@fabrikam.example"
)

// partners are two tenants: one signs in the users of fabrikam.example for the other.
type partners struct {
	*bench        // the tenant
	there  *bench // the issuer
	client *http.Client
}

func newPartners(t *testing.T) *partners {
	t.Helper()
	p := &partners{there: newBench(t, func(c *Config) { c.Issuer, _ = url.Parse(partnerOrigin); c.Name = "Fabrikam" }).clockIsReal()}
	p.client = p.there.browser(t).client
	p.bench = newBench(t, func(c *Config) { c.Outbound = p.client }).clockIsReal()
	app := store.App{ID: "contoso", Name: "Contoso", Redirects: []string{origin + "/signin/federated"}, Secret: oidcHash("s3cret")}
	if err := p.there.Store.CreateApp(t.Context(), app, store.Change{}); err != nil {
		t.Fatal(err)
	}
	for _, upn := range []account.UPN{dora, emil} {
		p.add(t, p.there, upn)
	}
	p.add(t, p.bench, dora)
	p.trust(t, store.Federation{Domain: "fabrikam.example", Issuer: partnerOrigin, Client: "contoso", Secret: "s3cret", Claim: "preferred_username"})
	return p
}

func (p *partners) add(t *testing.T, b *bench, upn account.UPN) {
	t.Helper()
	if _, err := b.accounts.Create(t.Context(), upn, "A person", password); err != nil {
		t.Fatal(err)
	}
}

func (p *partners) trust(t *testing.T, f store.Federation) {
	t.Helper()
	if err := p.Store.CreateFederation(t.Context(), f, store.Change{}); err != nil {
		t.Fatal(err)
	}
}

// later lets a minute pass, so that a session is older than what asks for a new one.
func (p *partners) later() {
	p.clock = p.clock.Add(time.Minute)
	p.there.clock = p.clock
}

// leaving is where the page sends the browser.
func (v view) leaving() string {
	v.t.Helper()
	_, to, ok := strings.Cut(v.header.Get("Refresh"), "0; url=")
	if !ok || !strings.HasPrefix(to, partnerOrigin+"/authorize?") {
		v.t.Fatalf("%d %s leads to %q\n%s", v.status, v.path, to, v.body)
	}
	return strings.TrimPrefix(to, partnerOrigin)
}

// atPartner signs in at the issuer and gives the path at which the browser comes back.
func (p *partners) atPartner(w *browser, path, upn string) string {
	w.t.Helper()
	w.get(path).is(200)
	return back(w.onward(w.post("/password", "username", upn, "password", password)))
}

func back(v view) string {
	v.t.Helper()
	to := v.header.Get("Location")
	if v.status != 302 || !strings.HasPrefix(to, origin+"/signin/federated?") {
		v.t.Fatalf("%d %s: sent to %q\n%s", v.status, v.path, to, v.body)
	}
	return strings.TrimPrefix(to, origin)
}

// pair is one browser, as it is at the tenant and as it is at the issuer.
func (p *partners) pair(t *testing.T) (here, there *browser) {
	here, there = p.atApp(t), p.there.browser(t)
	there.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host != "sts.fabrikam.example" {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return here, there
}

// Who types the UPN of a federated domain never sees the tenant's password page, and comes back signed in.
func TestFederatedSignIn(t *testing.T) {
	p := newPartners(t)
	here, there := p.pair(t)
	page := here.post("/signin", "username", "Dora@Fabrikam.example", "keep", "1").is(200).has("sts.fabrikam.example signs you in", dora).lacks(`type="password"`)
	here.get(p.atPartner(there, page.leaving(), dora)).is(200).has("Signed in as "+dora, `data-method="federated"`)
	e := p.lastIs(t, "federated", "federated", dora)
	if u, _ := p.Store.UserByUPN(t.Context(), dora); e.UserID != u.ID || e.Policy == "" || e.Address != "192.0.2.7" {
		t.Errorf("%+v", e)
	}
	here.post("/signout")
	page = here.post("/signin", "username", dora).is(200) // single sign-on there: no page
	here.get(back(there.get(page.leaving()))).is(200).has("Signed in as " + dora)
}

// An app gets its code after the detour.
func TestFederatedForAnApp(t *testing.T) {
	p := newPartners(t)
	a := p.app(t, store.App{ID: "mail"}, "s3cret")
	here, there := p.pair(t)
	here.get(a.path("login_hint", dora)).is(200)
	page := here.post("/signin", "username", dora)
	id, got := a.verified(a.tokens(a.code(here.onward(here.get(p.atPartner(there, page.leaving(), dora))))))
	if u, _ := p.Store.UserByUPN(t.Context(), dora); id.Subject != u.ID || len(got.AMR) != 0 || got.ACR != "" {
		t.Errorf("%+v %+v: the tenant can't say how the issuer signed in", id, got)
	}
}

// The phone comes first where there is one, and the issuer is asked to confirm before the first is registered.
func TestPhoneBeforeFederation(t *testing.T) {
	p := newPartners(t)
	here, there := p.pair(t)
	page := here.post("/signin", "username", dora)
	here.get(p.atPartner(there, page.leaving(), dora)).is(200)
	here.get("/security/enable").has("Sign in again at sts.fabrikam.example").lacks(`type="password"`)
	p.later()
	page = here.post("/security/confirm/partner").is(200)
	at := there.get(page.leaving())
	if at.path != "/signin" {
		t.Fatalf("the issuer does not ask anew: %s", at.path)
	}
	page = here.get(back(there.onward(there.post("/password", "username", dora, "password", password)))).is(200).has("Register your phone")
	p.lastIs(t, "federated-confirm", "federated", dora)
	key := softkey.New(origin)
	here.post("/security/enable", "request", page.request(), "name", "P", "credential", here.create(key, page)).has("Phone sign-in enabled")
	here.post("/signout")
	page = here.waiting(dora).has("Sign in at sts.fabrikam.example instead")
	there.get(here.post("/password/instead", "request", page.request(), "username", dora).is(200).leaving())
	page = here.waiting(dora)
	here.answer(page, here.assert(key, page)).is(200).has("Signed in as " + dora)
}

// Policy's second factor counts after an issuer's word as after a password.
func TestSecondFactorAfterFederation(t *testing.T) {
	p := newPartners(t)
	p.rule(t, false, "approve=optional")
	here, there := p.pair(t)
	page := here.post("/signin", "username", dora)
	here.get(p.atPartner(there, page.leaving(), dora)).is(200)
	here.get("/security/enable?use=approve")
	p.later()
	page = here.post("/security/confirm/partner", "use", "approve")
	page = here.get(back(there.onward(func() view {
		there.get(page.leaving())
		return there.post("/password", "username", dora, "password", password)
	}()))).is(200)
	key := softkey.New(origin)
	here.post("/security/enable", "request", page.request(), "name", "P", "credential", here.create(key, page)).is(200).has("Confirms after the password.")
	here.post("/signout")
	page = here.get(back(there.get(here.post("/signin", "username", dora).leaving()))).is(200).has("Approve on your phone").lacks("Signed in as")
	p.lastIs(t, "federated", "second_factor_needed", dora)
	here.answer(page, here.assert(key, page)).is(200).has("Signed in as "+dora, `data-method="federated&#43;phone"`)
	p.lastIs(t, "federated+phone", "approved", dora)
}

// The password page is no way around the issuer, whoever posts to it.
func TestPasswordOfAFederatedUser(t *testing.T) {
	p := newPartners(t)
	here, _ := p.pair(t)
	here.post("/password", "username", dora, "password", password).is(200).leaving()
	if _, err := p.Store.Session(t.Context(), nil, p.clock); err == nil || here.cookie("__Host-tallykey-session") != "" {
		t.Error("signed in by the password")
	}
}

// changed changes a parameter of the issuer's answer.
func changed(name, value string) func(string) string {
	return func(path string) string {
		u, _ := url.Parse(path)
		q := u.Query()
		q.Del("code")
		q.Set(name, value)
		u.RawQuery = q.Encode()
		return u.String()
	}
}

// federatedRefusals are answers of an issuer that nobody is signed in by.
var federatedRefusals = map[string]struct {
	upn  string // dora unless said
	as   string // at the issuer; upn unless said
	tune func(*testing.T, *partners)
	path func(string) string
	code string
}{
	"somebody else there":     {as: emil, code: "federation_wrong_account"},
	"cancelled there":         {path: changed("error", "access_denied"), code: "federation_refused"},
	"an error of a stranger":  {path: changed("error", "<script>"), code: "federation_refused"},
	"no code":                 {path: changed("x", ""), code: "federation_answer_invalid"},
	"another issuer's answer": {path: changed("iss", "https://evil.example"), code: "federation_answer_invalid"},
	"a code made up":          {path: changed("code", "made-up"), code: "federation_refused"},
	"an unknown state":        {path: changed("state", "0000-0000-0000-0000"), code: "request_unknown"},
	"no account here":         {upn: emil, as: emil, code: "federation_user_unknown"},
	"the name given away anew": {tune: func(t *testing.T, p *partners) {
		u, _ := p.Store.UserByUPN(t.Context(), dora)
		if err := p.Store.LinkSubject(t.Context(), partnerOrigin, "the one before", u.ID, p.clock); err != nil {
			t.Fatal(err)
		}
	}, code: "federation_wrong_account"},
	"disabled here": {tune: func(t *testing.T, p *partners) {
		u, _ := p.Store.UserByUPN(t.Context(), dora)
		if err := p.Store.DisableUser(t.Context(), u, p.clock, store.Change{}); err != nil {
			t.Fatal(err)
		}
	}, code: "account_disabled"},
	"an email that nobody verified": {tune: func(t *testing.T, p *partners) {
		f, _ := p.Store.Federation(t.Context(), "fabrikam.example")
		if err := p.Store.RemoveFederation(t.Context(), f, store.Change{}); err != nil {
			t.Fatal(err)
		}
		f.Claim = "email"
		p.trust(t, f)
	}, code: "federation_email_unverified"},
	"trusted no more": {tune: func(t *testing.T, p *partners) {
		f, _ := p.Store.Federation(t.Context(), "fabrikam.example")
		if err := p.Store.RemoveFederation(t.Context(), f, store.Change{}); err != nil {
			t.Fatal(err)
		}
	}, code: "federation_answer_invalid"},
}

// Each answer that is not the one that was asked for ends with its own row and signs nobody in.
func TestFederatedRefusals(t *testing.T) {
	for name, c := range federatedRefusals {
		t.Run(name, func(t *testing.T) {
			p := newPartners(t)
			here, there := p.pair(t)
			upn := cmp.Or(c.upn, dora)
			page := here.post("/signin", "username", upn)
			to := p.atPartner(there, page.leaving(), cmp.Or(c.as, upn))
			if c.tune != nil {
				c.tune(t, p)
			}
			if c.path != nil {
				to = c.path(to)
			}
			here.get(to).is(403).code(c.code)
			if c.code != "request_unknown" {
				p.lastIs(t, "federated", c.code, upn)
			}
			here.get("/").lacks("Signed in as")
		})
	}
}

// An answer counts once, and only in the browser that asked.
func TestFederatedAnswerCountsOnce(t *testing.T) {
	p := newPartners(t)
	here, there := p.pair(t)
	page := here.post("/signin", "username", dora)
	to := p.atPartner(there, page.leaving(), dora)
	p.atApp(t).get(to).is(403).code("request_unknown")
	here.get(to).is(200).has("Signed in as " + dora)
	here.get(to).is(403).code("request_unknown")
}

// An issuer speaks for its own domain, whatever it says.
func TestIssuerSpeaksForItsDomain(t *testing.T) {
	p := newPartners(t)
	p.add(t, p.there, "root@contoso.example")
	p.add(t, p.bench, "root@contoso.example")
	here, there := p.pair(t)
	page := here.post("/signin", "username", dora)
	here.get(p.atPartner(there, page.leaving(), "root@contoso.example")).is(403).code("federation_wrong_account")
}

func TestPartnerIsDown(t *testing.T) {
	p := newPartners(t)
	p.client.Transport = refusing{}
	here, _ := p.pair(t)
	here.post("/signin", "username", dora).is(403).code("federation_unreachable").has("Sign in at sts.fabrikam.example instead")
	p.lastIs(t, "federated", "federation_unreachable", dora)
}

type refusing struct{}

// RoundTrip implements http.RoundTripper.
func (refusing) RoundTrip(*http.Request) (*http.Response, error) { return nil, http.ErrServerClosed }
