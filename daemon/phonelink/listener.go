// Package phonelink is the desktop's end of the link to phones: WebRTC data channels on one UDP port, without any
// server between, and the sessions on them.
//
// A phone app is a web page and can't listen, nor open a socket to a host without a public certificate; it can open a
// data channel to an address that it knows. Both sides know enough in advance (from pairing) to write the other's
// session description themselves, so nothing has to be exchanged first. Who sends a first packet that doesn't prove
// the secret of a pairing gets no answer and costs no memory; docs/protocol.md has the details.
//
// Listener accepts connections, Session is one of them, Hub keeps one session per phone and greets.
package phonelink

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

// Limits on connections that are not open yet. Only who has a secret can reach them; the limit per peer keeps one
// broken phone from locking out the others.
const (
	maxHalfOpen        = 32
	maxHalfOpenPerPeer = 4
	setupLimit         = 20 * time.Second // a connection takes six round trips, on a bad link each up to a second and a retry
)

// readBuffer holds what comes while the reader is busy: half a second of five thousand packets a second. With the few
// hundred kilobytes that systems give, a burst of garbage pushes out what phones say.
const readBuffer = 1 << 20

// Handler hears of sessions. For one session the calls come one after the other, Opened first and Closed last; for
// different sessions they come from different goroutines. They may take their time: nothing but the session waits.
type Handler interface {
	Opened(*Session)
	Message(*Session, link.Message)
	Closed(*Session)
}

// Config is what a Listener needs; Log may be nil.
type Config struct {
	// Certificate is the desktop's, see NewCertificate.
	Certificate webrtc.Certificate
	// CertificateOf is the one that a peer pins; nil: all pin Certificate. A peer whose own has expired can't connect.
	CertificateOf func(peer string) webrtc.Certificate
	// Find returns whose fragment it is, by Secret.Owns. It runs on the read loop for every first packet, so it must
	// not wait for anything but a short lock. Its answer is a claim until the listener has checked the password.
	Find    func(link.Ufrag) (peer string, secret link.Secret, ok bool)
	Now     func() time.Time
	Handler Handler
	Log     *slog.Logger

	clock clock // nil: the system's, other than in tests
}

// Stats counts what came in. All but Accepted and Opened were met with silence.
type Stats struct {
	Noise         int64 // not a first packet of this protocol
	Stale         int64 // time outside link.MaxClockDifference
	Unknown       int64 // nobody's tag
	WrongPassword int64
	Used          int64 // good once, and was; the retransmissions of a phone that waits count too
	Replayed      int64 // connectivity checks of an open session that came a second time, from elsewhere
	Capped        int64 // too many half-open connections
	Accepted      int64
	Failed        int64 // accepted, but never opened
	Opened        int64
	HalfOpen      int // now
	Sessions      int // open now
}

// Listener accepts phones on one UDP socket.
type Listener struct {
	cfg   Config
	log   *slog.Logger
	conn  *replayConn
	mux   *ice.UDPMuxDefault
	clock clock
	work  sync.WaitGroup // one for each connection

	arrivals arrivals

	noise, stale, unknown, wrong, again, replays, capped, accepted, failed, opened atomic.Int64

	mu       sync.Mutex // guards the fields that follow; nothing is called under it
	used     used
	half     map[string]int // by peer
	sessions map[*Session]bool
	live     map[link.Ufrag]*Session // the same, those that are set up too
	closed   bool
}

// Listen accepts phones on conn, which it owns from now on.
func Listen(conn *net.UDPConn, cfg Config) (*Listener, error) {
	if cfg.Find == nil || cfg.Now == nil || cfg.Handler == nil {
		return nil, errors.New("phonelink: incomplete configuration")
	}
	if !cfg.Now().Before(cfg.Certificate.Expires()) {
		return nil, fmt.Errorf("phonelink: certificate expired %v", cfg.Certificate.Expires())
	}
	l := &Listener{cfg: cfg, log: cfg.Log, conn: newReplayConn(conn), clock: cfg.clock, used: used{},
		half: map[string]int{}, sessions: map[*Session]bool{},
		live: map[link.Ufrag]*Session{}}
	if l.cfg.CertificateOf == nil {
		l.cfg.CertificateOf = func(string) webrtc.Certificate { return cfg.Certificate }
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.clock == nil {
		l.clock = systemClock{}
	}
	conn.SetReadBuffer(readBuffer) // as far as the system allows
	l.conn.drop = l.replayed
	l.mu.Lock() // the mux reads at once, and admit must not see l before it is complete
	defer l.mu.Unlock()
	l.mux = ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: l.conn, OnUnhandledPacket: l.unhandled,
		Logger: silent.NewLogger("ice")})
	return l, nil
}

// silent keeps the WebRTC libraries' own logs away: they name every packet of a stranger.
var silent = &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}

