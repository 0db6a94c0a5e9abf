package wellknown

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// host has a certificate of the test server.
const host = "example.com"

// website is a server that every name leads to.
type website struct {
	*Client
	mu    sync.Mutex
	now   time.Time
	reads []*http.Request
}

func newWebsite(t *testing.T, answer http.HandlerFunc) *website {
	t.Helper()
	w := &website{now: time.Unix(1e9, 0)}
	server := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.reads = append(w.reads, r)
		w.mu.Unlock()
		answer(rw, r)
	}))
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	w.Client = New(t.Context(), Config{TLS: &tls.Config{RootCAs: roots}, Patience: time.Minute, Now: w.clock,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		}})
	return w
}

func (w *website) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *website) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *website) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.reads)
}

func asJSON(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Write([]byte(text))
	}
}

const (
	shop = "https://contoso-shop.example"
	list = `{"origins":["https://contoso-shop.example"]}`
)

func TestRelated(t *testing.T) {
	w := newWebsite(t, asJSON(list))
	if !w.Related(t.Context(), host, shop) || w.Related(t.Context(), host, "https://evil.example") {
		t.Error("the list was read wrongly")
	}
	if w.count() != 1 {
		t.Errorf("read %d times", w.count())
	}
	r := w.reads[0]
	if r.URL.Path != "/.well-known/webauthn" || r.Host != host || r.Header.Get("Referer")+r.Header.Get("Cookie")+r.Header.Get("Origin") != "" {
		t.Errorf("%s %s %v", r.Host, r.URL, r.Header)
	}
}

func TestWhatIsNoList(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"nothing": http.NotFound,
		"a page":  func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(list)) },
		"another content type": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/jsonp")
			w.Write([]byte(list))
		},
		"another status": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			w.Write([]byte(list))
		},
		"too long":      asJSON(`{"origins":["` + shop + `"],"filler":"` + strings.Repeat("a", MaxDocument) + `"}`),
		"cut off":       asJSON(list[:len(list)-1]),
		"two documents": asJSON(list + list),
		"a broken connection": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte(list))
		},
		"an endless header": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Filler", strings.Repeat("a", 2*maxHeader))
			asJSON(list)(w, r)
		},
	} {
		if w := newWebsite(t, answer); w.Related(t.Context(), host, shop) {
			t.Errorf("%s: related", name)
		}
	}
}

func TestRedirects(t *testing.T) {
	for name, tt := range map[string]struct {
		to   string
		want bool
	}{
		"https, another host": {"https://www.example.com/list", true},
		"http":                {"http://www.example.com/list", false},
		"itself":              {"/.well-known/webauthn", false},
	} {
		w := newWebsite(t, func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/list" {
				asJSON(list)(rw, r)
				return
			}
			http.Redirect(rw, r, tt.to, http.StatusFound)
		})
		if got := w.Related(t.Context(), host, shop); got != tt.want {
			t.Errorf("%s: related %t", name, got)
		}
		if n := w.count(); n > maxRedirects+1 {
			t.Errorf("%s: asked %d times", name, n)
		}
		for _, r := range w.reads {
			if r.Header.Get("Referer") != "" {
				t.Errorf("%s: %s was told of %s", name, r.URL, r.Header.Get("Referer"))
			}
		}
	}
}

func TestPasskeyPage(t *testing.T) {
	w := newWebsite(t, asJSON(`{"manage":"https://account.example.com/passkeys"}`))
	if page, err := w.PasskeyPage(t.Context(), host); err != nil || page != "https://account.example.com/passkeys" {
		t.Errorf("%q, %v", page, err)
	}
	if got := w.reads[0].URL.Path; got != "/.well-known/passkey-endpoints" {
		t.Error(got)
	}
	for name, answer := range map[string]http.HandlerFunc{
		"elsewhere": asJSON(`{"manage":"https://evil.example/"}`),
		"nothing":   asJSON(`{}`),
		"redirected": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://www.example.com/", http.StatusFound)
		},
	} {
		w := newWebsite(t, answer)
		if page, err := w.PasskeyPage(t.Context(), host); !errors.Is(err, ErrUnavailable) || page != "" {
			t.Errorf("%s: %q, %v", name, page, err)
		}
		if w.count() != 1 {
			t.Errorf("%s: asked %d times", name, w.count())
		}
	}
}

func TestListsAreKeptForAWhile(t *testing.T) {
	w := newWebsite(t, asJSON(list))
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {keepGood - time.Second, 1}, {time.Second, 2}} {
		w.pass(tt.after)
		if w.Related(t.Context(), host, shop); w.count() != tt.want {
			t.Errorf("after %s: read %d times", tt.after, w.count())
		}
	}
	bad := newWebsite(t, http.NotFound)
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {keepBad - time.Second, 1}, {time.Second, 2}} {
		bad.pass(tt.after)
		if bad.Related(t.Context(), host, shop); bad.count() != tt.want {
			t.Errorf("nothing, after %s: read %d times", tt.after, bad.count())
		}
	}
}

func TestTheCacheIsSmall(t *testing.T) {
	w := newWebsite(t, asJSON(list))
	names := []string{"a"}
	for range 2 * maxEntries {
		names = append(names, names[len(names)-1]+"a")
	}
	for _, name := range names[:60] {
		w.Related(t.Context(), name+".example.com", shop)
	}
	if n := len(w.cache.entries); n != maxEntries || len(w.cache.order) != n {
		t.Errorf("%d entries in an order of %d", n, len(w.cache.order))
	}
}

// Who can't wait goes away; the list is read to its end all the same, and is there for the next one.
func TestReadingGoesOnForTheNextOne(t *testing.T) {
	answer := make(chan struct{})
	w := newWebsite(t, func(rw http.ResponseWriter, r *http.Request) {
		<-answer
		asJSON(list)(rw, r)
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if w.Related(ctx, host, shop) {
		t.Error("related before it was read")
	}
	close(answer)
	if !w.Related(t.Context(), host, shop) || w.count() != 1 {
		t.Errorf("read %d times", w.count())
	}
}

func TestFewAreReadAtOnce(t *testing.T) {
	answer := make(chan struct{})
	w := newWebsite(t, func(rw http.ResponseWriter, r *http.Request) {
		<-answer
		asJSON(list)(rw, r)
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"a", "b", "c", "d"} {
		w.Related(ctx, name+".example.com", shop)
	}
	if w.Related(t.Context(), host, shop) { // would wait for ever if it were read
		t.Error("a fifth one")
	}
	close(answer)
	if !w.Related(t.Context(), "d.example.com", shop) {
		t.Error("the fourth one")
	}
}

func TestSlowWebsitesAreGivenUp(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	w := newWebsite(t, func(http.ResponseWriter, *http.Request) { <-hang })
	w.cfg.Patience = time.Millisecond
	if w.Related(t.Context(), host, shop) {
		t.Error("related")
	}
}

func TestPublicAddressesOnly(t *testing.T) {
	c := New(t.Context(), Config{})
	for _, name := range []string{"localhost", "127.0.0.1", "[::1]"} {
		_, err := c.document(t.Context(), "https://"+name+"/", &c.follows)
		if err == nil || !strings.Contains(err.Error(), "not a public address") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
