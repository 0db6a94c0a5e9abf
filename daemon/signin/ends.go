package signin

import (
	"sync"
	"time"

	"tallykey/daemon/api"
	"tallykey/phone/link"
)

// A phone whose connection breaks at the very moment of the end would miss it, and show a request that was approved as one
// that nobody answered. So what a phone was told last of a request is told again when it connects, and when it speaks of
// that request. A phone that knows the end does not mind.
const (
	endsFor = 2 * time.Minute // a phone waits for an end no longer than link.RequestSeconds and some
	maxEnds = 64
)

// ends are the last words of the newest requests.
type ends struct {
	mu  sync.Mutex
	all []lastWord // the oldest first
}

type lastWord struct {
	peer, request string
	said          link.Message
	at            time.Time
}

func (l *ends) put(w lastWord) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all = append(l.all, w); len(l.all) > maxEnds {
		l.all = l.all[1:]
	}
}

// of lists what a peer was told within endsFor: of one request, or of all where it is empty.
func (l *ends) of(peer, request string, now time.Time) (out []link.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.all {
		if w.peer == peer && (request == "" || w.request == request) && now.Sub(w.at) < endsFor {
			out = append(out, w.said)
		}
	}
	return out
}

// finish tells a peer the end of a request. It is noted first: a phone that speaks of the request meanwhile hears the same.
// What a pairing says is not noted, for whoever else comes with its link must not hear it.
func (e *Engine) finish(peer, request string, m link.Message) {
	if peer != OfferPeer {
		e.ends.put(lastWord{peer, request, m, time.Now()})
	}
	e.send(peer, m)
}

// repeat tells a phone that connects what it may have missed.
func (e *Engine) repeat(phone string) {
	for _, m := range e.ends.of(phone, "", time.Now()) {
		e.send(phone, m)
	}
}

// over answers a phone that speaks of a request which is not there any more.
func (e *Engine) over(peer, request string) {
	if told := e.ends.of(peer, request, time.Now()); len(told) > 0 {
		e.send(peer, told[len(told)-1])
		return
	}
	e.send(peer, &link.Ended{ID: request, Code: string(e.logged(peer, request))})
}

// logged is how a request ended for a peer by the activity log, which a restart of the daemon does not empty.
func (e *Engine) logged(peer, request string) api.Code {
	for _, a := range e.cfg.Journal.Since(time.Now().Add(-endsFor)) {
		switch {
		case a.Request != request || a.Action == string(link.Pair):
		case a.Phone != "" && a.Phone != peer:
			return api.AnsweredElsewhere
		default:
			return a.Code
		}
	}
	return api.RequestUnknown
}
