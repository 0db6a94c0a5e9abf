// Package trial serves the phone app from this desktop, for people who have no HTTPS host yet. Browsers let a page use
// cryptography only where it came over HTTPS, so it is HTTPS, by a certificate that this desktop signed itself. Browsers
// warn of that, and rightly: nobody but the person vouches for it, by comparing its fingerprint with the one on the
// desktop. docs/trial.md says what that is worth.
//
// It runs only while the person wants it. It gives the files of the app and nothing else, to machines of the local
// network and to nobody else, and a slow or greedy client costs little.
package trial

import (
	"cmp"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// patience is how long a client may take for a TLS handshake, for a request, and between requests.
const patience = 10 * time.Second

// maxHeader bounds a request, in bytes; nobody sends a body.
const maxHeader = 8 << 10

// Kept is what must outlive a restart. A phone's browser keeps its keys by address and port, and the person's word on the
// certificate by the certificate.
type Kept struct {
	CertificatePEM []byte // certificate and private key
	Port           uint16
}

// Config is what a Server works with. Now, Log and Patience may be left out.
type Config struct {
	App       http.Handler        // the phone app
	Host      string              // mDNS name of this desktop
	Port      uint16              // to be used if it is free and no other was kept
	Addresses func() []netip.Addr // of this desktop, best first
	Load      func() (Kept, bool)
	Keep      func(Kept) error
	Now       func() time.Time
	Log       *slog.Logger
	Patience  time.Duration // 0: 10 seconds
}

// Place is where the app is served, and what the browser's warning should show.
type Place struct {
	URL         string
	Fingerprint string // SHA-256 of the certificate in DER, as pairs of hexadecimal digits with colons
}

// ErrNoAddress means that this desktop has no address in a local network.
var ErrNoAddress = errors.New("trial: no address in a local network")

// Server serves the app between Start and Stop. It is safe for concurrent use.
type Server struct {
	cfg   Config
	http  *http.Server
	port  uint16
	ended chan struct{} // closed when the port is free again

	mu   sync.Mutex
	cert *tls.Certificate
}

// Start begins to serve. The port is the one of last time, so that phones find their keys; where that is taken, another
// one until the next start.
func Start(cfg Config) (*Server, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Patience == 0 {
		cfg.Patience = patience
	}
	s := &Server{cfg: cfg, ended: make(chan struct{})}
	if _, err := s.certificate(); err != nil {
		return nil, err
	}
	l, err := s.listen()
	if err != nil {
		return nil, err
	}
	s.http = s.server()
	go func() {
		defer close(s.ended)
		defer l.Close()
		s.http.ServeTLS(newGate(l), "", "") // until Stop
	}()
	return s, nil
}

// listen opens the port and keeps it, if none is kept yet.
func (s *Server) listen() (net.Listener, error) {
	kept, _ := s.cfg.Load()
	l, err := listenOn(cmp.Or(kept.Port, s.cfg.Port))
	if err != nil && kept.Port != 0 {
		s.cfg.Log.Warn("the trial's port is taken: phones that paired there do not find the app", "port", kept.Port)
	}
	if err != nil {
		l, err = listenOn(0)
	}
	if err != nil {
		return nil, fmt.Errorf("trial: %w", err)
	}
	s.port = uint16(l.Addr().(*net.TCPAddr).Port)
	if kept.Port == 0 {
		kept.Port = s.port
		if err := s.cfg.Keep(kept); err != nil {
			s.cfg.Log.Warn("the trial's port is not kept: phones that pair now will not find the app", "err", err)
		}
	}
	return l, nil
}

func listenOn(port uint16) (net.Listener, error) {
	return net.Listen("tcp", ":"+strconv.Itoa(int(port)))
}

func (s *Server) server() *http.Server {
	var only http.Protocols
	only.SetHTTP1(true) // one request at a time on a connection: connections are what is counted
	return &http.Server{Handler: s.guard(s.cfg.App), Protocols: &only, MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: s.cfg.Patience, ReadTimeout: s.cfg.Patience, IdleTimeout: s.cfg.Patience,
		WriteTimeout: 3 * s.cfg.Patience,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return s.certificate()
		}},
		// Each look at the browser's warning is a handshake that fails; that is no news.
		ErrorLog: log.New(debugWriter{s.cfg.Log}, "", 0)}
}

// debugWriter takes lines of net/http's log.
type debugWriter struct{ log *slog.Logger }

func (w debugWriter) Write(line []byte) (int, error) {
	w.log.Debug("trial", "http", strings.TrimSpace(string(line)))
	return len(line), nil
}

// guard answers only who asked for this desktop by an address of the local network or by its name: a website whose name
// was made to point here gets nothing.
func (s *Server) guard(app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		a, err := netip.ParseAddr(strings.Trim(host, "[]"))
		if host != s.cfg.Host && (err != nil || !Local(a)) {
			http.Error(w, "misdirected request", http.StatusMisdirectedRequest)
			return
		}
		app.ServeHTTP(w, r)
	})
}

// Stop ends all connections and frees the port. It may be called more than once.
func (s *Server) Stop() {
	s.http.Close()
	<-s.ended
}

// Place says where phones find the app now. It fails with ErrNoAddress where no phone can reach this desktop.
func (s *Server) Place() (Place, error) {
	cert, err := s.certificate()
	if err != nil {
		return Place{}, err
	}
	for _, a := range s.cfg.Addresses() {
		if Local(a) {
			at := netip.AddrPortFrom(a, s.port)
			return Place{URL: "https://" + at.String() + "/", Fingerprint: Fingerprint(cert.Certificate[0])}, nil
		}
	}
	return Place{}, ErrNoAddress
}

// Fingerprint is the SHA-256 of a certificate in DER as browsers show it: AB:CD:…
func Fingerprint(der []byte) string {
	hash := sha256.Sum256(der)
	pairs := make([]string, len(hash))
	for i, b := range hash {
		pairs[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(pairs, ":")
}
