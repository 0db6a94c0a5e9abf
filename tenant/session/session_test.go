package session

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tallykey/tenant/store"
	"tallykey/tenant/store/storetest"
)

type bench struct {
	*Jar
	store *store.Store
	clock time.Time
}

func newBench(t *testing.T, secure bool) *bench {
	t.Helper()
	s := storetest.New(t)
	b := &bench{store: s, clock: time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)}
	b.Jar = NewJar(s, secure, func() time.Time { return b.clock })
	u := store.User{ID: "a1", Handle: []byte{1}, UPN: "alice@contoso.example", Created: b.clock}
	if err := s.CreateUser(context.Background(), u); err != nil {
		t.Fatal(err)
	}
	return b
}

// signIn returns the cookie that the browser got.
func (b *bench) signIn(t *testing.T, with ...*http.Cookie) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	if err := b.SignIn(w, request(with...), store.Session{UserID: "a1", Method: "password"}, 0, store.Entry{}); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0]
}

func request(cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func TestCookies(t *testing.T) {
	for _, secure := range []bool{false, true} {
		c := newBench(t, secure).signIn(t)
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != secure {
			t.Errorf("secure %v: %v", secure, c)
		}
		if strings.HasPrefix(c.Name, "__Host-") != secure {
			t.Errorf("secure %v: name %s", secure, c.Name)
		}
	}
}

func TestSignInRotates(t *testing.T) {
	b := newBench(t, false)
	first := b.signIn(t)
	second := b.signIn(t, first)
	if first.Value == second.Value {
		t.Error("the token stayed")
	}
	if _, err := b.Current(request(first)); !errors.Is(err, store.ErrNotFound) {
		t.Error("the old session lives:", err)
	}
	n, err := b.Current(request(second))
	if err != nil || n.UserID != "a1" {
		t.Error(n, err)
	}
	if bytes.Contains(n.TokenHash, []byte(second.Value)) {
		t.Error("the store knows the token")
	}
}

func TestConfirmRotatesAndGrowsStale(t *testing.T) {
	b := newBench(t, false)
	old := b.signIn(t)
	n, err := b.Current(request(old))
	if err != nil || b.Confirmed(n) {
		t.Fatal("signing in counts as a confirmation", err)
	}
	w := httptest.NewRecorder()
	if err := b.Confirm(w, request(old), n, store.Entry{}); err != nil {
		t.Fatal(err)
	}
	fresh := w.Result().Cookies()[0]
	if _, err := b.Current(request(old)); !errors.Is(err, store.ErrNotFound) {
		t.Error("the old token lives:", err)
	}
	n, err = b.Current(request(fresh))
	if err != nil || !b.Confirmed(n) {
		t.Error(n, err)
	}
	b.clock = b.clock.Add(Fresh)
	if b.Confirmed(n) {
		t.Error("a confirmation counts for ever")
	}
}

func TestSessionEnds(t *testing.T) {
	b := newBench(t, false)
	c := b.signIn(t)
	b.clock = b.clock.Add(Lifetime)
	if _, err := b.Current(request(c)); !errors.Is(err, store.ErrNotFound) {
		t.Error("it did not expire:", err)
	}
	c = b.signIn(t)
	w := httptest.NewRecorder()
	if err := b.SignOut(context.Background(), w, request(c)); err != nil {
		t.Fatal(err)
	}
	if gone := w.Result().Cookies()[0]; gone.MaxAge >= 0 || gone.Value != "" {
		t.Error("the cookie stays:", gone)
	}
	if _, err := b.Current(request(c)); !errors.Is(err, store.ErrNotFound) {
		t.Error("signed out, and in:", err)
	}
}

func TestForeignCookiesAreNothing(t *testing.T) {
	b := newBench(t, false)
	for _, value := range []string{"", "x", strings.Repeat("A", 42), strings.Repeat("A", 44), strings.Repeat("=", 43), strings.Repeat("A", 42) + "B"} {
		r := request(&http.Cookie{Name: "tallykey-session", Value: value}, &http.Cookie{Name: "tallykey-browser", Value: value})
		if _, err := b.Current(r); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", value, err)
		}
		if h := b.Browser(r); h != nil {
			t.Errorf("%q marks a browser", value)
		}
	}
}

func TestBrowserIsMarkedOnce(t *testing.T) {
	b := newBench(t, false)
	w := httptest.NewRecorder()
	hash := b.MarkBrowser(w, request())
	c := w.Result().Cookies()[0]
	if c.MaxAge != 0 || !c.HttpOnly {
		t.Error(c)
	}
	w = httptest.NewRecorder()
	if again := b.MarkBrowser(w, request(c)); !bytes.Equal(hash, again) || len(w.Result().Cookies()) != 0 {
		t.Error("it was marked again")
	}
}
