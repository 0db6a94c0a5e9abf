package login

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// rogue is a provider that can be told to answer wrongly. What it signs, it signs by hand.
type rogue struct {
	*httptest.Server
	key    *ecdsa.PrivateKey
	says   map[string]any    // instead, in the discovery document
	claims map[string]any    // instead, in the ID token; nil takes one away
	tokens map[string]any    // instead, of the token endpoint; nil takes one away
	answer map[string]string // instead, at the redirect; "-" takes one away
	info   map[string]any    // instead, of userinfo
	forged bool              // a signature of another key
	status int               // of the token endpoint; 0: 200
	moved  string            // where the token endpoint sends
	nonce  string
}

func newRogue(t *testing.T) *rogue {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r := &rogue{key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, with(map[string]any{"issuer": r.URL, "authorization_endpoint": r.URL + "/authorize", "token_endpoint": r.URL + "/token", "jwks_uri": r.URL + "/keys",
			"userinfo_endpoint": r.URL + "/userinfo", "authorization_response_iss_parameter_supported": true, "id_token_signing_alg_values_supported": []string{"ES256"}}, r.says))
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		at := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, 32))) }
		writeJSON(w, map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "k", "x": at(key.X), "y": at(key.Y)}}})
	})
	mux.HandleFunc("/token", r.token)
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, with(map[string]any{"sub": "a1", "preferred_username": alice}, r.info))
	})
	r.Server = httptest.NewServer(mux)
	t.Cleanup(r.Close)
	return r
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func with(right, instead map[string]any) map[string]any {
	maps.Copy(right, instead)
	maps.DeleteFunc(right, func(_ string, v any) bool { return v == nil })
	return right
}

func (r *rogue) token(w http.ResponseWriter, _ *http.Request) {
	switch {
	case r.moved != "":
		w.Header().Set("Location", r.moved)
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	case r.status != 0:
		w.WriteHeader(r.status)
		io.WriteString(w, "secret-of-the-provider")
		return
	}
	writeJSON(w, with(map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "refresh", "id_token": r.sign()}, r.tokens))
}

