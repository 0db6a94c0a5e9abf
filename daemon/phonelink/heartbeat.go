package phonelink

import (
	"time"

	"github.com/pion/webrtc/v4"

	"tallykey/phone/link"
)

// What a limit for silence is stretched by. On a bad radio link a lost packet costs a second until it is sent again, and
// a phone that is merely slow shall not look like one that has gone.
const (
	stretchRoundTrips = 3
	maxStretch        = 3 * time.Second
	// busyTransport is how much longer a phone may say nothing while its transport still acknowledges what we send.
	busyTransport = 2
)

// Heartbeat asks the phone every interval whether it is there, and closes the session when nothing was heard of it for
// limit and three round trips: twice that while its transport still answers. It replaces an earlier setting; an interval
// of 0 stops it. WebRTC itself notices a vanished phone only after half a minute, too late for a person who waits; but
// while nobody waits nothing should wake either side.
func (s *Session) Heartbeat(interval, limit time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beatOwn = interval > 0
	s.setBeat(interval, limit)
}

// setBeat needs the lock.
func (s *Session) setBeat(interval, limit time.Duration) {
	if s.heartbeat != nil {
		close(s.heartbeat)
		s.heartbeat = nil
	}
	if interval <= 0 {
		return
	}
	select {
	case <-s.done: // run stops the heartbeat once, at the end
		return
	default:
	}
	s.heartbeat = make(chan struct{})
	s.alive() // the limit counts from here
	go s.beat(s.heartbeat, interval, limit)
}

func (s *Session) beat(stop <-chan struct{}, interval, limit time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	quiet := silence{bytes: s.transport().BytesReceived, since: time.Since(s.began)}
	for n := 1; ; n++ {
		if err := s.Send(&link.Ping{N: n}); err != nil {
			s.log.Debug("ping not sent", "peer", s.peer, "err", err)
		}
		select {
		case <-stop:
			return
		case <-s.done:
			return
		case <-tick.C:
		}
		now, t := time.Since(s.began), s.transport()
		quiet.hear(t.BytesReceived, now)
		roundTrip := time.Duration(t.SmoothedRoundTripTime * float64(time.Second))
		if quiet.over(now, time.Duration(s.heard.Load()), limit, roundTrip) {
			s.log.Info("phone is gone", "peer", s.peer, "silence", now-time.Duration(s.heard.Load()), "roundTrip", roundTrip)
			s.Close()
			return
		}
	}
}

// silence watches a transport. Times are durations since the session began.
type silence struct {
	bytes uint64
	since time.Duration // when bytes last changed
}

func (q *silence) hear(bytes uint64, now time.Duration) {
	if bytes != q.bytes {
		q.bytes, q.since = bytes, now
	}
}

// over says whether a phone is gone that was last heard at a time: as a message, or as any packet.
func (q *silence) over(now, heard, limit, roundTrip time.Duration) bool {
	limit += min(max(stretchRoundTrips*roundTrip, 0), maxStretch)
	said, quiet := now-heard, now-max(q.since, heard)
	return said > limit && (quiet > limit || said > busyTransport*limit)
}

func (s *Session) transport() webrtc.SCTPTransportStats {
	if s.pc == nil || s.pc.SCTP() == nil {
		return webrtc.SCTPTransportStats{}
	}
	return s.pc.SCTP().Stats()
}

// weakInterval and weakSilence are the heartbeat of a connection that ICE finds weak: the phone's checks have stopped. An
// idle phone that has changed its network, or sleeps, is noticed in seconds and not in half a minute, so that the
// desktop shows it as away, and wakes it, when the next request comes.
const (
	weakInterval = 500 * time.Millisecond
	weakSilence  = 2 * time.Second
)

// weak is called with what ICE says of the connection.
func (s *Session) weak(is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.beatOwn: // whoever waits for the phone already asks more often
	case is:
		s.setBeat(weakInterval, weakSilence)
	default:
		s.setBeat(0, 0)
	}
}

// alive notes that the phone was heard.
func (s *Session) alive() { s.heard.Store(int64(time.Since(s.began))) }
