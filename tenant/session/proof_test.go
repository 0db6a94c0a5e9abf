package session

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// A browser proves the accounts that signed in from it, also after a restart, and no others.
func TestProofs(t *testing.T) {
	b := newBench(t, true)
	w := httptest.NewRecorder()
	b.prove(w, request(), "alice@contoso.example")
	cookie := w.Result().Cookies()[0]
	again := NewJar(b.store, true, b.now)
	for _, jar := range []*Jar{b.Jar, again} {
		if got := jar.Proven(request(cookie), "bob@contoso.example", "alice@contoso.example"); got != "alice@contoso.example" {
			t.Errorf("proven: %q", got)
		}
		if got := jar.Proven(request(cookie), "bob@contoso.example"); got != "" {
			t.Errorf("proven: %q", got)
		}
	}
	for _, value := range []string{"", ".", strings.Repeat("A", 22), strings.Repeat("A.", 400), cookie.Value[:20]} {
		forged := *cookie
		forged.Value = value
		if got := b.Proven(request(&forged), "alice@contoso.example"); got != "" {
			t.Errorf("%q proves %q", value, got)
		}
	}
	if got := newBench(t, true).Proven(request(cookie), "alice@contoso.example"); got != "" {
		t.Error("another tenant believes it")
	}
	for _, upn := range []string{"b@x", "c@x", "d@x", "e@x", "f@x"} {
		w = httptest.NewRecorder()
		b.prove(w, request(cookie), upn)
		cookie = w.Result().Cookies()[0]
	}
	if n := len(strings.Split(cookie.Value, ".")); n != maxKnown || b.Proven(request(cookie), "alice@contoso.example") != "" {
		t.Errorf("%d proofs", n)
	}
}
