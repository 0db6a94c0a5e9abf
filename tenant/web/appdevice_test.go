package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"tallykey/tenant/policy"
	"tallykey/tenant/store"
)

// television is an app on a device without a browser.
var television = store.App{ID: "tv", Name: "Television", Native: true, Redirects: []string{"http://127.0.0.1/"}}

func onDevice(t *testing.T) (*trial, *oauth2.DeviceAuthResponse) {
	t.Helper()
	b := newBench(t).clockIsReal()
	p := &trial{T: t, b: b, device: b.app(t, television, ""), w: b.atApp(t)}
	return p, p.onDevice()
}

// RFC 8628 section 3.5: pending, too soon, expired; each device waits longer for each time it came too soon.
func TestDevicePolling(t *testing.T) {
	p, d := onDevice(t)
	ask := func(after time.Duration) string { p.forward(after - 5*time.Second); _, e := p.poll(d); return e }
	for i, c := range []struct {
		after time.Duration
		want  string
	}{{5 * time.Second, "authorization_pending"}, {time.Second, "slow_down"}, {9 * time.Second, "slow_down"}, {15 * time.Second, "authorization_pending"},
		{10 * time.Minute, "expired_token"}} {
		if got := ask(c.after); got != c.want {
			t.Errorf("question %d: %s, want %s", i, got, c.want)
		}
	}
	p.w.post("/device", "user_code", d.UserCode).is(422).code("device_code_unknown")
	if err := p.b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ask(time.Minute); got != "invalid_grant" {
		t.Error(got)
	}
}

// Who is not signed in can try no code; who is can't try many.
func TestDeviceCodesAreNotGuessed(t *testing.T) {
	p, d := onDevice(t)
	stranger := p.b.atApp(t)
	if v := stranger.post("/device", "user_code", d.UserCode); v.path != "/signin" || strings.Contains(v.body, "Television") {
		t.Errorf("a stranger is at %s", v.path)
	}
	p.w.post("/device", "user_code", "BBBB-BBBB").is(422).code("device_code_unknown")
	p.b.lastIs(t, "device", "device_code_unknown", alice)
	for range 9 {
		p.w.post("/device", "user_code", "not a code").is(422)
	}
	p.w.post("/device", "user_code", d.UserCode).is(422).code("device_code_locked")
	p.w.post("/device/decision", "user_code", d.UserCode, "decision", "let").is(422).code("device_code_locked")
	p.forward(15 * time.Minute)
	p.w.post("/device", "user_code", "BBBB-BBBB").code("device_code_unknown")
}

func TestDeviceRefusals(t *testing.T) {
	p, d := onDevice(t)
	web := p.b.app(t, store.App{ID: "mail"}, "s3cret")
	if status, out := web.call("/device_authorization", url.Values{"scope": {"openid"}}); status != 400 || out["error"] != "unauthorized_client" {
		t.Errorf("an app with a browser: %d %v", status, out)
	}
	if _, e := (&trial{T: t, b: p.b, device: web}).poll(d); e == "" || e == "authorization_pending" {
		t.Errorf("another app's code: %q", e)
	}
	if v := p.w.do("GET", "/device_authorization?client_id=tv", nil, nil); v.status != 400 {
		t.Error(v.status)
	}
	for i := range 60 {
		if status, out := p.device.call("/device_authorization", url.Values{"client_id": {"tv"}}); status != 200 && i < 49 {
			t.Errorf("request %d: %d %v", i, status, out)
		} else if status == 200 && i >= 49 {
			t.Fatalf("request %d of one address is taken", i)
		}
	}
	u, _ := p.b.Store.UserByUPN(t.Context(), alice)
	p.w.post("/device/decision", "user_code", d.UserCode, "decision", "let").code("device_approved")
	p.b.lastIs(t, "device", "device_approved", alice)
	if err := p.b.Store.DisableUser(t.Context(), u, p.b.clock, store.Change{}); err != nil {
		t.Fatal(err)
	}
	if _, e := p.poll(d); e != "invalid_grant" {
		t.Errorf("for a disabled user: %q", e)
	}
}

