package phonelink

import (
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"

	"tallykey/phone/link"
)

// Bounds of one session.
const (
	maxUnread  = 16        // messages between the channel and the handler; beyond, the phone has to wait
	maxUnsent  = 256 << 10 // bytes that the phone has not acknowledged
	flushLimit = time.Second
	restLimit  = time.Second / 4 // for what a phone said before it left; a newer session of it may be waiting meanwhile
)

// Errors of Session.Send.
var (
	ErrClosed = errors.New("phonelink: session is closed")
	ErrSlow   = errors.New("phonelink: the phone does not take its messages")
)

// Session is one open connection of a phone. Its methods may be called from any goroutine, callbacks included.
type Session struct {
	peer   string
	ufrag  link.Ufrag
	secret link.Secret
	checks checks // guarded by the listener
	from   netip.AddrPort
	now    func() time.Time
	log    *slog.Logger
	began  time.Time // monotonic
	clock  clock

	pc *webrtc.PeerConnection // set before anything can use them
	dc *webrtc.DataChannel

	in       chan webrtc.DataChannelMessage
	acked    chan struct{} // the phone has acknowledged everything
	opened   chan struct{}
	done     chan struct{} // the session ends; buffered messages of a phone that left still count
	finished chan struct{} // the handler has been told of the end
	parted   chan struct{} // the data channel is closed on both sides
	open     func()        // closes opened
	end      func()        // closes done
	part     func()        // closes parted
	ours     atomic.Bool   // Close was called: nothing more is read
	heard    atomic.Int64  // when the phone was last heard, as a duration since began
	setup    atomic.Int64  // how long it took to open the channel
	rough    atomic.Int64  // how much longer than its interval the heartbeat heard nothing of a phone that was there

	mu        sync.Mutex    // guards the fields that follow
	rate      rate          // of what the phone says
	heartbeat chan struct{} // closed to stop the running one
	beatOwn   bool          // it was set from outside
}

func newSession(peer string, u link.Ufrag, from netip.AddrPort, now func() time.Time, log *slog.Logger) *Session {
	s := &Session{peer: peer, ufrag: u, from: from, now: now, log: log, began: time.Now(), clock: systemClock{},
		in: make(chan webrtc.DataChannelMessage, maxUnread), acked: make(chan struct{}, 1),
		opened: make(chan struct{}), done: make(chan struct{}), finished: make(chan struct{}), parted: make(chan struct{})}
	s.open = sync.OnceFunc(func() { close(s.opened) })
	s.end = sync.OnceFunc(func() { close(s.done) })
	s.part = sync.OnceFunc(func() { close(s.parted) })
	return s
}

// attach sets all callbacks before the connection can carry anything: the library drops a message that finds none.
func (s *Session) attach(pc *webrtc.PeerConnection, dc *webrtc.DataChannel) {
	s.pc, s.dc = pc, dc
	dc.OnMessage(s.arrived)
	dc.SetBufferedAmountLowThreshold(0)
	dc.OnBufferedAmountLow(func() {
		select {
		case s.acked <- struct{}{}:
		default:
		}
	})
	dc.OnOpen(func() {
		s.setup.Store(int64(time.Since(s.began)))
		s.open()
	})
	dc.OnClose(func() {
		s.end()
		s.part()
	})
	pc.OnICEConnectionStateChange(func(state webrtc.ICEConnectionState) {
		switch state {
		case webrtc.ICEConnectionStateDisconnected:
			s.weak(true)
		case webrtc.ICEConnectionStateConnected:
			s.weak(false)
		}
	})
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed || state == webrtc.PeerConnectionStateClosed {
			s.end()
		}
	})
}

// arrived runs on the channel's own read loop; while it waits, the phone can't send.
func (s *Session) arrived(m webrtc.DataChannelMessage) {
	s.alive()
	select {
	case s.in <- m: // also where the phone has gone since
		return
	default:
	}
	select {
	case s.in <- m:
	case <-s.done:
	}
}

// Peer is what Config.Find called the owner of the secret.
func (s *Session) Peer() string { return s.peer }

// Ufrag is the connection's user name fragment.
func (s *Session) Ufrag() link.Ufrag { return s.ufrag }

// From is the phone's address.
func (s *Session) From() netip.AddrPort { return s.from }

// Done is closed when the session ends.
func (s *Session) Done() <-chan struct{} { return s.done }

