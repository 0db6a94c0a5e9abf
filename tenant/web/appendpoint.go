package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"

	"tallykey/tenant/oidc"
	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
)

// appEndpoint answers an app, and writes down what it was refused.
func (s *Site) appEndpoint(w http.ResponseWriter, r *http.Request) {
	r, learned := oidc.Observe(r)
	copied := &copied{ResponseWriter: w}
	s.provider.ServeHTTP(copied, r)
	if code := copied.refusal(); code != "" && oidc.GivesTokens(r.URL.Path) {
		s.appFailed(r, code, learned)
	}
}

// copied keeps what a refusal says.
type copied struct {
	http.ResponseWriter
	failed bool
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (c *copied) WriteHeader(status int) {
	c.failed = status >= http.StatusBadRequest
	c.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (c *copied) Write(b []byte) (int, error) {
	if c.failed {
		c.body.Write(b)
	}
	return c.ResponseWriter.Write(b)
}

// refusal is the error of RFC 6749 section 5.2 or RFC 8628 section 3.5, "" if there is none.
func (c *copied) refusal() string {
	var said struct {
		Error string `json:"error"`
	}
	if !c.failed || json.Unmarshal(c.body.Bytes(), &said) != nil {
		return ""
	}
	return said.Error
}

// endings of requests of apps. What is not there is a request that nobody can answer.
var appCodes = map[string]outcome.Code{
	"invalid_client": outcome.AppUnauthorized, "unauthorized_client": outcome.AppUnauthorized,
	"invalid_grant": outcome.TokenRefused, "expired_token": outcome.TokenRefused, "server_error": outcome.StorageFailed,
	// A device waits, or its person said no, which has a line of its own.
	"authorization_pending": "", "slow_down": "", "access_denied": "",
}

// appFailed writes a refusal down, but not each of a flood. That a token came a second time is always told: it takes a
// token that was good once, and then that one is gone.
func (s *Site) appFailed(r *http.Request, refusal string, l *oidc.Learned) {
	code, known := appCodes[refusal]
	if !known {
		code = outcome.AppRequestInvalid
	}
	if l.App == "" {
		l.App = s.claimed(r)
	}
	detail := r.URL.Path + ": " + refusal
	switch {
	case code == "":
	case l.Reused:
		s.reused(r, detail, l)
	default:
		s.strayedByApp(r, l.App, code, detail)
	}
}

// claimed is the app that a request says it is of, "" if there is none: of what is made up nothing is written down.
func (s *Site) claimed(r *http.Request) string {
	id := r.PostForm.Get("client_id")
	if name, _, ok := r.BasicAuth(); ok {
		id, _ = url.QueryUnescape(name) // RFC 6749 section 2.3.1
	}
	a, err := s.Store.App(r.Context(), id)
	if err != nil {
		return ""
	}
	return a.ID
}

func (s *Site) reused(r *http.Request, detail string, l *oidc.Learned) {
	e := s.entry(r, methodApp, "", signin.NewRequest(), s.Now())
	e.App, e.UserID, e.Code, e.Detail = l.App, l.UserID, string(outcome.TokenReused), detail
	if u, err := s.Store.User(r.Context(), l.UserID); err == nil {
		e.UPN = u.UPN
	}
	if err := s.Store.Log(r.Context(), e); err != nil {
		s.Log.Error("log", "request", e.Request, "err", err)
	}
}
