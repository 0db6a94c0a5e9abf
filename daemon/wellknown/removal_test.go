package wellknown

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

var removal = Removal{Credential: "ICEiIyQlJicoKSorLC0uLw", Token: "AAECAwQFBgcICQoLDA0ODw", On: "phone"}

// removing is a website whose document names this address, and what it hears there.
func removing(t *testing.T, address string, answer http.HandlerFunc) (w *website, heard *[]string) {
	t.Helper()
	heard = &[]string{}
	w = newWebsite(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			asJSON(`{"manage":"https://example.com/keys","unregister":"`+address+`"}`)(rw, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		*heard = append(*heard, r.Host+r.URL.Path+" "+string(body))
		answer(rw, r)
	})
	return w, heard
}

func TestUnregister(t *testing.T) {
	for _, at := range []string{"example.com/removed", "login.example.com/removed", "example.com:8443/removed"} {
		w, heard := removing(t, "https://"+at, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
		for range 2 { // no cache: the second asks anew
			if err := w.Unregister(t.Context(), host, removal); err != nil {
				t.Errorf("%s: %v", at, err)
			}
		}
		want := at + ` {"credential":"ICEiIyQlJicoKSorLC0uLw","token":"AAECAwQFBgcICQoLDA0ODw","on":"phone"}`
		if len(*heard) != 2 || (*heard)[0] != want || w.count() != 4 {
			t.Errorf("%s: heard %q in %d requests", at, *heard, w.count())
		}
		for _, r := range w.reads {
			if r.Header.Get("Cookie")+r.Header.Get("Referer")+r.Header.Get("Origin") != "" || strings.Contains(r.URL.String(), removal.Token) {
				t.Errorf("%s %v", r.URL, r.Header)
			}
		}
	}
}

// The token goes to nobody but the RP ID's own host.
func TestUnregisterElsewhere(t *testing.T) {
	for _, address := range []string{"", "http://example.com/", "https://evil.example/", "https://evil-example.com/", "https://com/",
		"https://example.com.evil.example/", "https://user@example.com/", "//example.com/", "https://192.0.2.7/", "https://exa\\u0000mple.com/"} {
		w, heard := removing(t, address, func(http.ResponseWriter, *http.Request) {})
		if err := w.Unregister(t.Context(), host, removal); !errors.Is(err, ErrUnavailable) || len(*heard) != 0 {
			t.Errorf("%s: %v, heard %q", address, err, *heard)
		}
	}
	for _, to := range []string{"https://example.com/", "https://evil.example/"} {
		w, heard := removing(t, "https://example.com/removed", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, to, http.StatusTemporaryRedirect)
		})
		if err := w.Unregister(t.Context(), host, removal); !errors.Is(err, ErrUnavailable) || len(*heard) != 1 {
			t.Errorf("redirected: %v, heard %q", err, *heard)
		}
	}
}

func TestUnregisterStatus(t *testing.T) {
	for status, want := range map[int]error{200: nil, 202: nil, 204: nil, 304: ErrUnavailable, 400: ErrRefused, 403: ErrRefused, 404: ErrRefused,
		405: ErrRefused, 408: ErrUnavailable, 413: ErrRefused, 425: ErrUnavailable, 429: ErrUnavailable, 500: ErrUnavailable, 503: ErrUnavailable} {
		w, _ := removing(t, "https://example.com/removed", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) })
		if err := w.Unregister(t.Context(), host, removal); !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", status, err, want)
		}
	}
	w := newWebsite(t, http.NotFound)
	if err := w.Unregister(t.Context(), host, removal); !errors.Is(err, ErrUnavailable) {
		t.Errorf("without a document: %v", err)
	}
}