// Policy that wants a phone first wants it for devices too, and the pages are there in German.
func TestDeviceUnderPolicy(t *testing.T) {
	p, d := onDevice(t)
	p.b.rule(t, false, "phone=required", "instead=on")
	if v := p.w.post("/device", "user_code", d.UserCode); v.path != "/security" {
		t.Errorf("at %s", v.path)
	}
	p.w.post("/device/decision", "user_code", d.UserCode, "decision", "let").code("device_denied")
	p.w.header.Set("Accept-Language", "de")
	p.w.get("/device").has("Auf einem Gerät anmelden", "Weiter")
}

// A program that is signed in for already gets in only where somebody sees a page: any program could pose as it.
func TestNativeAppIsAskedFor(t *testing.T) {
	b := newBench(t).clockIsReal()
	a, w := b.app(t, store.App{ID: "cli", Name: "Terminal", Native: true, Redirects: []string{"http://127.0.0.1/cb"}}, ""), b.atApp(t)
	w.get(a.path())
	a.tokens(a.code(w.onward(w.post("/password", "username", alice, "password", password)))) // signing in is a page
	b.clock = b.clock.Add(time.Second)
	if got := w.get(a.path("prompt", "none")).arrival(a.RedirectURL).Get("error"); got != "consent_required" {
		t.Error(got)
	}
	page := w.get(a.path()).is(200).has("Let Terminal sign you in?", "other programs here could pose as it")
	id := page.find(idField)
	other := b.atApp(t)
	other.byPassword(bob)
	other.post("/authorize/consent", "id", id, "decision", "let").is(400).code("app_request_unknown")
	w.do("POST", "/authorize/consent", url.Values{"id": {id}, "decision": {"let"}}, map[string][]string{"Origin": {"https://evil.example"}}).is(403)
	a.tokens(a.code(w.onward(w.post("/authorize/consent", "id", id, "decision", "let"))))
	if e := b.last(t); e.Code != "app_approved" || e.App != "cli" {
		t.Errorf("%+v", e)
	}
}

// What apps got by a phone ends with the phone, whoever takes it away, and with the method and the account; what they got
// by password stays with the first two.
func TestTokensEndWithTheirSignIn(t *testing.T) {
	b := newBench(t).clockIsReal()
	p := &promise{&trial{T: t, b: b, a: b.app(t, store.App{ID: "mail"}, "s3cret"), w: b.atApp(t)}, nil}
	u, err := b.Store.UserByUPN(t.Context(), alice)
	if err != nil {
		t.Fatal(err)
	}
	phone := func(w policy.Word) {
		if _, _, _, err := b.policy.Set(t.Context(), policy.Edit{Words: map[policy.Setting]policy.Word{policy.SetPhone: w}}, store.Change{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		end  func()
	}{
		{"removed by the user", func() {
			w := b.atApp(t)
			w.byPassword(alice)
			w.key = p.w.key
			w.proving("/security/enable") // else the password alone would add no other device after that
			w.post("/security/remove", "id", removeLink(t, w.get("/security")))
		}},
		{"removed by an admin", p.removeAll},
		{"switched off", func() { phone(policy.Off); phone(policy.Optional) }}, // the phone stays
		{"blocked", func() {
			if err := b.Store.DisableUser(t.Context(), u, b.clock, store.Change{}); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		p.w = b.atApp(t)
		if has, err := b.Store.Registrations(t.Context(), u.ID); err != nil || len(has) > 0 {
			p.removeAll()
		}
		byPassword, byPhone := p.a.tokens(p.code()), p.byPhone()
		c.end()
		if _, err := p.a.userinfo(byPhone); err == nil {
			t.Errorf("%s: the access token lives on", c.name)
		}
		if got := refusal(second(p.a.refresh(byPhone.RefreshToken))); got != "invalid_grant" {
			t.Errorf("%s: the refresh token: %q", c.name, got)
		}
		if _, err := p.a.userinfo(byPassword); (err == nil) != (c.name != "blocked") {
			t.Errorf("%s: by password: %v", c.name, err)
		}
	}
}
