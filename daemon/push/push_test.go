package push

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"tallykey/phone/link"
)

const app = "https://phone.contoso.example"

func TestThePhoneReadsWhatWasSent(t *testing.T) {
	s := newService(t)
	before := time.Now()
	if err := s.sender().Send(t.Context(), s.subscription(), app); err != nil {
		t.Fatal(err)
	}
	m := s.messages()[0]
	if got := s.read(m); got != `{"v":1}` {
		t.Errorf("the phone reads %q", got)
	}
	if m.path != "POST /subscription/secret" {
		t.Errorf("got %s", m.path)
	}
	for name, want := range map[string]string{"Content-Encoding": "aes128gcm", "TTL": "60", "Urgency": "high", "Topic": "tallykey"} {
		if got := m.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	c := s.signed(m)
	if err := c.Validate(jwt.Expected{AnyAudience: jwt.Audience{s.URL}, Time: before}); err != nil {
		t.Error(err)
	}
	if c.Subject != app || c.Expiry == nil || c.Expiry.Time().After(before.Add(24*time.Hour)) {
		t.Errorf("claims %+v: RFC 8292 allows 24 hours", c)
	}
}

func TestEachMessageHasItsOwnKey(t *testing.T) {
	s := newService(t)
	for range 2 {
		if err := s.sender().Send(t.Context(), s.subscription(), app); err != nil {
			t.Fatal(err)
		}
	}
	all := s.messages()
	const key = saltBytes + 4 + 1
	if string(all[0].body[:saltBytes]) == string(all[1].body[:saltBytes]) || string(all[0].body[key:key+65]) == string(all[1].body[key:key+65]) {
		t.Error("two messages share salt or key")
	}
}

// Appendix A of RFC 8291.
func TestTheExampleOfTheRFC(t *testing.T) {
	unb64 := func(s string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	key, err := ecdh.P256().NewPrivateKey(unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := encryptWith(key, unb64("DGv6ra1nlYgDCS1FRnbzlw"),
		unb64("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
		unb64("BTBZMqHH6r4Tts7J_aSIgg"), []byte("When I grow up, I want to be a watermelon"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_" +
		"yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if encode(got) != want {
		t.Errorf("got  %s\nwant %s", encode(got), want)
	}
}

func TestAnswersOfThePushService(t *testing.T) {
	s := newService(t)
	elsewhere := newService(t)
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   error
	}{
		{"taken", status(http.StatusCreated), nil},
		{"expired", status(http.StatusNotFound), ErrGone},
		{"gone", status(http.StatusGone), ErrGone},
		{"ok is not taken", status(http.StatusOK), ErrFailed},
		{"another key", status(http.StatusForbidden), ErrFailed},
		{"too many", status(http.StatusTooManyRequests), ErrFailed},
		{"broken", status(http.StatusBadGateway), ErrFailed},
		{"elsewhere", http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect).ServeHTTP, ErrFailed},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ErrFailed},
		{"large header", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Large", strings.Repeat("x", 2*maxHeader))
			w.WriteHeader(http.StatusCreated)
		}, ErrFailed},
		{"endless body", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusCreated)
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, nil},
	}
	for _, tt := range tests {
		s.mu.Lock()
		s.answer = tt.answer
		s.mu.Unlock()
		err := s.sender().Send(t.Context(), s.subscription(), app)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the endpoint: %v", tt.name, err)
		}
	}
	if n := len(elsewhere.messages()); n != 0 {
		t.Errorf("a redirect was followed %d times", n)
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func TestAServiceThatIsSilent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := newService(t)
	sub := s.subscription()
	sub.Endpoint = "https://" + l.Addr().String() + "/subscription/secret"
	err = New(Config{Allowed: netip.Addr.IsLoopback, Timeout: time.Millisecond}).Send(t.Context(), sub, app)
	if !errors.Is(err, ErrFailed) || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, want ErrFailed without the endpoint", err)
	}
}

func TestNothingIsSentInto(t *testing.T) {
	s := newService(t)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	plain := httptest.NewServer(s)
	defer plain.Close()
	endpoints := map[string]string{
		"this machine":         s.URL + "/secret",
		"this machine by name": "https://localhost:" + port + "/secret",
		"IPv4 in IPv6":         "https://[::ffff:127.0.0.1]:" + port + "/secret",
		"no TLS":               plain.URL + "/secret",
		"no host":              "https:///secret",
		"with a password":      "https://alice:secret@push.example/",
		"not a URL":            "https://push.example:port/secret",
	}
	for name, endpoint := range endpoints {
		sub := s.subscription()
		sub.Endpoint = endpoint
		if err := New(Config{}).Send(t.Context(), sub, app); !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want ErrRefused without the endpoint", name, err)
		}
	}
	if n := len(s.messages()); n != 0 {
		t.Errorf("%d messages arrived", n)
	}
}

