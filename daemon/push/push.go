// Package push wakes a phone by Web Push: a message to the push service of the phone's browser (RFC 8030), encrypted for
// the phone alone (RFC 8291) and signed with the key that the phone made for its subscription (RFC 8292).
//
// The message says "look", and nothing of who asks for what: no name, website or number. What the push service learns is
// this desktop's public address and the time of a request.
//
// The endpoint is an address that somebody else chose. So it is https only, never an address of this machine or its
// network, never by way of a redirect, and what the service answers is not read but for its status.
package push

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"tallykey/phone/link"
)

const (
	// timeout bounds one message, from looking up the push service's name to its answer.
	timeout = 5 * time.Second
	// ttl: the push service keeps the message this long for a phone that is off; a request is over by then.
	ttl = "60"
	// topic: a message of the same topic replaces an earlier one that still waits, so that only one stands. RFC 8030
	// section 5.4. All desktops of a phone share it: the phone looks at each of them anyway.
	topic = "tallykey"
	// maxHeader bounds what is read of an answer, in bytes.
	maxHeader = 16 << 10
)

// payload is the whole message: its version.
var payload = []byte(`{"v":1}`)

var (
	// ErrGone means that the push service knows the subscription no more: it is of no use to anybody.
	ErrGone = errors.New("push: the subscription has ended")
	// ErrRefused means that nothing was sent: the subscription is malformed, or its endpoint is where no push service is.
	ErrRefused = errors.New("push: the endpoint is not taken")
	// ErrFailed means that the push service did not take the message this time.
	ErrFailed = errors.New("push: the push service did not take the message")
)

// Config is what a Sender works with. The zero value is right for a program; the fields are for tests.
type Config struct {
	Allowed func(netip.Addr) bool // which addresses may be connected to; nil: Public
	Roots   *x509.CertPool        // that sign push services' certificates; nil: the system's
	Now     func() time.Time      // nil: time.Now
	Timeout time.Duration         // of one message; 0: 5 seconds
}

// Sender sends messages. It is safe for concurrent use and keeps no connection open.
type Sender struct {
	client  *http.Client
	now     func() time.Time
	timeout time.Duration
}

// New makes a Sender.
func New(c Config) *Sender {
	if c.Allowed == nil {
		c.Allowed = Public
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Timeout == 0 {
		c.Timeout = timeout
	}
	dialer := &net.Dialer{Control: control(c.Allowed)}
	return &Sender{now: c.Now, timeout: c.Timeout, client: &http.Client{
		// A redirect would send the message to where nobody subscribed.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		// No Proxy: behind one, the rule on addresses would hold for the proxy and for nothing that it connects to.
		Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, DisableCompression: true,
			MaxResponseHeaderBytes: maxHeader,
			TLSClientConfig:        &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12}},
	}}
}

// Send asks the push service to wake the phone of a subscription. subject tells its operators whose messages these are:
// the phone app's origin; one that isn't https is left out. It returns nil once the service has taken the message, else
// an error that wraps ErrGone, ErrRefused or ErrFailed and names the endpoint's host at most: the rest of the endpoint
// is a secret, for whoever knows it can disturb the phone.
func (s *Sender) Send(ctx context.Context, sub link.PushSubscription, subject string) error {
	endpoint, err := parse(sub.Endpoint)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	request, err := s.request(ctx, endpoint, sub, subject)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return unreached(endpoint.Host, err)
	}
	response.Body.Close() // unread: the connection is not used again
	return answered(endpoint.Host, response.StatusCode)
}

func parse(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil, fmt.Errorf("%w: it is no https URL", ErrRefused)
	}
	return u, nil
}

func (s *Sender) request(ctx context.Context, endpoint *url.URL, sub link.PushSubscription, subject string) (*http.Request, error) {
	body, err := encrypt(sub.P256DH, sub.Auth, payload)
	if err != nil {
		return nil, err
	}
	authorization, err := vapid(sub.VAPID, endpoint, subject, s.now())
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint.String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("it is no address") // the error would quote it
	}
	for name, value := range map[string]string{"Authorization": authorization, "Content-Encoding": "aes128gcm",
		"Content-Type": "application/octet-stream", "TTL": ttl, "Urgency": "high", "Topic": topic, "User-Agent": "tallykey"} {
		r.Header.Set(name, value)
	}
	return r, nil
}

// unreached keeps the reason and leaves out the URL that net/http puts around it.
func unreached(host string, err error) error {
	var around *url.Error
	if errors.As(err, &around) {
		err = around.Err
	}
	if errors.Is(err, ErrRefused) {
		return fmt.Errorf("%s: %w", host, err)
	}
	return fmt.Errorf("%w: %s: %v", ErrFailed, host, err)
}

// answered reads the status: RFC 8030 section 5 says 201, and section 7.3 says 404 for a subscription that has expired;
// services say 410, too.
func answered(host string, status int) error {
	switch status {
	case http.StatusCreated:
		return nil
	case http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("%w: %s: status %d", ErrGone, host, status)
	default:
		return fmt.Errorf("%w: %s: status %d", ErrFailed, host, status)
	}
}

// Check says, without sending anything, whether a subscription is one that Send can use. The error wraps ErrRefused.
func Check(sub link.PushSubscription) error {
	endpoint, err := parse(sub.Endpoint)
	if err != nil {
		return err
	}
	if _, err := New(Config{}).request(context.Background(), endpoint, sub, ""); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return nil
}
