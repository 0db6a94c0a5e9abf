package phonelink

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"tallykey/phone/link"
)

// OfferPeer is the peer of Config.Find for whoever came with the pairing link.
const OfferPeer = "offer"

// ErrAway means that the phone is not connected.
var ErrAway = errors.New("phonelink: phone is not connected")

const (
	helloLimit = 10 * time.Second // from the open channel to the first message
	// A phone that pairs is watched, so that another attempt with the same link need not wait for a dead page.
	offerInterval = 2 * time.Second
	offerSilence  = 10 * time.Second
)

// HubConfig is what a Hub needs; all but Log must be set. The callbacks of one phone come one after the other, in the
// order of its messages; those of different phones come from different goroutines. None runs under a lock.
type HubConfig struct {
	// Paired returns the device key of a phone that is (still) paired.
	Paired func(phone string) (deviceKey *ecdsa.PublicKey, ok bool)
	// Welcome is what the desktop says of itself to a phone now.
	Welcome func(peer string) *link.Welcome
	// Up and Down alternate: a phone that connects anew goes down first. Up's phone has had its Welcome.
	Up   func(phone string, hello *link.Hello)
	Down func(phone string)
	// Message gets what phones that are up say of requests, registrations and their push service. Of OfferPeer it gets PairWith first, which
	// stands for Up, then what it says of the request; Down(OfferPeer) follows.
	Message func(peer string, m link.Message)
	Log     *slog.Logger
}

// Hub is the Handler that keeps one session per paired phone and one for pairing. A newer session of a phone replaces
// the older; a second one on the pairing link is refused while the first is alive, so that nobody who saw the code too
// can push aside the phone that pairs.
type Hub struct {
	cfg   HubConfig
	log   *slog.Logger
	clock clock

	mu     sync.Mutex          // guards the fields that follow; nothing is called under it
	new    map[*Session]timer  // open, first message not yet seen
	latest map[string]*Session // the newest that was greeted, by peer; perhaps still waiting for its forerunner's end
	up     map[string]*Session // after Up or PairWith
	beats  map[string]heartbeat
	backs  map[string]time.Duration // how long phones that were up may need to come back
}

type heartbeat struct{ interval, limit time.Duration }

// NewHub makes a hub without phones.
func NewHub(cfg HubConfig) *Hub {
	h := &Hub{cfg: cfg, log: cfg.Log, clock: systemClock{}, new: map[*Session]timer{}, latest: map[string]*Session{},
		up: map[string]*Session{}, beats: map[string]heartbeat{}, backs: map[string]time.Duration{}}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	return h
}

// Send sends to a phone, or to OfferPeer. Without its session the error is ErrAway.
func (h *Hub) Send(peer string, m link.Message) error {
	h.mu.Lock()
	s := h.up[peer]
	h.mu.Unlock()
	if s == nil {
		return ErrAway
	}
	err := s.Send(m)
	if errors.Is(err, ErrClosed) {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return err
}

// Refresh says the welcome again to every phone that is up: the desktop's name, port or addresses have changed.
func (h *Hub) Refresh() {
	for _, peer := range h.Connected() {
		if err := h.Send(peer, h.cfg.Welcome(peer)); err != nil {
			h.log.Debug("welcome not repeated", "peer", peer, "err", err)
		}
	}
}

// Connected returns the ids of the phones that are up, sorted.
func (h *Hub) Connected() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for peer := range h.up {
		if peer != OfferPeer {
			all = append(all, peer)
		}
	}
	slices.Sort(all)
	return all
}

// Heartbeat sets how a phone is watched while somebody waits for it; see Session.Heartbeat. The setting outlives the
// session and holds for the next, until an interval of 0 ends it.
func (h *Hub) Heartbeat(peer string, interval, limit time.Duration) {
	h.mu.Lock()
	h.beats[peer] = heartbeat{interval, limit}
	if interval <= 0 {
		delete(h.beats, peer)
	}
	s := h.up[peer]
	h.mu.Unlock()
	if s != nil {
		s.Heartbeat(interval, limit)
	}
}

// Return is how long a phone that was up may need to connect again, by what its last connection was like: 8 s at most.
func (h *Hub) Return(peer string) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.backs[peer]
}

// Drop refuses a phone with a code of the code table and closes all its sessions: it was removed, or pairing is over.
// Down follows.
func (h *Hub) Drop(peer string, code string) {
	h.mu.Lock()
	var all []*Session
	for s := range h.new {
		if s.Peer() == peer {
			all = append(all, s)
		}
	}
	if s := h.latest[peer]; s != nil {
		all = append(all, s)
	}
	delete(h.beats, peer)
	delete(h.backs, peer)
	h.mu.Unlock()
	for _, s := range all {
		s.Refuse(code)
	}
}

// Opened implements Handler.
func (h *Hub) Opened(s *Session) {
	h.mu.Lock()
	mine := 0
	for other := range h.new {
		if other.Peer() == s.Peer() {
			mine++
		}
	}
	if mine < maxHalfOpenPerPeer { // silent ones are as good as half-open
		h.new[s] = h.clock.AfterFunc(helloLimit, s.Close)
	}
	h.mu.Unlock()
	if mine >= maxHalfOpenPerPeer {
		s.Close()
	}
}

// Message implements Handler.
func (h *Hub) Message(s *Session, m link.Message) {
	if h.waits(s) {
		h.first(s, m)
		return
	}
	switch m.(type) {
	case *link.Received, *link.Number, *link.Answer, *link.Decline:
		h.cfg.Message(s.Peer(), m)
	case *link.Registrations, *link.Forget, *link.Goodbye, *link.PushSubscription:
		if s.Peer() == OfferPeer { // it is nobody's phone yet
			s.Refuse("message_invalid")
			return
		}
		h.cfg.Message(s.Peer(), m)
	default: // a second greeting, or what only a desktop says
		h.log.Warn("unexpected message", "peer", s.Peer(), "type", m.Type())
		s.Refuse("message_invalid")
	}
}

// waits says whether this is the session's first message, once.
func (h *Hub) waits(s *Session) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	limit, ok := h.new[s]
	if ok {
		limit.Stop()
		delete(h.new, s)
	}
	return ok
}

// Closed implements Handler.
func (h *Hub) Closed(s *Session) {
	h.waits(s)
	h.mu.Lock()
	peer := s.Peer()
	down := h.up[peer] == s
	if down {
		delete(h.up, peer)
		h.backs[peer] = s.back()
	}
	if h.latest[peer] == s {
		delete(h.latest, peer)
	}
	h.mu.Unlock()
	if down {
		h.log.Info("phone disconnected", "peer", peer)
		h.cfg.Down(peer)
	}
}
