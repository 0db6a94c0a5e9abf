package trial

import (
	"errors"
	"net"
	"net/netip"
	"testing"
)

// arrivals is a listener of connections that come from where a test says.
type arrivals chan *arrival

type arrival struct {
	net.Conn
	from   string
	closed bool
}

func (a *arrival) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(a.from))
}
func (a *arrival) Close() error { a.closed = true; return nil }

var errNoMore = errors.New("no more")

func (a arrivals) Accept() (net.Conn, error) {
	c, ok := <-a
	if !ok {
		return nil, errNoMore
	}
	return c, nil
}
func (a arrivals) Close() error   { return nil }
func (a arrivals) Addr() net.Addr { return nil }

// let lets everybody try to come in and returns who did.
func let(g *gate, all ...*arrival) []net.Conn {
	door := make(arrivals, len(all))
	for _, a := range all {
		door <- a
	}
	close(door)
	g.Listener = door
	var in []net.Conn
	for {
		c, err := g.Accept()
		if err != nil {
			return in
		}
		in = append(in, c)
	}
}

func TestOnlyTheLocalNetworkIsLetIn(t *testing.T) {
	g := newGate(nil)
	for from, want := range map[string]bool{
		"192.168.1.9:5000": true, "10.1.2.3:5000": true, "172.16.0.9:5000": true, "127.0.0.1:5000": true, "169.254.3.4:5000": true,
		"[fe80::1%eth0]:5000": true, "[fd00::9]:5000": true, "[::ffff:192.168.1.9]:5000": true,
		"203.0.113.9:5000": false, "100.64.0.9:5000": false, "172.32.0.9:5000": false, "[2001:db8::9]:5000": false,
		"[::ffff:203.0.113.9]:5000": false, "0.0.0.0:5000": false,
	} {
		a := &arrival{from: from}
		if in := let(g, a); (len(in) == 1) != want || a.closed == want {
			t.Errorf("%s: let in %d, hung up: %t", from, len(in), a.closed)
		}
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	g := newGate(nil)
	crowd := func(from string, n int) (all []*arrival) {
		for range n {
			all = append(all, &arrival{from: from})
		}
		return all
	}
	one := let(g, crowd("192.168.1.9:1", maxPerAddress+3)...)
	if len(one) != maxPerAddress {
		t.Errorf("%d of one machine", len(one))
	}
	if in := let(g, crowd("192.168.1.10:1", 1)...); len(in) != 1 {
		t.Error("one machine keeps another out")
	}
	one[0].Close()
	one[0].Close()
	if in := let(g, crowd("192.168.1.9:1", 2)...); len(in) != 1 {
		t.Errorf("%d came for one that left", len(in))
	}
	for n := byte(20); n < 40; n++ {
		let(g, crowd(netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 168, 1, n}), 1).String(), maxPerAddress)...)
	}
	if g.total != maxConnections {
		t.Errorf("%d connections", g.total)
	}
}
