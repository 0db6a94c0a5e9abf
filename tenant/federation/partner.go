package federation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"

	"tallykey/tenant/outcome"
)

const (
	patience    = 10 * time.Second // for one answer of an issuer
	maxAnswer   = 1 << 20          // bytes
	rediscovery = time.Hour        // what an issuer says of itself counts so long
	maxPartners = 256
)

// NewClient is an HTTP client for issuers: an admin named them, and still they may be slow, endless or lead elsewhere.
func NewClient() *http.Client {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: patience}).DialContext, TLSHandshakeTimeout: patience,
		ResponseHeaderTimeout: patience, MaxResponseHeaderBytes: 64 << 10, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}
	return &http.Client{Timeout: 2 * patience, Transport: limited{t}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// limited cuts answers off that are longer than any honest one.
type limited struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := l.next.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, maxAnswer), res.Body}
	}
	return res, err
}

// partner is what an issuer says of itself.
type partner struct {
	*gooidc.Provider
	says
	read time.Time
}

// says is the part of the discovery document that the library does not read.
type says struct {
	Types      []string `json:"response_types_supported"`
	Challenges []string `json:"code_challenge_methods_supported"` // RFC 8414; missing: not said
	Keys       string   `json:"jwks_uri"`
	Names      bool     `json:"authorization_response_iss_parameter_supported"`
}

type partners struct {
	mu    sync.Mutex
	known map[string]partner
}

// partner reads what an issuer says of itself, at most once an hour. The error carries federation_unreachable.
func (x *Exchange) partner(ctx context.Context, issuer string) (partner, error) {
	x.partners.mu.Lock()
	p, ok := x.partners.known[issuer]
	x.partners.mu.Unlock()
	if ok && x.now().Sub(p.read) < rediscovery {
		return p, nil
	}
	p, err := discover(ctx, x.client, issuer)
	if err != nil {
		return p, outcome.Errorf(outcome.FederationUnreachable, "%s: %s", issuer, err)
	}
	p.read = x.now()
	x.partners.mu.Lock()
	defer x.partners.mu.Unlock()
	if len(x.partners.known) >= maxPartners {
		clear(x.partners.known)
	}
	x.partners.known[issuer] = p
	return p, nil
}

// Check says whether an issuer can sign people in for a tenant: its discovery document is there, names itself, and has what
// the code flow needs. client may be nil.
func Check(ctx context.Context, client *http.Client, issuer string) error {
	if client == nil {
		client = NewClient()
	}
	if err := secure(issuer); err != nil {
		return err
	}
	_, err := discover(ctx, client, issuer)
	return err
}

// discover outlives the request for which it is made: the library fetches keys with its client later.
func discover(ctx context.Context, client *http.Client, issuer string) (partner, error) {
	p, err := gooidc.NewProvider(gooidc.ClientContext(context.WithoutCancel(ctx), client), issuer)
	if err != nil {
		return partner{}, err
	}
	var s says
	if err := p.Claims(&s); err != nil {
		return partner{}, err
	}
	if len(s.Types) > 0 && !slices.Contains(s.Types, "code") {
		return partner{}, errors.New("it has no code flow")
	}
	if len(s.Challenges) > 0 && !slices.Contains(s.Challenges, "S256") {
		return partner{}, errors.New("it has no PKCE with S256")
	}
	for _, address := range []string{p.Endpoint().AuthURL, p.Endpoint().TokenURL, s.Keys} {
		if err := secure(address); err != nil {
			return partner{}, err
		}
	}
	if info := p.UserInfoEndpoint(); info != "" { // which an issuer may not have
		if err := secure(info); err != nil {
			return partner{}, err
		}
	}
	return partner{Provider: p, says: s}, nil
}

// secure lets an address pass that nobody on the way can change: https, or this machine.
func secure(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost") {
		return fmt.Errorf("%q is not https", address)
	}
	return nil
}
