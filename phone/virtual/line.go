package virtual

import (
	"sync"
	"time"

	"tallykey/phone/link"
	"tallykey/phone/virtual/dial"
)

// line is the way to a desktop. It outlives its connections.
type line struct {
	work *sync.WaitGroup // of the requests that come by it

	mu    sync.Mutex // guards the fields that follow
	conn  *dial.Conn // nil while there is none
	syncs bool       // the desktop takes registrations, forget and goodbye
	muted int        // requests that want the phone to be as good as dead
	asked time.Time  // when an announcement last had the connection tried
}

func newLine(work *sync.WaitGroup) *line { return &line{work: work} }

// set notes the connection that the desktop took, or nil.
func (l *line) set(c *dial.Conn, syncs bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn, l.syncs = c, syncs
}

// send drops what can't be sent: the desktop asks again when it is back.
func (l *line) send(m link.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil && l.muted == 0 {
		l.conn.Send(m) // an error means that the connection ends, which its reader notices
	}
}

// tell sends what make returns to a desktop that takes it. While it is made nothing else goes out: a removal that is
// made meanwhile is told after the list that may still have the registration.
func (l *line) tell(make func() []link.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil || !l.syncs || l.muted > 0 {
		return
	}
	for _, m := range make() {
		l.conn.Send(m)
	}
}

// talks says whether the desktop is connected and whether it takes goodbye.
func (l *line) talks() (connected, syncs bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn != nil, l.syncs
}

// mute makes the phone as good as dead for this desktop until mute is called with -1 as often as with 1.
func (l *line) mute(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.muted += n
}

func (l *line) isMuted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.muted > 0
}

// doubtEvery bounds how often announcements, which anybody can make up, have a connection tried.
const doubtEvery = 500 * time.Millisecond

// doubt has the connection tried at once: the desktop has just announced itself.
func (l *line) doubt(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil && now.Sub(l.asked) >= doubtEvery {
		l.asked = now
		l.conn.Doubt()
	}
}

// cut breaks the connection, as a radio that changes its access point does.
func (l *line) cut() {
	l.mu.Lock()
	conn := l.conn
	l.mu.Unlock()
	if conn != nil {
		conn.Close()
	}
}

// text sends a text as it stands.
func (l *line) text(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		l.conn.SendText(s)
	}
}

// lines are the ways to all desktops that are attended.
type lines struct {
	mu  sync.Mutex
	all map[string]*line // by what the desktop calls this phone
}

func (ls *lines) add(phone string, l *line) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.all == nil {
		ls.all = map[string]*line{}
	}
	ls.all[phone] = l
}

func (ls *lines) remove(phone string) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	delete(ls.all, phone)
}

func (ls *lines) of(phone string) *line {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.all[phone]
}

// each calls f for every line, by what the desktop calls this phone.
func (ls *lines) each(f func(phone string, l *line)) {
	ls.mu.Lock()
	all := make(map[string]*line, len(ls.all))
	for phone, l := range ls.all {
		all[phone] = l
	}
	ls.mu.Unlock()
	for phone, l := range all {
		f(phone, l)
	}
}