// Port is the UDP port that phones connect to.
func (l *Listener) Port() uint16 { return l.conn.LocalAddr().(*net.UDPAddr).AddrPort().Port() }

// Done is closed when the listener ended, by Close or because its socket broke.
func (l *Listener) Done() <-chan struct{} { return l.conn.ended }

// Close ends all sessions and the listener. When it returns the handler is called no more.
func (l *Listener) Close() error {
	l.mu.Lock()
	l.closed = true
	open := make([]*Session, 0, len(l.sessions))
	for s := range l.sessions {
		open = append(open, s)
	}
	l.mu.Unlock()
	for _, s := range open {
		s.Close()
	}
	l.work.Wait()
	defer l.conn.end()
	return l.mux.Close()
}

// Stats returns the counters.
func (l *Listener) Stats() Stats {
	st := Stats{Noise: l.noise.Load(), Stale: l.stale.Load(), Unknown: l.unknown.Load(), WrongPassword: l.wrong.Load(),
		Used: l.again.Load(), Replayed: l.replays.Load(), Capped: l.capped.Load(), Accepted: l.accepted.Load(), Failed: l.failed.Load(),
		Opened: l.opened.Load()}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.half {
		st.HalfOpen += n
	}
	st.Sessions = len(l.sessions) - st.HalfOpen
	return st
}

// unhandled is called on the read loop with every packet of no known connection. It never answers and never waits.
func (l *Listener) unhandled(data []byte, from netip.AddrPort) {
	p, err := parseFirst(data)
	if err != nil {
		l.noise.Add(1)
		return
	}
	now := l.cfg.Now()
	if !p.ufrag.Fresh(now) { // before the search, which costs more
		l.late(p, now)
		return
	}
	peer, secret, ok := l.cfg.Find(p.ufrag)
	if !ok || len(secret) < link.OfferSecretBytes { // HMAC takes an empty key, too
		l.unknown.Add(1)
		l.arrivals.noteUnknown(now)
		return
	}
	if !p.proves(secret) {
		l.wrong.Add(1)
		l.arrivals.noteUnknown(now)
		return
	}
	if s := l.admit(peer, secret, p, from, now); s != nil {
		l.accepted.Add(1)
		go l.serve(s, p, secret)
	}
}

// admit makes the state of a connection, or says no with nil.
func (l *Listener) admit(peer string, secret link.Secret, p firstPacket, from netip.AddrPort, now time.Time) *Session {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := 0
	for _, n := range l.half {
		all += n
	}
	if l.closed || all >= maxHalfOpen || l.half[peer] >= maxHalfOpenPerPeer {
		l.capped.Add(1)
		return nil
	}
	if !l.used.take(peer, p.ufrag, now) {
		l.again.Add(1)
		return nil
	}
	s := newSession(peer, p.ufrag, from, l.cfg.Now, l.log)
	s.clock, s.secret = l.clock, secret
	s.checks.take(p.msg.TransactionID, from)
	l.half[peer]++
	l.sessions[s], l.live[p.ufrag] = true, s
	l.work.Add(1)
	return s
}

// serve is the life of one connection.
func (l *Listener) serve(s *Session, p firstPacket, secret link.Secret) {
	defer l.work.Done()
	err := l.open(s, p, secret)
	l.settled(s)
	if err != nil {
		s.end()
	}
	stack := make(chan struct{})
	go func() { // beside the handler, which may take its time
		<-s.done
		s.shut()
		close(stack)
	}()
	if err != nil {
		l.failed.Add(1)
		l.arrivals.note(s.peer, api.CameFailed, l.cfg.Now())
		l.log.Debug("connection not opened", "peer", s.peer, "from", s.from, "err", err)
	} else {
		l.opened.Add(1)
		l.arrivals.note(s.peer, api.CameThrough, l.cfg.Now())
		s.run(l.cfg.Handler)
	}
	<-stack
	l.mux.RemoveConnByUfrag(s.ufrag.String())
	l.mu.Lock()
	delete(l.sessions, s)
	delete(l.live, s.ufrag)
	l.mu.Unlock()
}

// open returns when the data channel is open, or why it never will be.
func (l *Listener) open(s *Session, p firstPacket, secret link.Secret) error {
	limit := l.clock.NewTimer(setupLimit)
	defer limit.Stop()
	if err := l.connect(s, p, secret); err != nil {
		return err
	}
	l.conn.replay(p.raw, s.from)
	select {
	case <-s.opened:
		return nil
	case <-s.done:
		select {
		case <-s.opened: // and left at once; what it said still counts
			return nil
		default:
			return errors.New("ended while it was set up")
		}
	case <-limit.C():
		return errors.New("not set up in time")
	}
}

func (l *Listener) settled(s *Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.half[s.peer]--; l.half[s.peer] == 0 {
		delete(l.half, s.peer)
	}
}
