package trial

import (
	"net"
	"net/netip"
	"sync"
)

// Limits of connections. A browser opens six to one host.
const (
	maxConnections = 64
	maxPerAddress  = 12
)

// Local says whether an address is one of a local network: private, link-local or of this machine.
func Local(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	return a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsLoopback()
}

// gate is a listener that lets in machines of the local network, and of these not too many connections.
type gate struct {
	net.Listener

	mu    sync.Mutex
	count map[netip.Addr]int
	total int
}

func newGate(l net.Listener) *gate { return &gate{Listener: l, count: map[netip.Addr]int{}} }

// Accept implements net.Listener. Who is not let in is hung up on without a word.
func (g *gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from, ok := g.enter(c.RemoteAddr())
		if ok {
			return &guest{Conn: c, leave: sync.OnceFunc(func() { g.leave(from) })}, nil
		}
		c.Close()
	}
}

func (g *gate) enter(remote net.Addr) (netip.Addr, bool) {
	at, err := netip.ParseAddrPort(remote.String())
	from := at.Addr().WithZone("").Unmap()
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil || !Local(from) || g.total >= maxConnections || g.count[from] >= maxPerAddress {
		return from, false
	}
	g.total++
	g.count[from]++
	return from, true
}

func (g *gate) leave(from netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total--
	if g.count[from]--; g.count[from] == 0 {
		delete(g.count, from)
	}
}

// guest is a connection that was let in.
type guest struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (g *guest) Close() error {
	g.leave()
	return g.Conn.Close()
}
