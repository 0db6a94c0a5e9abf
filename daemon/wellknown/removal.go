package wellknown

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"tallykey/daemon/webauthn"
)

// ErrRefused means that a website has an address for removals and does not want this one: telling it again would not
// help.
var ErrRefused = errors.New("wellknown: refused")

// Removal is what a website is told of a registration that the person removed.
type Removal struct {
	Credential string `json:"credential"` // ID, base64url
	Token      string `json:"token"`      // base64url; the website has its SHA-256
	On         string `json:"on"`         // "phone" or "desktop": where it was removed
}

// Unregister tells the website at an RP ID of a removal. nil: it has heard. The error wraps ErrRefused or ErrUnavailable;
// after the latter it may be told again. Neither the document nor the answer comes from a cache or goes into it, and no
// redirect is followed: the token goes to the address that the document names and nowhere else.
func (c *Client) Unregister(ctx context.Context, rpID string, r Removal) error {
	document, err := c.read("https://"+rpID+"/.well-known/passkey-endpoints", &c.forgoes)
	if err != nil {
		return err
	}
	to := webauthn.RemovalAddress(document, rpID)
	if to == "" {
		return fmt.Errorf("%w: it names no address for removals on its own host", ErrUnavailable)
	}
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return c.post(ctx, to, body)
}

func (c *Client) post(ctx context.Context, to string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "tallykey")
	response, err := c.forgoes.Do(r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	response.Body.Close() // the status is the whole answer
	return heard(response.StatusCode)
}

// heard: "too early", "too many" and "too slow" are asked again; of other refusals the next one would be the same.
func heard(status int) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests,
		status < 400, status >= 500:
		return fmt.Errorf("%w: status %d", ErrUnavailable, status)
	}
	return fmt.Errorf("%w: status %d", ErrRefused, status)
}
