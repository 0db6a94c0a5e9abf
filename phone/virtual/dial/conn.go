package dial

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"tallykey/phone/link"
)

// ErrBinary means that the desktop sent something that is no text.
var ErrBinary = errors.New("dial: binary message")

// ErrWeak means that the desktop has answered no connectivity check for some seconds, or that Doubt was called. The
// connection may recover; it is told once each time, and only where Config.Weak asks for it.
var ErrWeak = errors.New("dial: desktop does not answer connectivity checks")

// Conn is an open connection. Its methods may be called from any goroutine.
type Conn struct {
	ufrag  link.Ufrag
	pc     *webrtc.PeerConnection
	dc     *webrtc.DataChannel
	in     chan webrtc.DataChannelMessage
	acked  chan struct{}
	weak   chan struct{} // nil where nobody wants to know
	opened chan struct{}
	done   chan struct{}
	end    func()
}

func newConn(u link.Ufrag, pc *webrtc.PeerConnection, dc *webrtc.DataChannel) *Conn {
	c := &Conn{ufrag: u, pc: pc, dc: dc, in: make(chan webrtc.DataChannelMessage, 16), acked: make(chan struct{}, 1),
		opened: make(chan struct{}), done: make(chan struct{})}
	c.end = sync.OnceFunc(func() { close(c.done) })
	dc.OnMessage(c.arrived) // before the channel opens: the library drops a message that finds no handler
	dc.SetBufferedAmountLowThreshold(0)
	dc.OnBufferedAmountLow(func() {
		select {
		case c.acked <- struct{}{}:
		default:
		}
	})
	dc.OnOpen(sync.OnceFunc(func() { close(c.opened) }))
	dc.OnClose(c.end)
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateClosed {
			c.end()
		}
	})
	return c
}

func (c *Conn) arrived(m webrtc.DataChannelMessage) {
	select {
	case c.in <- m: // also where the desktop has closed since
		return
	default:
	}
	select {
	case c.in <- m:
	case <-c.done:
	}
}

// Ufrag is the connection's user name fragment, which Hello signs.
func (c *Conn) Ufrag() link.Ufrag { return c.ufrag }

// RoundTrip is how long a packet and its acknowledgement take, by and large; 0 where that is not known.
func (c *Conn) RoundTrip() time.Duration {
	if c.pc.SCTP() == nil {
		return 0
	}
	return time.Duration(c.pc.SCTP().Stats().SmoothedRoundTripTime * float64(time.Second))
}

// Received is how many bytes have come, acknowledgements included.
func (c *Conn) Received() uint64 {
	if c.pc.SCTP() == nil {
		return 0
	}
	return c.pc.SCTP().Stats().BytesReceived
}

// Done is closed when the connection ends.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Send queues a message.
func (c *Conn) Send(m link.Message) error {
	data, err := link.Encode(m)
	if err != nil {
		return err
	}
	return c.SendText(string(data))
}

// SendText queues a text as it stands, which a desktop must refuse where it is no message.
func (c *Conn) SendText(text string) error { return c.dc.SendText(text) }

// watch tells Receive when the desktop stops answering connectivity checks.
func (c *Conn) watch() {
	c.weak = make(chan struct{}, 1)
	c.pc.OnICEConnectionStateChange(func(s webrtc.ICEConnectionState) {
		if s == webrtc.ICEConnectionStateDisconnected {
			c.Doubt()
		}
	})
}

// Doubt has Receive say ErrWeak, where Config.Weak asks for it: something else says that the connection may be dead.
func (c *Conn) Doubt() {
	select {
	case c.weak <- struct{}{}:
	default:
	}
}

// Receive waits for the next message, pings included. The error is io.EOF after the desktop closed, ErrBinary, ErrWeak,
// link.ErrMessage or that of ctx.
func (c *Conn) Receive(ctx context.Context) (link.Message, error) {
	select {
	case m := <-c.in: // first of all, what came before the end
		return decode(m)
	default:
	}
	select {
	case m := <-c.in:
		return decode(m)
	case <-c.weak:
		return nil, ErrWeak
	case <-c.done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	select {
	case m := <-c.in:
		return decode(m)
	default:
		return nil, io.EOF
	}
}

func decode(m webrtc.DataChannelMessage) (link.Message, error) {
	if !m.IsString {
		return nil, ErrBinary
	}
	return link.Decode(m.Data)
}

// Abandon ends the connection at once: there is nobody to wait for. Close it all the same.
func (c *Conn) Abandon() { c.end() }

// Close ends the connection after what was sent has arrived, or a second.
func (c *Conn) Close() error {
	limit := time.NewTimer(time.Second)
	defer limit.Stop()
	for c.dc.ReadyState() == webrtc.DataChannelStateOpen && c.dc.BufferedAmount() > 0 {
		select {
		case <-c.acked:
			continue
		case <-c.done:
		case <-limit.C:
		}
		break
	}
	c.end()
	return c.pc.Close()
}
