package virtual

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/netip"
	"sync"
	"time"

	"tallykey/phone/link"
	"tallykey/phone/virtual/dial"
)

const (
	dialLimit  = 3 * time.Second        // for one set of addresses, and for the answer to the greeting
	headStart  = 700 * time.Millisecond // of the known addresses
	findLimit  = 6 * time.Second
	idleBeat   = 10 * time.Second // between pings while nothing is asked
	busyBeat   = 500 * time.Millisecond
	mostMissed = 3
)

// errSilent means that a desktop stopped answering. The connection itself would not tell: against a desktop that was
// restarted it can stay up for ever.
var errSilent = errors.New("virtual: desktop is silent")

var errNotFound = errors.New("virtual: desktop not found")

// line is the way to a desktop. It outlives its connections.
type line struct {
	work *sync.WaitGroup // of the requests that come by it
	mu   sync.Mutex
	conn *dial.Conn // nil while there is none
}

func newLine(work *sync.WaitGroup) *line { return &line{work: work} }

func (l *line) set(c *dial.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = c
}

// send drops what can't be sent: the desktop asks again when it is back.
func (l *line) send(m link.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		l.conn.Send(m) // an error means that the connection ends, which its reader notices
	}
}

// target is a desktop to connect to.
type target struct {
	id          string
	places      []netip.AddrPort
	certificate [sha256.Size]byte
	secret      link.Secret
}

// connect tries the known addresses, and soon whatever discovery says as well. A wrong place shows by its certificate.
func (p *Phone) connect(ctx context.Context, t target) (*dial.Conn, error) {
	ctx, stop := context.WithTimeout(ctx, findLimit)
	defer stop()
	type result struct {
		conn *dial.Conn
		err  error
	}
	results := make(chan result, 2)
	go func() {
		conn, err := p.dial(ctx, t, t.places)
		results <- result{conn, err}
	}()
	go func() {
		conn, err := p.search(ctx, t)
		results <- result{conn, err}
	}()
	first := <-results
	if first.err == nil {
		go func() { // the other one ends with ctx, or has just come too late
			if other := <-results; other.err == nil {
				other.conn.Close()
			}
		}()
		return first.conn, nil
	}
	second := <-results
	if second.err != nil {
		return nil, errors.Join(first.err, second.err)
	}
	return second.conn, nil
}

// search dials what discovery says.
func (p *Phone) search(ctx context.Context, t target) (conn *dial.Conn, err error) {
	if !sleep(ctx, headStart) {
		return nil, ctx.Err()
	}
	err = errNotFound
	missing := p.Find(ctx, t.id, func(at []netip.AddrPort) bool {
		conn, err = p.dial(ctx, t, at)
		return err == nil
	})
	if err != nil {
		return nil, errors.Join(err, missing)
	}
	return conn, nil
}

func (p *Phone) dial(ctx context.Context, t target, at []netip.AddrPort) (*dial.Conn, error) {
	ctx, stop := context.WithTimeout(ctx, dialLimit)
	defer stop()
	return dial.Open(ctx, dial.Config{Addresses: at, Certificate: t.certificate, Secret: t.secret, Now: p.Now})
}

// converse reads a connection until it ends, ctx ends or take returns an error. It answers pings and sees to it that
// the desktop is there, more often while a request waits.
func (p *Phone) converse(ctx context.Context, c *dial.Conn, desktop string, take func(link.Message) error) error {
	for missed, n := 0, 0; ; {
		m, err := receive(ctx, c, p.beat(desktop))
		switch {
		case err == nil:
			missed = 0
		case !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil:
			return err
		case missed == mostMissed:
			return errSilent
		default:
			missed, n = missed+1, n+1
			if err := c.Send(&link.Ping{N: n}); err != nil {
				return err
			}
			continue
		}
		switch m := m.(type) {
		case *link.Pong:
		case *link.Ping:
			err = c.Send(&link.Pong{N: m.N})
		default:
			err = take(m)
		}
		if err != nil {
			return err
		}
	}
}

func receive(ctx context.Context, c *dial.Conn, limit time.Duration) (link.Message, error) {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	return c.Receive(ctx)
}

func (p *Phone) beat(desktop string) time.Duration {
	if p.inbox.waits(desktop) {
		return busyBeat
	}
	return idleBeat
}

// about passes a message about a request to it; false if it is none.
func (p *Phone) about(desktop string, m link.Message) bool {
	switch m := m.(type) {
	case *link.NumberRight:
		p.inbox.hear(desktop, m.ID, m)
	case *link.Ended:
		p.inbox.hear(desktop, m.ID, m)
	case *link.Paired:
		p.inbox.hear(desktop, m.ID, m)
	default:
		return false
	}
	return true
}
