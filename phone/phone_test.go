package phone

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"tallykey/daemon/webauthn"
)

var app = fstest.MapFS{
	"index.html":             {Data: []byte("<!doctype html><title>tallykey</title>")},
	"assets/index-abc123.js": {Data: []byte("export {}")},
	"sw.js":                  {Data: []byte("// worker")},
	"manifest.webmanifest":   {Data: []byte("{}")},
	".keep":                  {},
}

func get(t *testing.T, h http.Handler, method, url string) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, url, nil))
	return w.Result()
}

func TestHandler(t *testing.T) {
	const kept = "public, max-age=31536000, immutable"
	tests := []struct {
		name, method, path string
		status             int
		mediaType, caching string
	}{
		{"the page", "GET", "/", 200, "text/html; charset=utf-8", "no-cache"},
		{"the page, head only", "HEAD", "/", 200, "text/html; charset=utf-8", "no-cache"},
		{"a script", "GET", "/assets/index-abc123.js", 200, "text/javascript; charset=utf-8", kept},
		{"the worker", "GET", "/sw.js", 200, "text/javascript; charset=utf-8", "no-cache"},
		{"the manifest", "GET", "/manifest.webmanifest", 200, "application/manifest+json", "no-cache"},
		{"a file that is not there", "GET", "/assets/index-old.js", 404, "text/plain; charset=utf-8", ""},
		{"a folder", "GET", "/assets/", 404, "text/plain; charset=utf-8", ""},
		{"a hidden file", "GET", "/.keep", 404, "text/plain; charset=utf-8", ""},
		{"above the root", "GET", "/../phone.go", 404, "text/plain; charset=utf-8", ""},
		{"another method", "POST", "/", 405, "text/plain; charset=utf-8", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := get(t, handler(app), test.method, test.path)
			if r.StatusCode != test.status || r.Header.Get("Content-Type") != test.mediaType {
				t.Errorf("%d %q, want %d %q", r.StatusCode, r.Header.Get("Content-Type"), test.status, test.mediaType)
			}
			if got := r.Header.Get("Cache-Control"); test.caching != "" && got != test.caching {
				t.Errorf("Cache-Control %q, want %q", got, test.caching)
			}
			if p := r.Header.Get("Permissions-Policy"); p != "camera=(self), microphone=(), geolocation=()" {
				t.Errorf("Permissions-Policy %q", p)
			}
			csp := r.Header.Get("Content-Security-Policy")
			if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
				t.Errorf("Content-Security-Policy %q", csp)
			}
			if r.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("no nosniff")
			}
		})
	}
}

func TestHandlerBelowAPath(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/phone/", http.StripPrefix("/phone", handler(app)))
	if r := get(t, mux, "GET", "/phone/"); r.StatusCode != 200 {
		t.Errorf("page: %s", r.Status)
	}
	if r := get(t, mux, "GET", "/phone/assets/index-abc123.js"); r.StatusCode != 200 {
		t.Errorf("script: %s", r.Status)
	}
}

func TestHandlerBeforeTheBuild(t *testing.T) {
	r := get(t, handler(fstest.MapFS{".keep": {}}), "GET", "/")
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), "make build") {
		t.Errorf("%s %q %v", r.Status, body, err)
	}
}

// The two halves of tallykey's authenticator must call it by the same name.
func TestAAGUIDIsTheDaemons(t *testing.T) {
	source, err := os.ReadFile("src/request/authenticator.ts")
	if err != nil {
		t.Fatal(err)
	}
	bytes := regexp.MustCompile(`(?s)aaguid: Bytes = Uint8Array\.from\(\[(.*?)\]\)`).FindSubmatch(source)
	if bytes == nil {
		t.Fatal("no AAGUID in the app's source")
	}
	var want strings.Builder
	for _, b := range webauthn.AAGUID {
		const hex = "0123456789abcdef"
		want.WriteString("0x" + string(hex[b>>4]) + string(hex[b&15]) + ",")
	}
	if got := strings.Join(strings.Fields(string(bytes[1])), ""); got != want.String() {
		t.Errorf("AAGUID %s, the daemon has %s", got, want.String())
	}
}
