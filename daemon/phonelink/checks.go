package phonelink

import (
	"net/netip"

	"github.com/pion/stun/v4"
)

// checks are the connectivity checks of one session. Whoever overhears a check can send it again from another address: its
// integrity is sound, so ICE would answer, and one that nominates (USE-CANDIDATE) would draw the connection away from the
// phone. A phone never sends a check twice from two addresses, so a transaction that comes from a second one is a replay.
type checks struct {
	seen map[[stun.TransactionIDSize]byte]netip.AddrPort
	from map[netip.AddrPort]bool // where sound checks came from
}

const (
	// maxChecks bounds what is remembered, 700 KB at most: browsers send a check every two seconds or so, so it lasts for
	// half a day. From then on the phone can't move to another address without a new connection.
	maxChecks = 1 << 14
	maxFrom   = 16 // addresses of a phone
)

// take says whether a sound check is no replay, and remembers it.
func (c *checks) take(id [stun.TransactionIDSize]byte, from netip.AddrPort) bool {
	if c.seen == nil {
		c.seen, c.from = map[[stun.TransactionIDSize]byte]netip.AddrPort{}, map[netip.AddrPort]bool{}
	}
	if before, ok := c.seen[id]; ok {
		return before == from
	}
	full := len(c.seen) >= maxChecks
	if !c.from[from] && (full || len(c.from) >= maxFrom) {
		return false
	}
	if !full {
		c.seen[id] = from
	}
	c.from[from] = true
	return true
}

// replayed is called on the read loop with every packet before ICE sees it. It says whether to leave it out: a check of an
// open session that is a replay, or unsound.
func (l *Listener) replayed(data []byte, from netip.AddrPort) bool {
	if !stun.IsMessage(data) {
		return false
	}
	p, err := parseFirst(data)
	if err != nil { // not ours; ICE has no use for it
		return false
	}
	l.mu.Lock()
	s := l.live[p.ufrag]
	l.mu.Unlock()
	if s == nil {
		return false
	}
	if !p.proves(s.secret) {
		l.wrong.Add(1)
		return true
	}
	l.mu.Lock()
	fresh := s.checks.take(p.msg.TransactionID, from)
	l.mu.Unlock()
	if fresh {
		return false
	}
	l.replays.Add(1)
	return true
}
