package webauthn

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

func origins(list ...string) []byte {
	d, err := json.Marshal(map[string]any{"origins": list})
	if err != nil {
		panic(err)
	}
	return d
}

func TestRelatedOrigin(t *testing.T) {
	const shop = "https://contoso-shop.example"
	five := []string{"https://a.example", "https://b.example", "https://c.example", "https://d.example", "https://e.example"}
	for name, tt := range map[string]struct {
		document []byte
		want     bool
	}{
		"listed":                         {origins("https://contoso.example", shop), true},
		"listed with a path":             {origins(shop + "/sign-in?x=1#y"), true},
		"listed in capitals":             {origins("HTTPS://Contoso-Shop.Example/"), true},
		"listed with the usual port":     {origins(shop + ":443"), true},
		"listed as the fifth label":      {origins(append(five[:4:4], shop)...), true},
		"listed as the sixth label":      {origins(append(five[:5:5], shop)...), false},
		"after many of the same label":   {origins("https://a.example", "https://x.a.example", "https://a.co.uk", "https://a.de", "https://a.fr", "https://a.it", shop), true},
		"after five that have no label":  {origins("https://example", "https://co.uk", "http://a.example", "mailto:a@b.example", "x", "", shop), true},
		"with another port":              {origins(shop + ":8443"), false},
		"a sub-domain":                   {origins("https://www.contoso-shop.example"), false},
		"the domain above":               {origins("https://example"), false},
		"http":                           {origins("http://contoso-shop.example"), false},
		"with a user":                    {origins("https://contoso-shop.example@evil.example"), false},
		"nothing":                        {origins(), false},
		"no origins":                     {[]byte(`{}`), false},
		"origins is a text":              {[]byte(`{"origins":"` + shop + `"}`), false},
		"a number among them":            {[]byte(`{"origins":["` + shop + `",7]}`), false},
		"a list":                         {[]byte(`["` + shop + `"]`), false},
		"no JSON":                        {[]byte(shop), false},
		"nothing at all":                 {nil, false},
		"two documents":                  {append(origins(shop), origins(shop)...), false},
		"origins is null":                {[]byte(`{"origins":null}`), false},
		"an address":                     {origins("https://192.0.2.7"), false},
		"an origin that only looks like": {origins("https://contoso\u2010shop.example"), false},
	} {
		if got := RelatedOrigin(tt.document, shop); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if !RelatedOrigin(origins("https://contoso-shop.example:8443"), "https://contoso-shop.example:8443") {
		t.Error("a port that is listed")
	}
	if !RelatedOrigin(origins("https://müller.example"), "https://xn--mller-kva.example") {
		t.Error("a name in Unicode")
	}
	// A host without a registrable domain is related to nobody, also if it is listed.
	if RelatedOrigin(origins("https://localhost", "http://localhost:8080"), "http://localhost:8080") ||
		RelatedOrigin(origins("https://github.io"), "https://github.io") || RelatedOrigin(origins(""), "") {
		t.Error("an origin without a registrable domain")
	}
}

func TestPasskeyPage(t *testing.T) {
	for document, want := range map[string]string{
		`{"enroll":"https://login.contoso.example/new","manage":"https://login.contoso.example/keys?tab=1"}`: "https://login.contoso.example/keys?tab=1",
		`{"manage":"https://account.contoso.example:8443/keys#list"}`:                                        "https://account.contoso.example:8443/keys#list",
		`{"manage":"https://CONTOSO.example/a b"}`:                                                           "https://contoso.example/a%20b",
		`{"manage":"http://login.contoso.example/keys"}`:                                                     "",
		`{"manage":"https://evil.example/keys"}`:                                                             "",
		`{"manage":"https://contoso.example.evil.example/"}`:                                                 "",
		`{"manage":"https://login.contoso.example@evil.example/"}`:                                           "",
		`{"manage":"https://user:word@login.contoso.example/"}`:                                              "",
		`{"manage":"javascript:alert(1)"}`:                                                                   "",
		`{"manage":"/keys"}`:                                                                                 "",
		`{"manage":7}`:                                                                                       "",
		`{"enroll":"https://login.contoso.example/new"}`:                                                     "",
		`{}`: "", `[]`: "", ``: "", `{"manage":""}`: "",
		`{"manage":"https://login.contoso.example/` + strings.Repeat("a", 2048) + `"}`: "",
	} {
		if got := PasskeyPage([]byte(document), "login.contoso.example"); got != want {
			t.Errorf("%s: %q, want %q", document, got, want)
		}
	}
	// Two tenants of one public suffix are strangers.
	if got := PasskeyPage([]byte(`{"manage":"https://mallory.github.io/"}`), "alice.github.io"); got != "" {
		t.Errorf("another tenant of a public suffix: %q", got)
	}
}

func FuzzWellKnown(f *testing.F) {
	f.Add(origins("https://contoso.example", "https://shop.example:8443/x"), "https://contoso.example")
	f.Add([]byte(`{"manage":"https://login.contoso.example/keys"}`), "https://login.contoso.example")
	f.Add([]byte(`{"unregister":"https://a.login.contoso.example:8443/removed?x#y"}`), "")
	f.Fuzz(func(t *testing.T, document []byte, origin string) {
		if RelatedOrigin(document, origin) {
			if _, err := EffectiveRPID(origin, ""); err != nil {
				t.Errorf("%q makes %q related: %v", document, origin, err)
			}
		}
		page := PasskeyPage(document, "login.contoso.example")
		if page != "" && (!strings.HasPrefix(page, "https://") || !strings.Contains(page, "contoso.example")) {
			t.Errorf("%q sends people to %q", document, page)
		}
		to := RemovalAddress(document, "login.contoso.example")
		if u, err := url.Parse(to); to != "" && (err != nil || u.Scheme != "https" || u.User != nil ||
			u.Hostname() != "login.contoso.example" && !strings.HasSuffix(u.Hostname(), ".login.contoso.example")) {
			t.Errorf("%q has a token sent to %q", document, to)
		}
	})
}
