package discovery

import (
	"net"
	"net/netip"
	"runtime"
	"sync"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

var (
	group4 = netip.MustParseAddrPort("224.0.0.251:5353")
	group6 = netip.MustParseAddrPort("[ff02::fb]:5353")
)

// socket is mDNS over one address family. Packets say which interface they came from; where the system does not tell
// (Windows), the index is 0.
type socket interface {
	family() int
	group() netip.AddrPort
	join(*net.Interface) error
	read([]byte) (n, index int, from netip.AddrPort, err error)
	write([]byte, *net.Interface, netip.AddrPort) error
	close() error
}

type socket4 struct {
	*ipv4.PacketConn
	mu sync.Mutex // one writer at a time where the outgoing interface is a state of the socket
}

type socket6 struct {
	*ipv6.PacketConn
	mu sync.Mutex
}

// open4 listens beside other programs that do mDNS on this host: for a multicast address net shares the port.
func open4() (socket, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(group4))
	if err != nil {
		return nil, err
	}
	s := &socket4{PacketConn: ipv4.NewPacketConn(conn)}
	s.SetControlMessage(ipv4.FlagInterface, true) // an error means that the index stays 0
	s.SetMulticastTTL(255)                        // RFC 6762 section 11
	s.SetMulticastLoopback(true)
	return s, nil
}

func open6() (socket, error) {
	conn, err := net.ListenUDP("udp6", net.UDPAddrFromAddrPort(group6))
	if err != nil {
		return nil, err
	}
	s := &socket6{PacketConn: ipv6.NewPacketConn(conn)}
	s.SetControlMessage(ipv6.FlagInterface, true)
	s.SetMulticastHopLimit(255)
	s.SetMulticastLoopback(true)
	return s, nil
}

func (*socket4) family() int           { return 4 }
func (*socket6) family() int           { return 6 }
func (*socket4) group() netip.AddrPort { return group4 }
func (*socket6) group() netip.AddrPort { return group6 }
func (s *socket4) close() error        { return s.PacketConn.Close() }
func (s *socket6) close() error        { return s.PacketConn.Close() }

func (s *socket4) join(i *net.Interface) error {
	return s.JoinGroup(i, net.UDPAddrFromAddrPort(group4))
}
func (s *socket6) join(i *net.Interface) error {
	return s.JoinGroup(i, net.UDPAddrFromAddrPort(group6))
}

func (s *socket4) read(b []byte) (n, index int, from netip.AddrPort, err error) {
	n, cm, src, err := s.ReadFrom(b)
	if cm != nil {
		index = cm.IfIndex
	}
	return n, index, source(src), err
}

func (s *socket6) read(b []byte) (n, index int, from netip.AddrPort, err error) {
	n, cm, src, err := s.ReadFrom(b)
	if cm != nil {
		index = cm.IfIndex
	}
	return n, index, source(src), err
}

func source(a net.Addr) netip.AddrPort {
	u, ok := a.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := u.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

func (s *socket4) write(b []byte, i *net.Interface, to netip.AddrPort) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var cm *ipv4.ControlMessage
	if runtime.GOOS == "windows" {
		s.SetMulticastInterface(i)
	} else {
		cm = &ipv4.ControlMessage{IfIndex: i.Index}
	}
	_, err := s.WriteTo(b, cm, net.UDPAddrFromAddrPort(to))
	return err
}

func (s *socket6) write(b []byte, i *net.Interface, to netip.AddrPort) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var cm *ipv6.ControlMessage
	if runtime.GOOS == "windows" {
		s.SetMulticastInterface(i)
	} else {
		cm = &ipv6.ControlMessage{IfIndex: i.Index}
	}
	_, err := s.WriteTo(b, cm, net.UDPAddrFromAddrPort(to))
	return err
}
