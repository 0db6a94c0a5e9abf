package oidc

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tallykey/tenant/store"
)

func TestReferences(t *testing.T) {
	for _, c := range []struct {
		by   store.Authentication
		amr  string
		acr  string
		name string
	}{
		{store.Authentication{Method: "phone", Number: "choose", UV: "platform"}, "swk user mfa numberMatch", "phr", "the usual"},
		{store.Authentication{Method: "phone", Number: "type", UV: "pin"}, "swk user mfa pin numberMatch", "phr", "typed, with the app's PIN"},
		{store.Authentication{Method: "phone"}, "swk user mfa", "phr", "an app that does not say"},
		{store.Authentication{Method: "passkey"}, "pop user mfa", "phr", "of another maker: nobody knows where the key is"},
		{store.Authentication{Method: "password+phone", Number: "approve", UV: "platform"}, "pwd pop user mfa", "phr", "approved after the password"},
		{store.Authentication{Method: "password+phone", Number: "choose"}, "pwd pop user mfa numberMatch", "phr", "a number after the password"},
		{store.Authentication{Method: "federated+phone", Number: "choose"}, "pop user mfa numberMatch", "phr", "the phone after another issuer"},
		{store.Authentication{Method: "password"}, "pwd", "", "a password"},
		{store.Authentication{Method: "invitation"}, "otp", "", "a one-time pass"},
		{store.Authentication{Method: "federated"}, "", "", "another issuer: its own claims are its own"},
		{store.Authentication{Method: "something new"}, "", "", "nothing is claimed of what is not known"},
	} {
		amr, acr := references(c.by)
		if got := strings.Join(amr, " "); got != c.amr || acr != c.acr {
			t.Errorf("%s: %q %q, want %q %q", c.name, got, acr, c.amr, c.acr)
		}
	}
}

func TestUserCode(t *testing.T) {
	for typed, want := range map[string]string{
		"BCDF-GHJK": "BCDF-GHJK", "bcdfghjk": "BCDF-GHJK", " bcdf ghjk ": "BCDF-GHJK", "b-c-d-f-g-h-j-k": "BCDF-GHJK",
		"": "", "BCDF-GHJ": "", "BCDF-GHJKL": "", "ACDF-GHJK": "", "BCDF-GHJ1": "", "BCDF–GHJK": "", strings.Repeat("B", 1000): "", "ſſſſſſſſ": "SSSS-SSSS",
	} {
		if got := UserCode(typed); got != want {
			t.Errorf("%.20q: %q, want %q", typed, got, want)
		}
	}
}

func FuzzUserCode(f *testing.F) {
	f.Add("BCDF-GHJK")
	f.Add("b c\x00")
	f.Fuzz(func(t *testing.T, typed string) {
		code := UserCode(typed)
		if code != "" && (len(code) != 9 || code[4] != '-' || UserCode(code) != code) {
			t.Errorf("%q became %q", typed, code)
		}
	})
}

// Whatever address an answer goes to, it names the issuer once, in the part where its other parameters are.
func TestNamed(t *testing.T) {
	for to, want := range map[string]string{
		"https://mail.contoso.example/cb?code=a%2Bb&state=x": "https://mail.contoso.example/cb?code=a%2Bb&state=x&iss=https%3A%2F%2Fi.example",
		"https://mail.contoso.example/cb#error=x":            "https://mail.contoso.example/cb#error=x&iss=https%3A%2F%2Fi.example",
		"com.contoso.app:/cb?code=a":                         "com.contoso.app:/cb?code=a&iss=https%3A%2F%2Fi.example",
		"/authorize/continue?id=1":                           "/authorize/continue?id=1",
	} {
		rec := httptest.NewRecorder()
		rec.Header().Set("Location", to)
		(&named{rec, "https://i.example"}).WriteHeader(http.StatusFound)
		if d := cmp.Diff(want, rec.Header().Get("Location")); d != "" {
			t.Error(d)
		}
	}
}
