// Package phone serves the phone app, a web page, to phones. The built page is embedded; the phone keeps its keys in
// the browser's storage of whatever origin serves it, so an installation must keep its origin.
package phone

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// dist is empty but for .keep until `make build` has run.
//
//go:embed all:dist
var dist embed.FS

// policy is the app's content security policy. Everything comes from the app's own origin; WebRTC is not subject to it.
// Scripts can't turn text into markup but through the one policy of the app's framework, and no other page can frame
// the app and have people tap what they don't see.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types svelte-trusted-html tallykey-worker"

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>tallykey</title>
<h1>The phone app was not built</h1><p>Build it and this program anew: <code>make build</code>.</p></html>
`

// Handler serves the app at its root; mount it below a path with http.StripPrefix. A program that was compiled before
// the app was built answers with a page that says so.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("phone: " + err.Error()) // embedded: a build that starts once starts always
	}
	return handler(files)
}

func handler(files fs.FS) http.Handler {
	static := http.FileServerFS(files)
	built := exists(files, "index.html")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		case !built:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusServiceUnavailable)
			w.Write([]byte(notBuilt))
		case name != "" && !exists(files, name):
			http.NotFound(w, r)
		default:
			describe(w.Header(), name)
			static.ServeHTTP(w, r)
		}
	})
}

func protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
	h.Set("Cache-Control", "no-cache") // an embedded file has no date: asked for again, it comes again
}

// describe says what a file is and how long it may be kept: the names in assets change with their contents.
func describe(h http.Header, name string) {
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.HasSuffix(name, ".webmanifest") {
		h.Set("Content-Type", "application/manifest+json")
	}
}

// exists is for files only: folders are not listed.
func exists(files fs.FS, name string) bool {
	info, err := fs.Stat(files, name)
	return err == nil && info.Mode().IsRegular() && !strings.HasPrefix(path.Base(name), ".")
}
