package push

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// vapidLife is how long a token is good. RFC 8292 section 2 allows 24 hours; half of it bears a clock that is wrong by
// half a day either way.
const vapidLife = 12 * time.Hour

type claims struct {
	Audience string `json:"aud"`
	Expires  int64  `json:"exp"`
	Subject  string `json:"sub,omitempty"`
}

// vapid is the Authorization header that shows that the message comes from whom the phone subscribed to, RFC 8292
// section 3: a JWT for the push service's origin, signed by the private key, and the public key.
func vapid(private []byte, endpoint *url.URL, subject string, now time.Time) (string, error) {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), private)
	if err != nil {
		return "", fmt.Errorf("the subscription's VAPID key: %w", err)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		return "", err
	}
	c := claims{Audience: origin(endpoint), Expires: now.Add(vapidLife).Unix()}
	if strings.HasPrefix(subject, "https://") {
		c.Subject = subject // section 2.1: a mailto: or https: URL. Some services refuse another one.
	}
	token, err := sign(key, c)
	if err != nil {
		return "", err
	}
	return "vapid t=" + token + ",k=" + encode(public), nil
}

// origin is the URL's origin as a browser writes it: RFC 8292 section 2 compares it so.
func origin(u *url.URL) string {
	return "https://" + strings.TrimSuffix(strings.ToLower(u.Host), ":443")
}

// sign makes a JWT with ES256: RFC 7515 section 3.1, RFC 7518 section 3.4.
func sign(key *ecdsa.PrivateKey, c claims) (string, error) {
	body, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	signed := encode([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + encode(body)
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		return "", err
	}
	raw := make([]byte, 64)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	return signed + "." + encode(raw), nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
