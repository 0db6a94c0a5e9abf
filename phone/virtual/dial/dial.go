// Package dial opens the phone's end of a connection to a desktop: what the phone app does with the browser's WebRTC,
// done in Go. It knows where the desktop may be and what pairing taught (its certificate and the secret) and nothing
// of what is said afterwards.
package dial

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"

	"tallykey/phone/link"
)

// ErrUnreachable means that no address led to the desktop in time. A desktop that does not know the secret, or finds
// the clock wrong, is silent, too.
var ErrUnreachable = errors.New("dial: desktop not reached")

// ErrHandshake means that somebody answered, but not the desktop that was paired: it has another certificate. Or it was,
// and did not take ours.
var ErrHandshake = errors.New("dial: handshake with another certificate than expected")

// Config says whom to connect to.
type Config struct {
	Addresses   []netip.AddrPort  // tried all at once; at least one
	Certificate [sha256.Size]byte // SHA-256 of the desktop's
	Secret      link.Secret
	Now         func() time.Time // nil: time.Now
	// Own and Ufrag are made anew for each connection where they are left zero, and should be: a certificate that is
	// used twice lets the network follow the phone. Tests set them, and MaxMessage, to break a rule.
	Own        webrtc.Certificate
	Ufrag      link.Ufrag
	MaxMessage int // bytes that the desktop is said to take; 0: link.MaxMessage
	// Weak has Conn.Receive say ErrWeak.
	Weak bool
}

// How pion watches a connection: browsers, too, say "disconnected" after five seconds without an answer.
const (
	disconnectedAfter = 5 * time.Second
	failedAfter       = 20 * time.Second // more
	checkEvery        = 2 * time.Second
	// retransmitWithin is how long after a packet was lost it is sent again, each time.
	retransmitWithin = time.Second
	// handshakeAgain is when a handshake's packets are sent again that had no answer; each time after twice as long.
	handshakeAgain = 300 * time.Millisecond
)

// Open connects. It ends with ctx, then with ErrUnreachable.
func Open(ctx context.Context, cfg Config) (*Conn, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	pc, err := cfg.api().NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{cfg.Own}})
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	yes, zero := true, uint16(0)
	dc, err := pc.CreateDataChannel("tallykey", &webrtc.DataChannelInit{Negotiated: &yes, ID: &zero})
	if err != nil {
		return nil, errors.Join(err, pc.Close())
	}
	c := newConn(cfg.Ufrag, pc, dc)
	if cfg.Weak {
		c.watch()
	}
	if err := cfg.negotiate(ctx, pc); err != nil {
		return nil, errors.Join(err, pc.Close())
	}
	select {
	case <-c.opened:
		return c, nil
	case <-c.done:
		if err = ErrHandshake; pc.ICEConnectionState() == webrtc.ICEConnectionStateFailed {
			err = ErrUnreachable // after half a minute
		}
	case <-ctx.Done():
		err = fmt.Errorf("%w: %w", ErrUnreachable, context.Cause(ctx))
	}
	return nil, errors.Join(err, pc.Close())
}

func (cfg *Config) complete() error {
	if len(cfg.Addresses) == 0 {
		return fmt.Errorf("%w: no address", ErrUnreachable)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.MaxMessage == 0 {
		cfg.MaxMessage = link.MaxMessage
	}
	if cfg.Own.Expires().IsZero() {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return fmt.Errorf("dial: %w", err)
		}
		own, err := webrtc.GenerateCertificate(key)
		if err != nil {
			return fmt.Errorf("dial: %w", err)
		}
		cfg.Own = *own
	}
	if cfg.Ufrag != (link.Ufrag{}) {
		return nil
	}
	hash, err := Fingerprint(cfg.Own)
	if err != nil {
		return err
	}
	var random [8]byte
	if _, err := io.ReadFull(rand.Reader, random[:]); err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	cfg.Ufrag = link.NewUfrag(cfg.Secret, cfg.Now(), random, hash)
	return nil
}

// Fingerprint is the SHA-256 of a certificate in DER.
func Fingerprint(c webrtc.Certificate) (hash [sha256.Size]byte, err error) {
	all, err := c.GetFingerprints()
	if err != nil || len(all) == 0 {
		return hash, fmt.Errorf("dial: fingerprint: %w", err)
	}
	b, err := hex.DecodeString(strings.ReplaceAll(all[0].Value, ":", ""))
	if err != nil || copy(hash[:], b) != len(b) || len(b) != len(hash) {
		return hash, fmt.Errorf("dial: fingerprint of kind %s", all[0].Algorithm)
	}
	return hash, nil
}

func (cfg *Config) api() *webrtc.API {
	var se webrtc.SettingEngine
	se.LoggerFactory = &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	se.SetICETimeouts(disconnectedAfter, failedAfter, checkEvery)
	se.SetSCTPRTOMax(retransmitWithin)
	se.SetDTLSRetransmissionInterval(handshakeAgain)
	se.DisableActiveTCP(true)
	for _, a := range cfg.Addresses {
		if a.Addr().IsLoopback() {
			se.SetIncludeLoopbackCandidate(true)
		}
	}
	return webrtc.NewAPI(webrtc.WithSettingEngine(se), webrtc.WithMediaEngine(&webrtc.MediaEngine{}),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{})) // no audio or video
}

// negotiate makes our description and writes the desktop's for it.
func (cfg *Config) negotiate(ctx context.Context, pc *webrtc.PeerConnection) error {
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return fmt.Errorf("dial: offer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		return fmt.Errorf("dial: offer: %w", err)
	}
	select { // with all candidates there the first check goes out at once, else with the next tick
	case <-gathered:
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUnreachable, context.Cause(ctx))
	}
	if err := pc.SetRemoteDescription(cfg.answer()); err != nil {
		return fmt.Errorf("dial: answer: %w", err)
	}
	return nil
}

func (cfg *Config) answer() webrtc.SessionDescription {
	ufrag := cfg.Ufrag.String()
	lines := []string{"v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE 0",
		"m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:0",
		"a=ice-ufrag:" + ufrag, "a=ice-pwd:" + cfg.Secret.Password(ufrag),
		"a=fingerprint:sha-256 " + strings.ReplaceAll(strings.TrimSpace(fmt.Sprintf("% X", cfg.Certificate[:])), " ", ":"),
		"a=setup:passive", "a=sctp-port:5000", fmt.Sprintf("a=max-message-size:%d", cfg.MaxMessage)}
	for i, a := range cfg.Addresses {
		lines = append(lines, fmt.Sprintf("a=candidate:%d 1 udp %d %s %d typ host", i+1, 2130706431-i, a.Addr(), a.Port()))
	}
	lines = append(lines, "a=end-of-candidates", "")
	return webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: strings.Join(lines, "\r\n")}
}
