package service

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/daemon/webauthn"
	"tallykey/daemon/webauthn/platform"
	"tallykey/daemon/wellknown"
	"tallykey/phone/link"
)

// The website of these tests; the test server has a certificate for it.
const (
	rpID  = "example.com"
	login = "https://login.example.com"
)

var made = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// registered is a keyring with one phone and these registrations at rpID, all of one person.
func registered(t *testing.T, credentials ...byte) *registration.Memory {
	t.Helper()
	keyring := &registration.Memory{}
	store, err := registration.Open(t.Context(), keyring)
	if err != nil {
		t.Fatal(err)
	}
	phone := registration.Phone{ID: alicePhone, Name: "Alice’s phone", Paired: made, Secret: make([]byte, 32),
		Platform: platform.Credential{ID: []byte("a"), PublicKey: []byte("a")}}
	if err := store.AddPhone(t.Context(), phone); err != nil {
		t.Fatal(err)
	}
	for _, c := range credentials {
		if err := store.Add(t.Context(), sample(t, c)); err != nil {
			t.Fatal(err)
		}
	}
	return keyring
}

func sample(t *testing.T, c byte) registration.Registration {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return registration.Registration{Credential: slices.Repeat([]byte{c}, 16), RPID: rpID, Phone: alicePhone,
		PublicKey: webauthn.EncodeCOSE(&key.PublicKey), KeyProtection: link.PRF, Created: made.Add(time.Duration(c) * time.Hour),
		User: webauthn.User{ID: []byte{1}, Name: "alice@contoso.example", DisplayName: "Alice"}}
}

func idOf(c byte) string { return link.B64.EncodeToString(slices.Repeat([]byte{c}, 16)) }

// listed are what registrations.list says, in short.
type listed struct {
	ID, Account, Mode string
	Hidden            bool
}

func inShort(all []api.Registration) []listed {
	out := []listed{}
	for _, r := range all {
		out = append(out, listed{r.ID, r.Account, r.Mode, r.Hidden})
	}
	return out
}

func TestRegistrationsBySocket(t *testing.T) {
	d := start(t, func(c *Config) { c.Keyring = registered(t, 1, 2) })
	c := d.client(t)
	call := func(method string, params any) error { return c.Call(t.Context(), method, params, nil) }
	if err := call(api.MethodPhones, nil); err != nil { // waits until the keyring is open
		t.Fatal(err)
	}
	if _, err := c.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	const name = "alice@contoso.example"
	signal := func(kind, options string) error {
		return call(api.MethodSignal, api.SignalParams{Caller: api.Caller{Origin: login}, Kind: kind, Options: json.RawMessage(options)})
	}
	for _, step := range []struct {
		name string
		do   func() error
		want []listed
	}{
		{"typed", func() error { return call(api.MethodSetMode, api.SetMode{ID: idOf(1), Mode: "type"}) },
			[]listed{{idOf(1), name, "type", false}, {idOf(2), name, "", false}}},
		{"chosen", func() error { return call(api.MethodSetMode, api.SetMode{ID: idOf(1), Mode: "choose"}) },
			[]listed{{idOf(1), name, "", false}, {idOf(2), name, "", false}}},
		{"hidden by the website", func() error {
			return signal("allAcceptedCredentials", `{"rpId":"example.com","userId":"AQ","allAcceptedCredentialIds":["`+idOf(2)+`"]}`)
		}, []listed{{idOf(1), name, "", true}, {idOf(2), name, "", false}}},
		{"restored", func() error { return call(api.MethodRestore, api.ByID{ID: idOf(1)}) },
			[]listed{{idOf(1), name, "", false}, {idOf(2), name, "", false}}},
		{"renamed by the website", func() error {
			return signal("currentUserDetails", `{"rpId":"example.com","userId":"AQ","name":"bob","displayName":""}`)
		}, []listed{{idOf(1), "bob", "", false}, {idOf(2), "bob", "", false}}},
		{"removed", func() error { return call(api.MethodRemoveRegistration, api.ByID{ID: idOf(1)}) },
			[]listed{{idOf(2), "bob", "", false}}},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		next(t, c, func(e api.Event) bool {
			return e.Registrations != nil && cmp.Equal(step.want, inShort(*e.Registrations))
		})
		var all []api.Registration
		if err := c.Call(t.Context(), api.MethodRegistrations, nil, &all); err != nil || cmp.Diff(step.want, inShort(all)) != "" {
			t.Errorf("%s: %v %s", step.name, err, cmp.Diff(step.want, inShort(all)))
		}
	}
}

