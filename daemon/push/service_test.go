package push

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"tallykey/phone/link"
)

// service is a push service on loopback, and the phone behind it.
type service struct {
	*httptest.Server
	t     testing.TB
	phone *ecdh.PrivateKey
	auth  []byte
	vapid *ecdsa.PrivateKey

	mu     sync.Mutex
	got    []message
	answer http.HandlerFunc // nil: 201
}

type message struct {
	path   string
	header http.Header
	body   []byte
}

func newService(t testing.TB) *service {
	t.Helper()
	s := &service{t: t, auth: make([]byte, 16)}
	rand.Read(s.auth)
	var err error
	if s.phone, err = ecdh.P256().GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	if s.vapid, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewTLSServer(s)
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP implements http.Handler.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender has gone
	}
	s.mu.Lock()
	s.got = append(s.got, message{r.Method + " " + r.URL.Path, r.Header, body})
	answer := s.answer
	s.mu.Unlock()
	if answer != nil {
		answer(w, r)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

func (s *service) messages() []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]message(nil), s.got...)
}

// subscription is what the phone tells the desktop.
func (s *service) subscription() link.PushSubscription {
	private, err := s.vapid.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	return link.PushSubscription{Endpoint: s.URL + "/subscription/secret", P256DH: s.phone.PublicKey().Bytes(),
		Auth: s.auth, VAPID: private}
}

// sender trusts the service's certificate and may connect to loopback.
func (s *service) sender() *Sender {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return New(Config{Roots: roots, Allowed: netip.Addr.IsLoopback, Timeout: 30 * time.Second})
}

// read decrypts a message as the phone's browser does, by an implementation that is not ours.
func (s *service) read(m message) string {
	s.t.Helper()
	input, err := json.Marshal(map[string]string{"body": encode(m.body), "key": encode(s.phone.Bytes()), "auth": encode(s.auth)})
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), "node", "testdata/decrypt.mjs")
	cmd.Stdin = bytes.NewReader(input)
	var failure strings.Builder
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("not decrypted: %v\n%s", err, failure.String())
	}
	return string(out)
}

// signed checks the VAPID header as the push service does and returns its claims.
func (s *service) signed(m message) jwt.Claims {
	s.t.Helper()
	text, ok := strings.CutPrefix(m.header.Get("Authorization"), "vapid t=")
	token, key, two := strings.Cut(text, ",k=")
	public, err := s.vapid.PublicKey.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	if !ok || !two || key != encode(public) {
		s.t.Fatalf("Authorization %q is not by the subscription's key", m.header.Get("Authorization"))
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		s.t.Fatal(err)
	}
	var c jwt.Claims
	if err := parsed.Claims(&s.vapid.PublicKey, &c); err != nil {
		s.t.Fatal(err)
	}
	return c
}
