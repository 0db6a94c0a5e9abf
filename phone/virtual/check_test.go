package virtual

import (
	"errors"
	"strings"
	"testing"

	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

func site(origin, domain, rpID string) *link.Request {
	return &link.Request{Action: link.Get, Origin: origin, Domain: domain, RPID: rpID,
		ClientData: webauthn.ClientData(webauthn.Get, []byte("challenge"), origin, false, "")}
}

func related(r *link.Request) *link.Request {
	r.Related = true
	return r
}

func TestCheck(t *testing.T) {
	const login = "https://login.contoso.example"
	good := func() *link.Request { return site(login, "contoso.example", "login.contoso.example") }
	with := func(text string) *link.Request {
		r := good()
		r.ClientData = link.Bytes(text)
		return r
	}
	for _, c := range []struct {
		name string
		r    *link.Request
		ok   bool
	}{
		{"a website", good(), true},
		{"RP ID of the domain", site(login, "contoso.example", "contoso.example"), true},
		{"a port", site(login+":8443", "contoso.example", "contoso.example"), true},
		{"localhost", site("http://localhost:8080", "localhost", "localhost"), true},
		{"a related origin", related(site(login, "contoso.example", "fabrikam.example")), true},
		{"a related origin, domain of the RP ID", related(site(login, "fabrikam.example", "fabrikam.example")), false},
		{"a related origin, RP ID a public suffix", related(site(login, "contoso.example", "co.uk")), false},
		{"a related origin, no RP ID", related(site(login, "contoso.example", "")), false},
		{"a related origin that is none", related(site("login", "", "fabrikam.example")), false},
		{"in a frame", func() *link.Request {
			r := good()
			r.ClientData = webauthn.ClientData(webauthn.Get, []byte("c"), login, true, "https://portal.example")
			return r
		}(), true},
		{"http", site("http://login.contoso.example", "contoso.example", "contoso.example"), false},
		{"a public suffix", site(login, "contoso.example", "example"), false},
		{"RP ID of another site", site(login, "contoso.example", "contoso.example.net"), false},
		{"no RP ID", site(login, "contoso.example", ""), false},
		{"another domain in bold", site("https://contoso.example.evil.example", "contoso.example", "evil.example"), false},
		{"domain too long", site(login, "login.contoso.example", "login.contoso.example"), false},
		{"origin with a path", site(login+"/", "contoso.example", "contoso.example"), false},
		{"other origin in client data", with(`{"type":"webauthn.get","challenge":"Yw","origin":"https://evil.example","crossOrigin":false}`), false},
		{"origin twice", with(`{"type":"webauthn.get","challenge":"Yw","origin":"https://evil.example","crossOrigin":false,"Origin":"` + login + `"}`), false},
		{"members in another order", with(`{"challenge":"Yw","type":"webauthn.get","origin":"` + login + `","crossOrigin":false}`), false},
		{"another type", with(`{"type":"webauthn.create","challenge":"Yw","origin":"` + login + `","crossOrigin":false}`), false},
		{"no challenge", with(`{"type":"webauthn.get","challenge":"","origin":"` + login + `","crossOrigin":false}`), false},
		{"no JSON", with("hello"), false},
	} {
		if err := check(c.r); (err == nil) != c.ok || err != nil && !errors.Is(err, errSite) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestOffered(t *testing.T) {
	choose := &link.Request{Mode: link.Choose, Numbers: []string{"26", "07", "91"}}
	free := &link.Request{Mode: link.Type}
	for _, c := range []struct {
		r      *link.Request
		number string
		want   bool
	}{{choose, "26", true}, {choose, "55", false}, {choose, "", false}, {free, "55", true}, {free, "00", true},
		{free, "5", false}, {free, "555", false}, {free, "", false}, {free, "5a", false}, {free, "a5", false}} {
		if got := offered(c.r, c.number); got != c.want {
			t.Errorf("%s %q: %v", c.r.Mode, c.number, got)
		}
	}
}

// Whatever client data a desktop sends: no panic, and what passes has one reading.
func FuzzCheck(f *testing.F) {
	const login = "https://login.contoso.example"
	f.Add(login, "contoso.example", "contoso.example", string(webauthn.ClientData(webauthn.Get, []byte("c"), login, false, "")))
	f.Add(login, "contoso.example", "contoso.example", string(webauthn.ClientData(webauthn.Get, []byte("c"), login, true, "https://a.example")))
	f.Add("", "", "", "")
	f.Fuzz(func(t *testing.T, origin, domain, rpID, client string) {
		r := &link.Request{Action: link.Get, Origin: origin, Domain: domain, RPID: rpID, ClientData: link.Bytes(client)}
		if check(r) == nil && !strings.Contains(client, `"origin":"`+origin+`"`) {
			t.Errorf("%q passes for %q", client, origin)
		}
	})
}
