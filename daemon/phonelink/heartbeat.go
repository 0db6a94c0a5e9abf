package phonelink

import (
	"time"

	"tallykey/phone/link"
)

// Heartbeat asks the phone every interval whether it is there, and closes the session when nothing was heard of it for
// limit. It replaces an earlier setting; an interval of 0 stops it. WebRTC itself notices a vanished phone only after
// half a minute, too late for a person who waits; but while nobody waits nothing should wake either side.
func (s *Session) Heartbeat(interval, limit time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
		if silence := time.Since(s.began) - time.Duration(s.heard.Load()); silence > limit {
			s.log.Info("phone is gone", "peer", s.peer, "silence", silence)
			s.Close()
			return
		}
	}
}

// alive notes that the phone was heard.
func (s *Session) alive() { s.heard.Store(int64(time.Since(s.began))) }