func TestRegistrationsThatAreNotThere(t *testing.T) {
	d := start(t, func(c *Config) { c.Keyring = registered(t, 1) })
	c := d.client(t)
	for _, tt := range []struct {
		method string
		params any
		want   api.Code
	}{
		{api.MethodSetMode, api.SetMode{ID: idOf(1), Mode: "approve"}, api.SettingInvalid},
		{api.MethodSetMode, api.SetMode{ID: idOf(1)}, api.SettingInvalid},
		{api.MethodSetMode, api.SetMode{ID: idOf(9), Mode: "type"}, api.RegistrationUnknown},
		{api.MethodRestore, api.ByID{ID: idOf(9)}, api.RegistrationUnknown},
		{api.MethodRestore, api.ByID{ID: "?"}, api.RegistrationUnknown},
		{api.MethodRestore, api.ByID{}, api.RegistrationUnknown},
		{api.MethodManage, api.ByID{ID: idOf(9)}, api.RegistrationUnknown},
		{api.MethodSignal, api.SignalParams{Caller: api.Caller{Origin: "https://evil.example"}, Kind: "unknownCredential",
			Options: json.RawMessage(`{"rpId":"example.com","credentialId":"` + idOf(1) + `"}`)}, api.OriginMismatch},
		{api.MethodSignal, api.SignalParams{Caller: api.Caller{Origin: login}, Kind: "unknownCredential",
			Options: json.RawMessage(`{}`)}, api.OptionsInvalid},
		{api.MethodCandidates, api.GetParams{Caller: api.Caller{Origin: "https://evil.example"},
			Options: json.RawMessage(`{"challenge":"AAEC","rpId":"example.com"}`)}, api.OriginMismatch},
	} {
		if err := c.Call(t.Context(), tt.method, tt.params, nil); code(err) != tt.want {
			t.Errorf("%s %+v: %v, want %s", tt.method, tt.params, err, tt.want)
		}
	}
}

func TestCandidatesBySocket(t *testing.T) {
	d := start(t, func(c *Config) { c.Keyring = registered(t, 1, 2) })
	c := d.client(t)
	ask := func(origin, options string) []string {
		t.Helper()
		var all []api.Registration
		p := api.GetParams{Caller: api.Caller{Origin: origin}, Options: json.RawMessage(options)}
		if err := c.Call(t.Context(), api.MethodCandidates, p, &all); err != nil {
			t.Fatal(err)
		}
		out := []string{}
		for _, r := range all {
			out = append(out, r.ID)
		}
		return out
	}
	const any = `{"challenge":"AAEC","rpId":"example.com"}`
	for _, tt := range []struct {
		origin, options string
		want            []string
	}{
		{login, any, []string{idOf(2), idOf(1)}},
		{login, `{"challenge":"AAEC","rpId":"example.com","allowCredentials":[{"type":"public-key","id":"` + idOf(1) + `"}]}`, []string{idOf(1)}},
		{login, `{"challenge":"AAEC"}`, []string{}},
		{"https://shop.example", `{"challenge":"AAEC"}`, []string{}},
	} {
		if diff := cmp.Diff(tt.want, ask(tt.origin, tt.options)); diff != "" {
			t.Errorf("%s %s: %s", tt.origin, tt.options, diff)
		}
	}
	if err := c.Call(t.Context(), api.MethodPause, api.AddPause{Origin: login}, nil); err != nil {
		t.Fatal(err)
	}
	if got := ask(login, any); len(got) != 0 {
		t.Errorf("while the website is paused: %v", got)
	}
	if n := len(d.core.Load().engine.Requests()); n != 0 {
		t.Errorf("%d prompts", n)
	}
}

