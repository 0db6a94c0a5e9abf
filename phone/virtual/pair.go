package virtual

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tallykey/phone/link"
)

var errNoScreenLock = errors.New("virtual: phone has no screen lock")

// busyPause is what a phone waits where another one pairs; that may be this phone's own broken connection.
const busyPause = 2 * time.Second

// Pair uses a pairing link, as scanned from the desktop's QR code. It returns nil when the desktop is paired; Run then
// connects to it. A pairing that ended otherwise is an *EndError; a text that is no link is link.ErrOffer. The link
// holds a secret: pass it in memory or on standard input, never as an argument.
func (p *Phone) Pair(ctx context.Context, text string) error {
	offer, err := link.ParseOffer(text)
	if err != nil {
		return err
	}
	c, err := p.pairingUp(offer)
	if err != nil {
		return err
	}
	var work sync.WaitGroup
	defer work.Wait()
	ctx, stop := context.WithTimeoutCause(ctx, link.OfferSeconds*time.Second, &EndError{"pairing_expired"})
	defer stop()
	ends := make(chan ending, 1)
	for l := newLine(&work); ; {
		err := p.pairOnce(ctx, offer, c, l, ends)
		var end *EndError
		if errors.As(err, &end) && end.Code != "busy" {
			return end
		}
		p.Log.Info("pairing not connected", "desktop", offer.Desktop, "err", err)
		select { // the desktop's last word may be read and not yet acted on
		case e := <-ends:
			if e.paired == nil && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return p.pairEnd(offer, e)
		case <-time.After(busyPause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (p *Phone) pairEnd(o link.Offer, e ending) error {
	if e.paired == nil {
		return &EndError{e.code}
	}
	if e.code != "paired" {
		return fmt.Errorf("virtual: pairing not kept: %s", e.code)
	}
	p.notify(Event{Event: Paired, Desktop: o.Desktop, Name: o.Name})
	return nil
}

// pairOnce is one connection on a pairing link. The end of the request comes through ends.
func (p *Phone) pairOnce(life context.Context, o link.Offer, c *pairingUp, l *line, ends chan ending) error {
	ctx, stop := context.WithCancel(life)
	defer stop()
	ended := func(e ending) {
		select {
		case ends <- e:
			stop()
		default: // one link, one request
		}
	}
	conn, err := p.connect(ctx, target{o.Desktop, c.made.places(), o.Certificate, o.Secret})
	if err != nil {
		if ctx.Err() == nil {
			p.notify(Event{Event: Away, Desktop: o.Desktop, Name: o.Name, Reason: reason(err)})
		}
		return err
	}
	defer conn.Close()
	if err := conn.Send(&link.PairWith{V: link.Version, Name: p.Name, App: App, Origin: p.Origin}); err != nil {
		return err
	}
	l.set(conn, false)
	defer l.set(nil, false)
	return p.converse(ctx, conn, l, o.Desktop, func(m link.Message) error {
		switch m := m.(type) {
		case *link.Request:
			p.askedToPair(life, l, o, m, c, ended)
		case *link.Refused:
			return &EndError{m.Code}
		default:
			if !p.about(o.Desktop, m) {
				return fmt.Errorf("virtual: unexpected %s", m.Type())
			}
		}
		return nil
	})
}

func (p *Phone) askedToPair(ctx context.Context, l *line, o link.Offer, r *link.Request, c *pairingUp, ended func(ending)) {
	begin := func() (ceremony, error) {
		switch {
		case r.Action != link.Pair:
			return nil, fmt.Errorf("%w: not paired yet", errSite)
		case p.NoScreenLock:
			return nil, errNoScreenLock
		}
		return c, nil
	}
	p.inbox.arrive(ctx, l, o.Desktop, r, begin, ended)
}
