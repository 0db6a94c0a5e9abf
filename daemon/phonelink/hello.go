package phonelink

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"math/big"

	"tallykey/phone/link"
)

// first handles the message that a session begins with.
func (h *Hub) first(s *Session, m link.Message) {
	if s.Peer() == OfferPeer {
		h.pairing(s, m)
		return
	}
	hello, ok := m.(*link.Hello)
	if !ok || hello.Phone != s.Peer() && hello.V == link.Version {
		s.Refuse("message_invalid")
		return
	}
	if hello.V != link.Version {
		s.Refuse("version_unknown")
		return
	}
	// The link secret got the phone here; the device key, which can't be copied off the phone, proves that it is the phone.
	key, ok := h.cfg.Paired(s.Peer())
	if !ok || !verify(key, link.HelloProof(s.Ufrag()), hello.Signature) {
		h.log.Warn("phone is not paired", "peer", s.Peer(), "known", ok)
		s.Refuse("phone_removed")
		return
	}
	h.greet(s, hello)
}

// greet makes s the phone's only session.
func (h *Hub) greet(s *Session, hello *link.Hello) {
	peer := s.Peer()
	h.mu.Lock()
	older := h.latest[peer]
	h.latest[peer] = s
	h.mu.Unlock()
	if older != nil {
		older.Close()
		<-older.finished // after its Down; until then nothing of s is read
	}
	if _, ok := h.cfg.Paired(peer); !ok { // removed since: Drop may have looked before s was there to be seen
		s.Refuse("phone_removed")
		return
	}
	if err := s.Send(h.cfg.Welcome(peer)); err != nil {
		h.log.Warn("welcome not sent", "peer", peer, "err", err)
		s.Close()
		return
	}
	if h.enter(s) {
		h.log.Info("phone connected", "peer", peer, "from", s.From(), "app", hello.App)
		h.cfg.Up(peer, hello)
	}
}

// enter puts s up, unless an even newer one came while it waited.
func (h *Hub) enter(s *Session) bool {
	h.mu.Lock()
	peer := s.Peer()
	ok := h.latest[peer] == s
	if ok {
		h.up[peer] = s
	}
	beat := h.beats[peer]
	h.mu.Unlock()
	if ok && beat.interval > 0 {
		s.Heartbeat(beat.interval, beat.limit)
	}
	return ok
}

func (h *Hub) pairing(s *Session, m link.Message) {
	with, ok := m.(*link.PairWith)
	if !ok {
		s.Refuse("message_invalid")
		return
	}
	if with.V != link.Version {
		s.Refuse("version_unknown")
		return
	}
	h.mu.Lock()
	busy := h.latest[OfferPeer] != nil
	if !busy {
		h.latest[OfferPeer], h.up[OfferPeer] = s, s
	}
	h.mu.Unlock()
	if busy {
		s.Refuse("busy")
		return
	}
	s.Heartbeat(offerInterval, offerSilence)
	h.log.Info("phone wants to pair", "from", s.From(), "app", with.App)
	h.cfg.Message(OfferPeer, m)
}

// verify checks an ECDSA P-256 signature over SHA-256 in its raw form, r and s of 32 bytes each, as WebCrypto makes it.
func verify(key *ecdsa.PublicKey, message, signature []byte) bool {
	if key == nil || len(signature) != 64 {
		return false
	}
	hash := sha256.Sum256(message)
	return ecdsa.Verify(key, hash[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
}