func TestSiteBySocket(t *testing.T) {
	d := start(t, func(c *Config) { c.Keyring = registered(t, 1, 2) })
	c := d.client(t)
	if err := c.Call(t.Context(), api.MethodPause, api.AddPause{Origin: login, Seconds: 60}, nil); err != nil {
		t.Fatal(err)
	}
	for _, a := range []api.Activity{
		{Request: "old", Time: made, Code: api.Approved, Origin: "login.example.com", RPID: rpID, Registration: idOf(1)},
		{Request: "new", Time: made.Add(time.Minute), Code: api.Declined, Origin: "login.example.com", RPID: rpID, Registration: idOf(2)},
		{Request: "other", Time: made.Add(time.Hour), Code: api.Approved, Origin: "shop.example", RPID: "shop.example"},
	} {
		d.journal.Append(a)
	}
	var s api.Site
	if err := c.Call(t.Context(), api.MethodSite, api.SiteParams{Origin: login}, &s); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]listed{{idOf(2), "alice@contoso.example", "", false}, {idOf(1), "alice@contoso.example", "", false}}, inShort(s.Registrations)); diff != "" {
		t.Error(diff)
	}
	if s.Last == nil || s.Last.Request != "new" || s.Pause == nil || s.Pause.Origin != login {
		t.Errorf("last %+v, pause %+v", s.Last, s.Pause)
	}
	if used := s.Registrations[1].LastUsed; !used.Equal(made) || !s.Registrations[0].LastUsed.IsZero() || s.Registrations[1].PhoneName != "Alice’s phone" {
		t.Errorf("%+v", s.Registrations)
	}
	for _, origin := range []string{"https://shop.example.net", "", "null", "https://com"} {
		var s api.Site
		if err := c.Call(t.Context(), api.MethodSite, api.SiteParams{Origin: origin}, &s); err != nil ||
			len(s.Registrations) != 0 || s.Registrations == nil || s.Last != nil || s.Pause != nil {
			t.Errorf("%q: %+v, %v", origin, s, err)
		}
	}
}

// publishing has every well-known address lead to a server of the test.
func publishing(t *testing.T, documents map[string]string) func(*Config) {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(documents[r.URL.Path]))
	}))
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return func(c *Config) {
		c.Keyring = registered(t, 1)
		c.WellKnown = wellknown.Config{TLS: &tls.Config{RootCAs: roots}, Patience: time.Minute,
			Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
			}}
	}
}

func TestManageBySocket(t *testing.T) {
	for document, want := range map[string]string{
		`{"manage":"https://account.example.com/passkeys"}`: "https://account.example.com/passkeys",
		`{"manage":"https://evil.example/passkeys"}`:        "",
		`{}`: "",
	} {
		d := start(t, publishing(t, map[string]string{"/.well-known/passkey-endpoints": document}))
		var page api.Page
		err := d.client(t).Call(t.Context(), api.MethodManage, api.ByID{ID: idOf(1)}, &page)
		if page.URL != want || want == "" && code(err) != api.PageUnknown {
			t.Errorf("%s: %q, %v", document, page.URL, err)
		}
	}
}

// An origin that the RP ID lists may ask for its registrations; the list is read over the network.
func TestRelatedOriginsBySocket(t *testing.T) {
	d := start(t, publishing(t, map[string]string{"/.well-known/webauthn": `{"origins":["https://contoso-shop.example"]}`}))
	c := d.client(t)
	for origin, want := range map[string]api.Code{"https://contoso-shop.example": "", "https://evil.example": api.OriginMismatch} {
		var all []api.Registration
		p := api.GetParams{Caller: api.Caller{Origin: origin}, Options: json.RawMessage(`{"challenge":"AAEC","rpId":"example.com"}`)}
		if err := c.Call(t.Context(), api.MethodCandidates, p, &all); code(err) != want || (len(all) == 1) != (want == "") {
			t.Errorf("%s: %d candidates, %v", origin, len(all), err)
		}
	}
}

// What a phone tells reaches watchers too.
func TestWatchersHearOfRegistrationsThatPhonesTell(t *testing.T) {
	d := start(t, func(c *Config) { c.Keyring = registered(t, 1) })
	c := d.client(t)
	if err := c.Call(t.Context(), api.MethodPhones, nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	core := d.core.Load()
	r := sample(t, 2)
	core.greet(alicePhone)
	core.synced(alicePhone, &link.Registrations{Items: []link.Registration{{Credential: idOf(2), RPID: rpID, UserID: r.User.ID,
		Name: r.User.Name, PublicKey: r.PublicKey, KeyProtection: link.PRF, Created: r.Created.UnixMilli()}}, Kept: []string{idOf(1)}})
	next(t, c, func(e api.Event) bool { return e.Registrations != nil && len(*e.Registrations) == 2 })
	core.synced(alicePhone, &link.Forget{Credential: idOf(1)})
	next(t, c, func(e api.Event) bool {
		return e.Registrations != nil && len(*e.Registrations) == 1 && (*e.Registrations)[0].ID == idOf(2)
	})
}
