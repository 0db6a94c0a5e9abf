package phonelink

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// replayConn is a UDP socket on which a packet can be read again. The first packet of a connection arrives before there
// is anything to handle it; reading it once more saves the phone's retransmission, 50 ms and more.
//
// It also outlives read errors: some systems report another host's "port unreachable" as one, and that must not end
// the listener for everybody.
type replayConn struct {
	*net.UDPConn
	drop  func(data []byte, from netip.AddrPort) bool // of what to leave out; may be nil
	again chan packet
	fails int // read errors in a row; only the reader touches it
	ended chan struct{}
	end   func() // closes ended
}

type packet struct {
	data []byte
	from netip.AddrPort
}

// maxReadFails ends a listener whose socket gives nothing but errors.
const maxReadFails = 100

func newReplayConn(c *net.UDPConn) *replayConn {
	ended := make(chan struct{})
	return &replayConn{UDPConn: c, again: make(chan packet, maxHalfOpen), ended: ended,
		end: sync.OnceFunc(func() { close(ended) })}
}

// replay queues a packet for the reader and wakes it. One that finds the queue full is dropped: the phone sends it again.
func (c *replayConn) replay(data []byte, from netip.AddrPort) {
	select {
	case c.again <- packet{data, from}:
		c.SetReadDeadline(time.Unix(1, 0))
	default:
	}
}

// ReadFromAddrPort implements ice.AddrPortReaderWriter.
func (c *replayConn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		select {
		case p := <-c.again:
			return copy(b, p.data), p.from, nil
		default:
		}
		n, from, err := c.ReadFromUDPAddrPort(b)
		if err == nil {
			c.fails = 0
			if c.drop != nil && c.drop(b[:n], from) {
				continue
			}
			return n, from, nil
		}
		if err := c.failed(err); err != nil {
			return 0, netip.AddrPort{}, err
		}
	}
}

// failed returns the error where it ends the socket.
func (c *replayConn) failed(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return c.SetReadDeadline(time.Time{}) // replay's wake-up; a packet queued since is seen before the next read
	}
	if c.fails++; errors.Is(err, net.ErrClosed) || c.fails >= maxReadFails {
		c.end()
		return net.ErrClosed
	}
	return nil
}

// WriteToAddrPort implements ice.AddrPortReaderWriter.
func (c *replayConn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return c.WriteToUDPAddrPort(b, to)
}
