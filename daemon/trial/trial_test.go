package trial

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"tallykey/phone"
)

const host = "tk-abcdefghij234567.local"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// desk is a desktop that can move to other addresses and times, and keeps what it is told to.
type desk struct {
	t testing.TB

	mu        sync.Mutex
	now       time.Time
	addresses []netip.Addr
	kept      Kept
	keeps     int
	broken    error // what Keep returns
	log       bytes.Buffer
}

func newDesk(t testing.TB, addresses ...string) *desk {
	d := &desk{t: t, now: noon}
	d.at(addresses...)
	return d
}

func (d *desk) at(addresses ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.addresses = nil
	for _, a := range addresses {
		d.addresses = append(d.addresses, netip.MustParseAddr(a))
	}
}

func (d *desk) wait(long time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(long)
}

func (d *desk) config() Config {
	return Config{App: phone.Handler(), Host: host, Log: slog.New(slog.NewTextHandler(&d.log, nil)), Patience: 30 * time.Second,
		Addresses: func() []netip.Addr {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.addresses
		},
		Now: func() time.Time {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.now
		},
		Load: func() (Kept, bool) {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.kept, len(d.kept.CertificatePEM) > 0
		},
		Keep: func(k Kept) error {
			d.mu.Lock()
			defer d.mu.Unlock()
			if d.keeps++; d.broken == nil {
				d.kept = k
			}
			return d.broken
		}}
}

func (d *desk) start(change ...func(*Config)) *Server {
	d.t.Helper()
	cfg := d.config()
	for _, f := range change {
		f(&cfg)
	}
	s, err := Start(cfg)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(s.Stop)
	return s
}

func (d *desk) place(s *Server) Place {
	d.t.Helper()
	p, err := s.Place()
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// get asks as a browser does whose person has taken the certificate with this fingerprint, and gave it this name.
func get(t testing.TB, s *Server, method, path, asked string) (*http.Response, string) {
	t.Helper()
	cert, err := s.certificate()
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots,
		ServerName: host, Time: s.cfg.Now}}}
	r, err := http.NewRequestWithContext(t.Context(), method, fmt.Sprintf("https://127.0.0.1:%d%s", s.port, path), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = asked
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestItServesTheAppAndNothingElse(t *testing.T) {
	d := newDesk(t, "192.168.1.7")
	s := d.start(func(c *Config) {
		c.App = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "the app") })
	})
	port := fmt.Sprint(":", s.port)
	for asked, want := range map[string]int{
		"127.0.0.1" + port: 200, "192.168.1.7" + port: 200, "192.168.1.8" + port: 200, host + port: 200, host: 200, "[fd00::7]" + port: 200,
		"rebound.example" + port: 421, "localhost" + port: 421, "203.0.113.7" + port: 421, "tk-other.local" + port: 421,
	} {
		if r, body := get(t, s, http.MethodGet, "/", asked); r.StatusCode != want || (want == 200) != (body == "the app") {
			t.Errorf("asked for %s: status %d, %q", asked, r.StatusCode, body)
		}
	}
}

func TestTheRealAppIsUnderAStrictPolicy(t *testing.T) {
	s := newDesk(t, "192.168.1.7").start()
	r, _ := get(t, s, http.MethodGet, "/", host)
	for _, rule := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(r.Header.Get("Content-Security-Policy"), rule) {
			t.Errorf("the policy lacks %s: %s", rule, r.Header.Get("Content-Security-Policy"))
		}
	}
	if r, _ := get(t, s, http.MethodPost, "/", host); r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", r.StatusCode)
	}
	for _, path := range []string{"/assets/", "/../../etc/passwd", "/.keep", "/nothing"} {
		if r, body := get(t, s, http.MethodGet, path, host); r.StatusCode == http.StatusOK {
			t.Errorf("%s: %.80q", path, body)
		}
	}
}

func TestWhereItIs(t *testing.T) {
	d := newDesk(t, "203.0.113.7", "192.168.1.7", "10.0.0.7")
	s := d.start()
	p := d.place(s)
	if want := fmt.Sprintf("https://192.168.1.7:%d/", s.port); p.URL != want {
		t.Errorf("got %s, want %s", p.URL, want)
	}
	if len(p.Fingerprint) != 32*3-1 || strings.ToUpper(p.Fingerprint) != p.Fingerprint {
		t.Errorf("fingerprint %q", p.Fingerprint)
	}
	d.at("fd00::7")
	if p, want := d.place(s), fmt.Sprintf("https://[fd00::7]:%d/", s.port); p.URL != want {
		t.Errorf("got %s, want %s", p.URL, want)
	}
	d.at("203.0.113.7")
	if _, err := s.Place(); !errors.Is(err, ErrNoAddress) {
		t.Errorf("got %v, want ErrNoAddress", err)
	}
}

// quietPort is free, and outside of what the system gives to those who ask for any.
func quietPort(t *testing.T) uint16 {
	t.Helper()
	for range 1000 {
		port := uint16(20_000 + rand.IntN(10_000))
		if l, err := listenOn(port); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

func TestPortAndCertificateStay(t *testing.T) {
	d, port := newDesk(t, "192.168.1.7"), quietPort(t)
	first := d.start(func(c *Config) { c.Port = port })
	before := d.place(first)
	first.Stop()
	again := d.start()
	if after := d.place(again); after != before {
		t.Errorf("before %v, after %v", before, after)
	}
	again.Stop()
	taken, err := net.Listen("tcp", fmt.Sprint(":", again.port))
	if err != nil {
		t.Fatal(err)
	}
	other := d.start()
	if p := d.place(other); p.URL == before.URL || p.Fingerprint != before.Fingerprint {
		t.Errorf("port taken: %v", p)
	}
	other.Stop()
	taken.Close()
	if after := d.place(d.start()); after != before {
		t.Errorf("port free again: %v, before %v", after, before)
	}
}

func TestThePreferredPortIsTakenWhereItIsFree(t *testing.T) {
	port := quietPort(t)
	taken, err := listenOn(port)
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t, "192.168.1.7")
	s := d.start(func(c *Config) { c.Port = port })
	if s.port == port || d.kept.Port != s.port {
		t.Errorf("at %d, kept %d, though %d was taken", s.port, d.kept.Port, port)
	}
	s.Stop()
	taken.Close()
	d = newDesk(t, "192.168.1.7")
	if s := d.start(func(c *Config) { c.Port = port }); s.port != port || d.kept.Port != port {
		t.Errorf("at %d, kept %d, want %d", s.port, d.kept.Port, port)
	}
}

func TestStopEndsIt(t *testing.T) {
	s := newDesk(t, "192.168.1.7").start()
	s.Stop()
	s.Stop()
	if c, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", s.port)); err == nil {
		c.Close()
		t.Error("somebody still listens")
	}
}

// A client that says nothing, or stops in the middle, is hung up on.
func TestSlowClients(t *testing.T) {
	s := newDesk(t, "192.168.1.7").start(func(c *Config) { c.Patience = 20 * time.Millisecond })
	silent, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", s.port))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	silent.SetReadDeadline(time.Now().Add(time.Minute))
	_, err = silent.Read(make([]byte, 1))
	var timeout net.Error
	if err == nil || errors.As(err, &timeout) && timeout.Timeout() {
		t.Errorf("still connected: %v", err)
	}
}

func TestLargeRequests(t *testing.T) {
	s := newDesk(t, "192.168.1.7").start()
	if r, _ := get(t, s, http.MethodGet, "/?"+strings.Repeat("x", 4*maxHeader), host); r.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", r.StatusCode)
	}
}