func TestMalformedSubscriptions(t *testing.T) {
	s := newService(t)
	if err := Check(s.subscription()); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*link.PushSubscription){
		"no URL":                func(p *link.PushSubscription) { p.Endpoint = "push.example" },
		"no point on the curve": func(p *link.PushSubscription) { p.P256DH[10] ^= 1 },
		"no key":                func(p *link.PushSubscription) { p.P256DH = nil },
		"zero VAPID key":        func(p *link.PushSubscription) { p.VAPID = make([]byte, 32) },
		"short VAPID key":       func(p *link.PushSubscription) { p.VAPID = p.VAPID[:31] },
	} {
		sub := s.subscription()
		spoil(&sub)
		if err := s.sender().Send(t.Context(), sub, app); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: got %v, want ErrRefused", name, err)
		}
		if err := Check(sub); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: checked: %v, want ErrRefused", name, err)
		}
	}
}

func TestSubjectIsAWebAddressOrAbsent(t *testing.T) {
	s := newService(t)
	if err := s.sender().Send(t.Context(), s.subscription(), "http://localhost:8470"); err != nil {
		t.Fatal(err)
	}
	if c := s.signed(s.messages()[0]); c.Subject != "" {
		t.Errorf("subject %q", c.Subject)
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	s := newService(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.answer = func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}
	if err := s.sender().Send(ctx, s.subscription(), app); !errors.Is(err, ErrFailed) {
		t.Errorf("got %v, want ErrFailed", err)
	}
}

func TestPublicAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"203.0.113.7": true, "1.1.1.1": true, "2606:4700::1111": true, "::ffff:1.1.1.1": true,
		"127.0.0.1": false, "127.8.8.8": false, "0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false,
		"172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "192.0.0.8": false, "198.18.0.1": false, "224.0.0.251": false, "255.255.255.255": false,
		"240.0.0.1": false, "::": false, "::1": false, "::7f00:1": false, "::ffff:10.0.0.1": false, "fe80::1": false,
		"fe80::1%eth0": false, "fc00::1": false, "fd12::1": false, "fec0::1": false, "ff02::fb": false,
		"64:ff9b::a00:1": false, "2002:a00:1::1": false, "2001::1": false,
	} {
		if got := Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %t, want %t", address, got, want)
		}
	}
}

func TestLimit(t *testing.T) {
	var l Limit
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	request := func(n int) string { return strings.Repeat("r", n+1) }
	if !l.Take("one", request(0), now) || l.Take("one", request(0), now) {
		t.Error("a request wakes a phone once")
	}
	if !l.Take("two", request(0), now) {
		t.Error("another phone has its own count")
	}
	for n := 1; n < PerHour; n++ {
		if !l.Take("one", request(n), now.Add(time.Duration(n)*time.Minute)) {
			t.Errorf("request %d refused", n)
		}
	}
	if l.Take("one", "late", now.Add(59*time.Minute)) {
		t.Error("more than PerHour in an hour")
	}
	if !l.Take("one", "late", now.Add(time.Hour)) {
		t.Error("refused although the first is an hour old")
	}
	if l.Take("one", "later", now.Add(time.Hour)) {
		t.Error("one too many")
	}
}

func BenchmarkEncrypt(b *testing.B) {
	s := newService(b)
	sub := s.subscription()
	for b.Loop() {
		if _, err := encrypt(sub.P256DH, sub.Auth, payload); err != nil {
			b.Fatal(err)
		}
	}
}

// What a phone may say as its subscription is one message or an error, whatever it is.
func FuzzRequest(f *testing.F) {
	s := newService(f)
	sub := s.subscription()
	f.Add(sub.Endpoint, []byte(sub.P256DH), []byte(sub.Auth), []byte(sub.VAPID))
	f.Add("https://PUSH.example:443/?q#f", []byte{4}, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, endpoint string, key, auth, vapid []byte) {
		u, err := url.Parse(endpoint)
		if err != nil {
			return
		}
		r, err := New(Config{}).request(t.Context(), u, link.PushSubscription{Endpoint: endpoint, P256DH: key, Auth: auth, VAPID: vapid}, app)
		if err == nil && (r.Method != http.MethodPost || r.ContentLength > recordSize || r.Header.Get("Topic") != topic) {
			t.Errorf("%s with %d bytes", r.Method, r.ContentLength)
		}
	})
}
