package doctor

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/ipv4"
)

// mdnsGroup is where questions for names are sent, RFC 6762 section 3.
var mdnsGroup = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}

// An answer comes within milliseconds on this very machine. A question may be lost, so it is asked again.
const (
	askAgain   = 300 * time.Millisecond
	askTimes   = 4
	maxMessage = 9000 // RFC 6762 section 17
)

var errNobody = errors.New("nobody answers")

// resolve asks for the IPv4 addresses of a name in .local, as a browser without a cache does (RFC 6762 section 5.1: from a
// port of its own, so that the answer comes to it alone).
func resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	name, err := dnsmessage.NewName(host + ".")
	if err != nil {
		return nil, err
	}
	question := dnsmessage.Message{Questions: []dnsmessage.Question{{Name: name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}}}
	packet, err := question.Pack()
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp4", nil)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	for range askTimes {
		if found := ask(ctx, conn, packet, name); len(found) > 0 {
			return found, nil
		}
	}
	return nil, errNobody
}

// ask sends the question to every network and waits a moment for an answer.
func ask(ctx context.Context, conn *net.UDPConn, packet []byte, name dnsmessage.Name) []netip.Addr {
	on := ipv4.NewPacketConn(conn)
	all, _ := multicasting()
	for _, i := range all {
		on.SetMulticastLoopback(true)
		if on.SetMulticastInterface(&i) == nil {
			conn.WriteToUDP(packet, mdnsGroup) // that it can't be sent shows by the answer
		}
	}
	until := time.Now().Add(askAgain)
	if end, ok := ctx.Deadline(); ok && end.Before(until) {
		until = end
	}
	conn.SetReadDeadline(until)
	buffer := make([]byte, maxMessage)
	for {
		n, _, err := conn.ReadFromUDP(buffer)
		if err != nil {
			return nil
		}
		if found := answerFor(buffer[:n], name); len(found) > 0 {
			return found
		}
	}
}

// answerFor reads the addresses of name from a message that anybody may have sent.
func answerFor(packet []byte, name dnsmessage.Name) (out []netip.Addr) {
	var m dnsmessage.Message
	if m.Unpack(packet) != nil || !m.Response {
		return nil
	}
	for _, a := range m.Answers {
		if body, ok := a.Body.(*dnsmessage.AResource); ok && a.Header.Name == name {
			out = append(out, netip.AddrFrom4(body.A))
		}
	}
	return out
}