// Send queues a message; those of one session arrive in order or not at all. The error is ErrClosed, ErrSlow or
// link.ErrMessage.
func (s *Session) Send(m link.Message) error {
	data, err := link.Encode(m)
	if err != nil {
		return err
	}
	select {
	case <-s.done:
		return ErrClosed
	default:
	}
	if s.dc.BufferedAmount() > maxUnsent {
		return ErrSlow
	}
	s.mu.Lock()
	s.rate.expect(m) // before the answer can be here
	s.mu.Unlock()
	if s.dc.SendText(string(data)) != nil {
		return ErrClosed
	}
	return nil
}

// Close ends the session. It does not wait; what was sent before still goes out, for a second at most.
func (s *Session) Close() {
	s.ours.Store(true)
	s.end()
}

// Refuse tells the phone why and closes.
func (s *Session) Refuse(code string) {
	if err := s.Send(&link.Refused{Code: code}); err != nil {
		s.log.Debug("refusal not sent", "peer", s.peer, "code", code, "err", err)
	}
	s.Close()
}

// run calls the handler until the session is over.
func (s *Session) run(h Handler) {
	defer close(s.finished)
	h.Opened(s)
	for more := true; more; {
		select {
		case m := <-s.in:
			s.take(h, m)
		case <-s.done:
			more = false
		}
	}
	s.rest(h)
	s.Heartbeat(0, 0)
	h.Closed(s)
}

// rest handles what a phone said just before it left: a refusal counts even if the page was closed behind it.
func (s *Session) rest(h Handler) {
	s.untilParted(h)
	for !s.ours.Load() {
		select {
		case m := <-s.in:
			s.take(h, m)
		default:
			return
		}
	}
}

// untilParted goes on reading: the end of the connection overtakes what the channel has not read yet, and only the
// channel's own end comes after it. A connection that broke has no such end.
func (s *Session) untilParted(h Handler) {
	limit := s.clock.NewTimer(restLimit)
	defer limit.Stop()
	for !s.ours.Load() {
		select {
		case m := <-s.in:
			s.take(h, m)
		case <-s.parted:
			return
		case <-limit.C():
			return
		}
	}
}

func (s *Session) take(h Handler, raw webrtc.DataChannelMessage) {
	if s.ours.Load() {
		return
	}
	m, err := s.read(raw)
	if err != nil {
		s.log.Warn("phone breaks the protocol", "peer", s.peer, "err", err)
		s.Refuse("message_invalid")
		return
	}
	switch m := m.(type) {
	case *link.Ping:
		if err := s.Send(&link.Pong{N: m.N}); err != nil {
			s.log.Debug("pong not sent", "peer", s.peer, "err", err)
		}
	case *link.Pong:
	default:
		h.Message(s, m)
	}
}

var (
	errBinary = errors.New("binary message")
	errRate   = errors.New("too many messages")
)

func (s *Session) read(raw webrtc.DataChannelMessage) (link.Message, error) {
	s.mu.Lock()
	ok := s.rate.allow(s.now())
	s.mu.Unlock()
	if !ok {
		return nil, errRate
	}
	if !raw.IsString {
		return nil, errBinary
	}
	return link.Decode(raw.Data)
}

// shut ends the WebRTC stack.
func (s *Session) shut() {
	if s.pc == nil {
		return
	}
	s.flush()
	s.farewell()
	if err := s.pc.Close(); err != nil {
		s.log.Debug("close", "peer", s.peer, "err", err)
	}
}

// flush waits until the phone has acknowledged what was sent: closing discards the rest, and with it the reason.
func (s *Session) flush() {
	limit := s.clock.NewTimer(flushLimit)
	defer limit.Stop()
	for s.dc.ReadyState() == webrtc.DataChannelStateOpen && s.dc.BufferedAmount() > 0 {
		select {
		case <-s.acked:
		case <-limit.C():
			return
		}
	}
}

// farewell closes the data channel before what carries it, and waits until the phone has done the same: that comes after
// everything that was sent, while the end of the association overtakes what the phone has not read yet.
func (s *Session) farewell() {
	if !s.ours.Load() || s.dc.ReadyState() != webrtc.DataChannelStateOpen || s.dc.Close() != nil {
		return
	}
	limit := s.clock.NewTimer(flushLimit)
	defer limit.Stop()
	select {
	case <-s.parted:
	case <-limit.C():
	}
}
