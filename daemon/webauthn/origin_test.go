package webauthn

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func TestEffectiveRPID(t *testing.T) {
	for _, tt := range []struct{ origin, rpID, want string }{
		{"https://contoso.example", "", "contoso.example"},
		{"https://contoso.example", "contoso.example", "contoso.example"},
		{"https://login.contoso.example:8443", "contoso.example", "contoso.example"},
		{"https://login.contoso.example", "", "login.contoso.example"},
		{"https://a.b.contoso.co.uk", "contoso.co.uk", "contoso.co.uk"},
		{"https://alice.github.io", "alice.github.io", "alice.github.io"},
		{"https://x.alice.github.io", "alice.github.io", "alice.github.io"},
		{"https://xn--bcher-kva.example", "", "xn--bcher-kva.example"},
		{"https://under_score.contoso.example", "", "under_score.contoso.example"},
		{"http://localhost", "", "localhost"},
		{"http://localhost:5173", "localhost", "localhost"},
		{"http://app.localhost:8080", "", "app.localhost"},
		{"https://localhost", "", "localhost"},
		{"https://intranet", "intranet", "intranet"},
	} {
		if got, err := EffectiveRPID(tt.origin, tt.rpID); got != tt.want || err != nil {
			t.Errorf("%s with %q: got %q, %v; want %q", tt.origin, tt.rpID, got, err, tt.want)
		}
	}
}

// refused are origins that no website has, and RP IDs that are not its own.
var refused = []struct{ origin, rpID string }{
	{"https://contoso.example", "example"},               // not a list's, but a suffix all the same
	{"https://contoso.com", "com"},                       // ICANN
	{"https://contoso.co.uk", "co.uk"},                   // ICANN, two labels
	{"https://alice.github.io", "github.io"},             // private
	{"https://github.io", "github.io"},                   // the suffix's own host
	{"https://github.io", ""},                            //
	{"https://co.uk", ""},                                //
	{"https://www.ck", "ck"},                             // wildcard and exception rules
	{"https://foo.ck", "foo.ck"},                         //
	{"https://app.localhost", "localhost"},               //
	{"https://app.intranet", "intranet"},                 //
	{"https://contoso.example", "fabrikam.example"},      //
	{"https://contoso.example", "login.contoso.example"}, // below the host
	{"https://notcontoso.example", "contoso.example"},    // no label boundary
	{"https://contoso.example", "Contoso.example"},       // not lower case
	{"https://contoso.example", "contoso.example."},      //
	{"https://contoso.example", ".contoso.example"},      //
	{"https://contoso.example", "contoso.example:443"},   //
	{"https://contoso.example", "https://contoso.example"},
	{"https://contoso.example", "*.contoso.example"},
	{"https://bücher.example", ""}, // browsers write punycode
	{"https://contoso.example.", ""},
	{"https://CONTOSO.example", ""},
	{"HTTPS://contoso.example", ""},
	{"https://contoso.example/", ""},
	{"https://contoso.example?", ""},
	{"https://contoso.example#", ""},
	{"https://alice@contoso.example", ""},
	{"https://contoso.example:443", ""}, // the default port is never written
	{"http://localhost:80", ""},
	{"https://contoso.example:", ""},
	{"https://contoso.example:0", ""},
	{"https://contoso.example:08443", ""},
	{"https://contoso.example:70000", ""},
	{"http://contoso.example", ""},
	{"http://localhost.contoso.example", ""},
	{"http://notlocalhost", ""},
	{"http://127.0.0.1:8080", ""},
	{"https://127.0.0.1", "127.0.0.1"},
	{"https://10.0.0.1", "0.0.1"},
	{"https://127.1", ""},
	{"https://contoso.0x7f", ""},
	{"https://[::1]", ""},
	{"https://[::1]", "[::1]"},
	{"https://[::1]:8443", "::1"},
	{"https://a..example", ""},
	{"https://", ""},
	{"null", ""},
	{"", ""},
	{"chrome-extension://abcdefghijklmnop", ""},
	{"file://", ""},
	{"https://" + strings.Repeat("a.", 127) + "example", ""},
	{"https://" + strings.Repeat("a", 64) + ".example", ""},
}

func TestEffectiveRPIDRefuses(t *testing.T) {
	for _, tt := range refused {
		if got, err := EffectiveRPID(tt.origin, tt.rpID); got != "" || !errors.Is(err, ErrOrigin) {
			t.Errorf("%q with %q: got %q, %v; want ErrOrigin", tt.origin, tt.rpID, got, err)
		}
	}
}

func TestSite(t *testing.T) {
	for _, tt := range []struct{ origin, host, domain string }{
		{"https://login.contoso.example", "login.contoso.example", "contoso.example"},
		{"https://login.contoso.co.uk:8443", "login.contoso.co.uk:8443", "contoso.co.uk"},
		{"https://alice.github.io", "alice.github.io", "alice.github.io"},
		{"https://github.io", "github.io", "github.io"},
		{"http://localhost:5173", "localhost:5173", "localhost"},
		{"http://app.localhost", "app.localhost", "app.localhost"},
		{"https://intranet", "intranet", "intranet"},
		{"null", "", ""},
		{"http://contoso.example", "", ""},
	} {
		if host, domain := Site(tt.origin); host != tt.host || domain != tt.domain {
			t.Errorf("%s: got %q %q, want %q %q", tt.origin, host, domain, tt.host, tt.domain)
		}
	}
}

func FuzzRPID(f *testing.F) {
	f.Add("https://login.contoso.example:8443", "contoso.example")
	f.Add("http://localhost", "")
	f.Fuzz(func(t *testing.T, origin, rpID string) {
		got, err := EffectiveRPID(origin, rpID)
		if err != nil {
			return
		}
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "https" && u.Hostname() != "localhost" && !strings.HasSuffix(u.Hostname(), ".localhost") {
			t.Fatalf("%q passed: %v", origin, err)
		}
		if got != u.Hostname() && !(strings.HasSuffix(u.Hostname(), "."+got) && strings.Contains(got, ".")) {
			t.Errorf("%q may be %q", origin, got)
		}
		if rpID != "" && got != rpID || got != strings.ToLower(got) || strings.ContainsAny(got, ":/@[]") {
			t.Errorf("%q with %q gave %q", origin, rpID, got)
		}
	})
}
