package phonelink

import (
	"time"

	"github.com/pion/webrtc/v4"

	"tallykey/phone/link"
)

// How silence is judged. On a bad radio link three packets in ten are lost, and half of all questions have no answer; one
// that is lost holds up every message behind it for a second, until it is sent again. A phone that is merely far away
// shall not look like one that has gone, nor shall one that has gone be waited for.
const (
	// doubt is the part of an interval after which we ask again once an answer is overdue. Each question is a packet of its
	// own, and the transport acknowledges each at once, whatever it holds back. With one every 100 ms a dozen fall into the
	// limit of the sign-in (1.5 s): that not one of twelve comes through happens three times in ten thousand where half are
	// lost, with the three of a steady interval of 400 ms it would be once in eight.
	doubt = 4
	// Where the round trip is long a limit begins to count that much later.
	stretchRoundTrips = 3
	maxStretch        = 3 * time.Second
	// busyTransport is how many times longer a phone may say nothing while its transport still acknowledges what we send: a
	// question and its answer may each be lost and sent again a second later, several times over. Beyond that the page
	// behind the transport stands still.
	busyTransport = 6
	// enoughAsked is how many questions it takes besides the time, without any packet after them or without any message:
	// where this machine itself stood still, answers wait to be read.
	enoughAsked = 6
)

// What a phone needs to come back is what it needed the last time, more or less: six round trips, some of them twice.
const (
	returnTimes = 3
	maxReturn   = 8 * time.Second
)

// Heartbeat asks the phone every interval whether it is there, four times as often while an answer is overdue, and closes
// the session when no packet of it came for limit and three round trips, or no message for six times that. It replaces an
// earlier setting; an interval of 0 stops it. WebRTC itself notices a vanished phone only after half a minute, too late for
// a person who waits; but while nobody waits nothing should wake either side.
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
	next := s.clock.NewTimer(interval)
	defer next.Stop()
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
		case <-next.C():
		}
		now, t := time.Since(s.began), s.transport()
		heard, roundTrip := time.Duration(s.heard.Load()), time.Duration(t.SmoothedRoundTripTime*float64(time.Second))
		s.rough.Store(max(s.rough.Load(), int64(quiet.hear(t.BytesReceived, now)-interval)))
		quiet.count(heard)
		if quiet.over(now, heard, limit, roundTrip) {
			s.log.Info("phone is gone", "peer", s.peer, "silence", now-heard, "roundTrip", roundTrip)
			s.Close()
			return
		}
		next.Reset(quiet.pause(now, heard, interval, roundTrip))
	}
}

// back is how long the phone may need to connect again, by how long it took and by the longest pause in which it seemed
// gone and was not.
func (s *Session) back() time.Duration {
	return min(returnTimes*time.Duration(s.setup.Load()+s.rough.Load()), maxReturn)
}

// silence watches a transport. Times are durations since the session began.
type silence struct {
	bytes uint64
	since time.Duration // when bytes last changed
	moved asked         // since anything came
	said  asked         // since the last message
}

// asked counts questions that had their time to be answered, from a moment on.
type asked struct {
	from time.Duration
	n    int
}

func (a *asked) count(from time.Duration) {
	if from != a.from {
		*a = asked{from: from}
	}
	a.n++
}

func (a asked) enough() bool { return a.n >= enoughAsked }

// count counts a question that had its time to be answered.
func (q *silence) count(heard time.Duration) {
	q.moved.count(max(q.since, heard))
	q.said.count(heard)
}

// hear returns how long it was silent before, where packets have come.
func (q *silence) hear(bytes uint64, now time.Duration) (before time.Duration) {
	if bytes != q.bytes {
		before = now - q.since
		q.bytes, q.since = bytes, now
	}
	return before
}

// pause is how long to wait before the next question.
func (q *silence) pause(now, heard, interval, roundTrip time.Duration) time.Duration {
	if now-max(q.since, heard) > interval+max(roundTrip, 0) {
		return max(interval/doubt, 1)
	}
	return interval
}

// over says whether a phone is gone that was last heard at a time: as a message, or as any packet.
func (q *silence) over(now, heard, limit, roundTrip time.Duration) bool {
	limit += min(max(stretchRoundTrips*roundTrip, 0), maxStretch)
	said, quiet := now-heard, now-max(q.since, heard)
	return said > limit && quiet > limit && q.moved.enough() || said > busyTransport*limit && q.said.enough()
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
