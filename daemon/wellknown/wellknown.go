// Package wellknown reads what websites publish about their passkeys at well-known addresses: the origins that an RP ID
// takes besides its own (/.well-known/webauthn, WebAuthn section 5.11), the page for managing passkeys and the address
// that hears of removed registrations (/.well-known/passkey-endpoints).
//
// A page chooses the host whose list of origins is asked for, so that could be turned against the person's own network. It
// therefore carries nothing (no cookies, no referrer, no client certificate), goes over https to public addresses only, and
// comes back as no more than an answer to one question about one document of a limited size.
//
// What a person does with a registration that they have (open its page, remove it) goes to private addresses, too, for an
// identity provider may well be on the organisation's own network. No page starts that or learns what came of it, and a
// host must prove by its certificate that it is the RP ID before it is sent a byte of HTTP: one that only borrows the name
// of a machine in there gets nothing across.
package wellknown

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"time"

	"tallykey/daemon/webauthn"
)

// Limits of one document.
const (
	MaxDocument  = 256 << 10 // bytes
	maxHeader    = 64 << 10  // bytes
	maxRedirects = 3
	patience     = 3 * time.Second
)

// ErrUnavailable means that a website publishes no such document, or none that can be taken from it.
var ErrUnavailable = errors.New("wellknown: no document")

// Config is what a Client works with. Its zero value is what a daemon uses.
type Config struct {
	// Dial connects to a host. nil: to every address, but to public ones only where a page chose the host.
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
	TLS      *tls.Config
	Patience time.Duration // for one document; zero: 3 s
	Now      func() time.Time
}

// Client reads documents and keeps them for some minutes. It is safe for concurrent use.
type Client struct {
	ctx              context.Context
	cfg              Config
	follows, forgoes http.Client // redirects; follows is for what a page may ask for
	cache            cache
}

// New makes a client whose reading ends with ctx.
func New(ctx context.Context, cfg Config) *Client {
	if cfg.Patience == 0 {
		cfg.Patience = patience
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Client{ctx: ctx, cfg: cfg, cache: cache{entries: map[string]*entry{}},
		follows: http.Client{Transport: transport(cfg, &net.Dialer{ControlContext: publicOnly}), CheckRedirect: onlySecure},
		forgoes: http.Client{Transport: transport(cfg, &net.Dialer{}), CheckRedirect: never}}
}

// transport has no proxy: it would be asked for private names in our place, and is itself at a private address as a rule.
func transport(cfg Config, d *net.Dialer) *http.Transport {
	if cfg.Dial == nil {
		cfg.Dial = d.DialContext
	}
	return &http.Transport{DialContext: cfg.Dial, TLSClientConfig: cfg.TLS, DisableKeepAlives: true,
		DisableCompression: true, MaxResponseHeaderBytes: maxHeader, ForceAttemptHTTP2: true}
}

// Related says whether the RP ID's list has an origin: signin.Config.Related.
func (c *Client) Related(ctx context.Context, rpID, origin string) bool {
	document, err := c.document(ctx, "https://"+rpID+"/.well-known/webauthn", &c.follows)
	return err == nil && webauthn.RelatedOrigin(document, origin)
}

// PasskeyPage is the address of the website's page for its passkeys. The error wraps ErrUnavailable where it names none
// that can be opened.
func (c *Client) PasskeyPage(ctx context.Context, rpID string) (string, error) {
	document, err := c.document(ctx, "https://"+rpID+"/.well-known/passkey-endpoints", &c.forgoes)
	if err != nil {
		return "", err
	}
	if page := webauthn.PasskeyPage(document, rpID); page != "" {
		return page, nil
	}
	return "", fmt.Errorf("%w: it names no page of its own", ErrUnavailable)
}

// document comes from the cache or is read. The reading goes on when ctx ends, so that a browser that could not wait finds
// it ready when it asks again.
func (c *Client) document(ctx context.Context, url string, by *http.Client) ([]byte, error) {
	e, fresh := c.cache.entry(url, c.cfg.Now())
	if e == nil {
		return nil, fmt.Errorf("%w: too many are read at once", ErrUnavailable)
	}
	if fresh {
		go func() {
			document, err := c.read(url, by)
			c.cache.fill(e, document, err, c.cfg.Now())
		}()
	}
	select {
	case <-e.filled:
		return e.document, e.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx))
	}
}

func (c *Client) read(url string, by *http.Client) ([]byte, error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.cfg.Patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "tallykey")
	response, err := by.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer response.Body.Close()
	return body(response)
}

func body(r *http.Response) ([]byte, error) {
	if r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: status %d", ErrUnavailable, r.StatusCode)
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, fmt.Errorf("%w: content type %.64q", ErrUnavailable, kind)
	}
	document, err := io.ReadAll(io.LimitReader(r.Body, MaxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if len(document) > MaxDocument {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrUnavailable, MaxDocument)
	}
	return document, nil
}

// onlySecure follows redirects as section 5.11.1 lets it, and says to none where it came from.
func onlySecure(r *http.Request, via []*http.Request) error {
	if r.URL.Scheme != "https" || len(via) > maxRedirects {
		return errors.New("redirected too often, or to an address that is not secure")
	}
	r.Header.Del("Referer")
	return nil
}

func never(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