func (r *rogue) sign() string {
	at := sha256.Sum256([]byte("access"))
	claims := with(map[string]any{"iss": r.URL, "sub": "a1", "aud": clientID, "nonce": r.nonce, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"at_hash": base64.RawURLEncoding.EncodeToString(at[:16])}, r.claims)
	part := func(v any) string {
		raw, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	signed := part(map[string]string{"alg": "ES256", "kid": "k"}) + "." + part(claims)
	key := r.key
	if r.forged {
		key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	digest := sha256.Sum256([]byte(signed))
	a, b, _ := ecdsa.Sign(rand.Reader, key, digest[:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(append(a.FillBytes(make([]byte, 32)), b.FillBytes(make([]byte, 32))...))
}

// browse is what a browser does when the rogue answers at once.
func (r *rogue) browse(t *testing.T) func(string) error {
	return func(start string) error {
		stay := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		first, err := stay.Get(start)
		if err != nil {
			return err
		}
		if again, err := stay.Get(start); err != nil || again.StatusCode != http.StatusNotFound {
			t.Error("the start is good twice: ", err)
		}
		u, err := first.Location()
		if err != nil {
			return err
		}
		asked := u.Query()
		r.nonce = asked.Get("nonce")
		q := url.Values{"code": {"c"}, "state": {asked.Get("state")}, "iss": {r.URL}}
		for k, v := range r.answer {
			if q.Set(k, v); v == "-" {
				q.Del(k)
			}
		}
		go func() {
			for _, stray := range []string{"favicon.ico", "?state=guess&code=x", "?code=x"} { // what else comes changes nothing
				if answer, err := http.Get(asked.Get("redirect_uri") + stray); err != nil || answer.StatusCode != http.StatusNotFound {
					t.Error(stray, err)
				}
			}
			if _, err := http.Get(asked.Get("redirect_uri") + "?" + q.Encode()); err != nil {
				t.Error(err)
			}
		}()
		return nil
	}
}

// Each case is one thing that a provider, or who is between, does wrong.
func TestWrongAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		wrong func(*rogue)
		want  error
	}{
		"nothing":                      {func(*rogue) {}, nil},
		"no userinfo":                  {func(r *rogue) { r.says = map[string]any{"userinfo_endpoint": nil} }, nil},
		"another's name for itself":    {func(r *rogue) { r.says = map[string]any{"issuer": "https://login.fabrikam.example"} }, ErrIssuer},
		"tokens by http":               {func(r *rogue) { r.says = map[string]any{"token_endpoint": "http://login.contoso.example/token"} }, ErrIssuer},
		"sign-in by a scheme":          {func(r *rogue) { r.says = map[string]any{"authorization_endpoint": "file:///etc/passwd"} }, ErrIssuer},
		"sign-in at a user's":          {func(r *rogue) { r.says = map[string]any{"authorization_endpoint": "https://x@evil.example/"} }, ErrIssuer},
		"the mix-up":                   {func(r *rogue) { r.answer = map[string]string{"iss": "https://login.fabrikam.example"} }, ErrAnswer},
		"no issuer though it promises": {func(r *rogue) { r.answer = map[string]string{"iss": "-"} }, ErrAnswer},
		"the mix-up with an error":     {func(r *rogue) { r.answer = map[string]string{"iss": "https://x.example", "error": "x"} }, ErrAnswer},
		"a refusal":                    {func(r *rogue) { r.answer = map[string]string{"code": "-", "error": "access_denied"} }, ErrRefused},
		"another nonce":                {func(r *rogue) { r.claims = map[string]any{"nonce": "x"} }, ErrAnswer},
		"no nonce":                     {func(r *rogue) { r.claims = map[string]any{"nonce": nil} }, ErrAnswer},
		"for another app":              {func(r *rogue) { r.claims = map[string]any{"aud": "mail"} }, ErrAnswer},
		"of another issuer":            {func(r *rogue) { r.claims = map[string]any{"iss": "https://login.fabrikam.example"} }, ErrAnswer},
		"expired":                      {func(r *rogue) { r.claims = map[string]any{"exp": 1} }, ErrAnswer},
		"another access token":         {func(r *rogue) { r.tokens = map[string]any{"access_token": "swapped"} }, ErrAnswer},
		"forged":                       {func(r *rogue) { r.forged = true }, ErrAnswer},
		"unsigned":                     {func(r *rogue) { r.tokens = map[string]any{"id_token": "eyJhbGciOiJub25lIn0.e30."} }, ErrAnswer},
		"no ID token":                  {func(r *rogue) { r.tokens = map[string]any{"id_token": nil} }, ErrAnswer},
		"a line break in a token":      {func(r *rogue) { r.tokens = map[string]any{"refresh_token": "x\nhost=evil.example"} }, ErrAnswer},
		"userinfo of somebody else":    {func(r *rogue) { r.info = map[string]any{"sub": "b2"} }, ErrAnswer},
		"a fault":                      {func(r *rogue) { r.status = 500 }, ErrIssuer},
		"a refusal without a word":     {func(r *rogue) { r.status = 400 }, ErrIssuer},
		"tokens elsewhere":             {func(r *rogue) { r.moved = "https://evil.example/token" }, ErrIssuer},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRogue(t)
			c.wrong(r)
			got, err := Browser(t.Context(), Config{Issuer: r.URL, ClientID: clientID, Now: time.Now, Say: func(Prompt) {}, Open: r.browse(t)})
			if !errors.Is(err, c.want) || c.want != nil && got != (Tokens{}) {
				t.Fatalf("%+v %v, want %v", got, err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "access\"")) {
				t.Errorf("the error repeats the answer: %v", err)
			}
		})
	}
}

// A name of the provider's that could end a line of a helper's answer is not used.
func TestNames(t *testing.T) {
	r := newRogue(t)
	for name, want := range map[string]string{"alice": "alice", "a\nhost=evil.example": "a1", "": "a1", strings.Repeat("x", 300): "a1"} {
		r.info = map[string]any{"preferred_username": name}
		got, err := Browser(t.Context(), Config{Issuer: r.URL, ClientID: clientID, Now: time.Now, Say: func(Prompt) {}, Open: r.browse(t)})
		if err != nil || got.Account != want {
			t.Errorf("%.20q: %q %v", name, got.Account, err)
		}
	}
}

func TestIssuersAndDevices(t *testing.T) {
	for _, issuer := range []string{"http://login.contoso.example", "ftp://localhost", "login.contoso.example", "https://", "", "https://x@localhost", "http://127.0.0.1:1"} {
		_, err := Browser(t.Context(), Config{Issuer: issuer, ClientID: clientID, Say: func(Prompt) { t.Error("went on") }})
		if !errors.Is(err, ErrIssuer) {
			t.Errorf("%q: %v", issuer, err)
		}
	}
	r := newRogue(t)
	if _, err := Device(t.Context(), Config{Issuer: r.URL, ClientID: clientID}); !errors.Is(err, ErrIssuer) {
		t.Errorf("no device flow: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Device(ctx, Config{Issuer: r.URL, ClientID: clientID}); err == nil {
		t.Error("it went on after Ctrl-C")
	}
}
