package login

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// answerTime is how long an endpoint may take.
	answerTime = 30 * time.Second
	// maxAnswer is the longest answer that is read, in bytes.
	maxAnswer = 1 << 20
)

// guarded says whether an address keeps what is sent to it from others: https, or http that does not leave this machine.
func guarded(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	local := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && local
}

// cautious is a client that follows no redirect, for with 307 it would take a code or a refresh token to a host that the
// provider's description does not name, that waits no longer than answerTime, and reads no more than maxAnswer.
func cautious(c *http.Client) *http.Client {
	out := http.Client{Timeout: answerTime}
	if c != nil {
		out = *c
	}
	out.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if _, already := out.Transport.(limited); !already {
		out.Transport = limited{out.Transport}
	}
	return &out
}

type limited struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	next := l.RoundTripper
	if next == nil {
		next = http.DefaultTransport
	}
	answer, err := next.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	}
	return answer, err
}
