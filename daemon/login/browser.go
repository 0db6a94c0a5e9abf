package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// patience is how long a person has to sign in; providers end their own pages before it.
const patience = 15 * time.Minute

// Browser signs in with the system's browser. The provider sends it back to a port of this machine's loopback that is
// open for this one answer (RFC 8252 section 7.3). The browser is started with an address of that port, good once, which
// leads to the provider: argument lists can be read by every user of the machine, and who has state and nonce could hand
// in a sign-in of their own. The errors are ErrIssuer, ErrRefused, ErrAnswer, or ctx's.
func Browser(ctx context.Context, cfg Config) (Tokens, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p, ctx, err := discover(ctx, cfg)
	if err != nil {
		return Tokens{}, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return Tokens{}, err
	}
	p.oauth.RedirectURL = "http://" + l.Addr().String() + "/"
	state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	address := p.oauth.AuthCodeURL(state, gooidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))
	start := rand.Text()
	answers := listen(ctx, l, state, start, address)
	cfg.Say(Prompt{URL: address})
	if cfg.Open != nil {
		_ = cfg.Open(p.oauth.RedirectURL + "?start=" + start) // the person has the address
	}
	select {
	case a := <-answers:
		return p.exchange(ctx, a, nonce, verifier)
	case <-ctx.Done():
		return Tokens{}, ctx.Err()
	}
}

// exchange takes the code to the token endpoint, if the answer is this provider's.
func (p *provider) exchange(ctx context.Context, a url.Values, nonce, verifier string) (Tokens, error) {
	if iss := a.Get("iss"); iss != p.cfg.Issuer && (iss != "" || p.issued) {
		return Tokens{}, fmt.Errorf("%w: issuer", ErrAnswer) // another provider's answer: the mix-up attack of RFC 9207
	}
	if code := a.Get("error"); code != "" {
		return Tokens{}, fmt.Errorf("%w: %s", ErrRefused, brief(code+" "+a.Get("error_description")))
	}
	t, err := p.oauth.Exchange(ctx, a.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return Tokens{}, refused(err)
	}
	return p.first(ctx, t, nonce)
}

// listen sends the browser to the provider, once, takes the one answer that carries the state, and closes. Whatever else
// comes (a prefetch, another program's guess) is told nothing and changes nothing.
func listen(ctx context.Context, l net.Listener, state, start, address string) <-chan url.Values {
	answers := make(chan url.Values, 1)
	var started, taken atomic.Bool
	is := func(got, want string) bool { return subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1 }
	s := &http.Server{ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch q := r.URL.Query(); {
		case r.Method != http.MethodGet || r.URL.Path != "/":
			http.NotFound(w, r)
		case is(q.Get("start"), start) && started.CompareAndSwap(false, true):
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, address, http.StatusSeeOther)
		case is(q.Get("state"), state) && taken.CompareAndSwap(false, true):
			farewell(w) // first: with the answer the program may end
			answers <- q
		default:
			http.NotFound(w, r)
		}
	})
	go s.Serve(l)
	context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		s.Shutdown(ctx)
	})
	return answers
}

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>tallykey</title><style>:root{color-scheme:light dark;font:16px/1.5 system-ui}body{margin:20vh auto;max-width:28rem;padding:0 1.5rem}</style>
<h1>Back to the terminal</h1><p>It says how the sign-in ended. You can close this page.</p>
<p lang="de">Das Terminal sagt, wie die Anmeldung endete. Sie können diese Seite schließen.</p></html>
`

// farewell holds nothing of the answer.
func farewell(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Connection", "close")
	fmt.Fprint(w, page)
	_ = http.NewResponseController(w).Flush() // a browser that left has seen what it wanted
}
