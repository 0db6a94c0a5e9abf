package virtual

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"tallykey/phone/link"
	"tallykey/phone/virtual/dial"
)

const (
	// A connection takes six round trips, and over a radio link at its edge each may take a second and some a second try.
	dialLimit = 12 * time.Second       // for one set of addresses, and for the answer to the greeting
	headStart = 700 * time.Millisecond // of the known addresses
	findLimit = 18 * time.Second
	// nextPortsAfter leaves a slow link the time to answer at the port that is known.
	nextPortsAfter = 5 * time.Second
)

// errSilent means that a desktop stopped answering. The connection itself would not tell: against a desktop that was
// restarted it can stay up for ever.
var errSilent = errors.New("virtual: desktop is silent")

var (
	errNotFound  = errors.New("virtual: desktop not found")
	errHeard     = errors.New("virtual: desktop announces itself and does not answer")
	errNoNetwork = errors.New("virtual: no network")
)

// reason is why a desktop is away, as far as it can be known.
func reason(err error) string {
	switch {
	case errors.Is(err, errHeard):
		return NoAnswer
	case errors.Is(err, errNoNetwork):
		return NoNetwork
	}
	return NotFound
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
		if p.Discover {
			results <- result{nil, errNotFound}
			return
		}
		conn, err := p.dialKnown(ctx, t)
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

// dialKnown tries the last addresses. Where the desktop does not answer soon, another program may have taken its port:
// then the next ones are tried as well.
func (p *Phone) dialKnown(ctx context.Context, t target) (*dial.Conn, error) {
	early, stop := context.WithTimeout(ctx, nextPortsAfter)
	conn, err := p.dial(early, t, t.places)
	stop()
	if err == nil || ctx.Err() != nil {
		return conn, err
	}
	places := slices.Clone(t.places)
	for _, at := range t.places {
		for _, port := range link.PortsAfter(at.Port()) {
			places = append(places, netip.AddrPortFrom(at.Addr(), port))
		}
	}
	return p.dial(ctx, t, places)
}

// maxAnswers bounds the answers of discovery that are tried at a time: anybody on the network can make them up.
const maxAnswers = 8

// search dials what discovery says, every answer beside the others: a wrong one takes its whole time to show.
func (p *Phone) search(ctx context.Context, t target) (*dial.Conn, error) {
	if !p.Discover && !sleep(ctx, headStart) {
		return nil, ctx.Err()
	}
	looking, found := context.WithCancel(ctx)
	defer found()
	conns, places := make(chan *dial.Conn, maxAnswers), make(chan struct{}, maxAnswers)
	var tries sync.WaitGroup
	heard := false
	missing := p.Find(looking, t.id, func(at []netip.AddrPort) bool {
		heard = true
		select {
		case places <- struct{}{}:
			tries.Go(func() {
				if conn, err := p.dial(looking, t, at); err == nil {
					conns <- conn
					found()
				}
			})
		default:
		}
		return false
	})
	tries.Wait()
	close(conns)
	conn := <-conns
	for late := range conns {
		late.Close()
	}
	switch {
	case conn != nil:
		return conn, nil
	case heard:
		return nil, errHeard
	case missing != nil: // nothing could be asked
		return nil, errors.Join(errNoNetwork, missing)
	}
	return nil, errNotFound
}

func (p *Phone) dial(ctx context.Context, t target, at []netip.AddrPort) (*dial.Conn, error) {
	ctx, stop := context.WithTimeout(ctx, dialLimit)
	defer stop()
	return dial.Open(ctx, dial.Config{Addresses: at, Certificate: t.certificate, Secret: t.secret, Now: p.Now, Weak: true})
}

// converse reads a connection until it ends, ctx ends or take returns an error. It answers pings and sees to it that
// the desktop is there: more often while a request waits, and while ICE has no answers from it. An address that changed
// shows in that way long before an idle connection would miss a ping.
func (p *Phone) converse(ctx context.Context, c *dial.Conn, l *line, desktop string, take func(link.Message) error) error {
	var b beat
	for n := 0; ; {
		m, err := receive(ctx, c, b.pause(p.inbox.waits(desktop)))
		switch {
		case l.isMuted() && (err == nil || errors.Is(err, context.DeadlineExceeded)) && ctx.Err() == nil:
			b.heard()
			continue
		case err == nil:
			b.heard()
			if err := heard(c, m, take); err != nil {
				return err
			}
			continue
		case errors.Is(err, dial.ErrWeak):
			b.weak = true
		case !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil:
			return err
		}
		if b.silent(time.Now(), c.Received(), c.RoundTrip(), p.inbox.waits(desktop)) {
			c.Abandon()
			return errSilent
		}
		n++
		if err := c.Send(&link.Ping{N: n}); err != nil {
			return err
		}
	}
}

func heard(c *dial.Conn, m link.Message, take func(link.Message) error) error {
	switch m := m.(type) {
	case *link.Pong:
		return nil
	case *link.Ping:
		return c.Send(&link.Pong{N: m.N})
	}
	return take(m)
}

func receive(ctx context.Context, c *dial.Conn, limit time.Duration) (link.Message, error) {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	return c.Receive(ctx)
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
