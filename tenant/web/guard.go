package web

import (
	"net/http"
	"net/netip"
	"strings"

	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
)

// maxBody is the largest form, in bytes: a WebAuthn answer percent-encoded, and some room.
const maxBody = 96 << 10

const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// guard enforces the rules of the package doc before a handler sees the request.
func (s *Site) guard(next *http.ServeMux) http.Handler {
	var fetch http.CrossOriginProtection
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, r.Pattern = next.Handler(r) // for the log: what is refused here was meant for there
		s.headers(w.Header())
		if r.Host != s.Issuer.Host {
			s.wrongHost(w, r)
			return
		}
		if changes(r) && (fetch.Check(r) != nil || r.Header.Get("Origin") != s.origin()) {
			s.end(w, r, ending{status: http.StatusForbidden, code: outcome.CrossSite})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := r.ParseForm(); err != nil {
			s.end(w, r, ending{status: http.StatusBadRequest, code: outcome.FormUnreadable})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func changes(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
}

func (s *Site) origin() string { return s.Issuer.Scheme + "://" + s.Issuer.Host }

func (s *Site) headers(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "publickey-credentials-get=(self), publickey-credentials-create=(self)")
	// same-origin, not no-referrer: with that, browsers send "Origin: null" with a form.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Vary", "Accept-Language")
	if s.Issuer.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// wrongHost sends people who typed 127.0.0.1 to the issuer, and does nothing else for a foreign name.
func (s *Site) wrongHost(w http.ResponseWriter, r *http.Request) {
	if changes(r) {
		s.end(w, r, ending{status: http.StatusMisdirectedRequest, code: outcome.HostWrong})
		return
	}
	http.Redirect(w, r, s.origin()+r.URL.EscapedPath(), http.StatusTemporaryRedirect)
}

// address is where the browser is. A reverse proxy on this machine may name it in a header; nobody else is believed.
func (s *Site) address(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	if s.AddressHeader == "" || !peer.Addr().IsLoopback() {
		return peer.Addr()
	}
	// The last one: those before it are what the browser sent.
	named := r.Header.Values(s.AddressHeader)
	if len(named) == 0 {
		return peer.Addr()
	}
	list := strings.Split(named[len(named)-1], ",")
	if a, err := netip.ParseAddr(strings.TrimSpace(list[len(list)-1])); err == nil {
		return a
	}
	return peer.Addr()
}

const maxAgent = 200

func (s *Site) asker(r *http.Request, browser []byte) signin.Asker {
	agent := strings.ToValidUTF8(r.UserAgent(), "")
	by := signin.Asker{Browser: browser, Address: s.address(r), Agent: strings.ToValidUTF8(agent[:min(len(agent), maxAgent)], ""), Keep: keeps(r)}
	if app := s.waitingApp(r); app != nil {
		by.App = app.App()
	}
	return by
}
