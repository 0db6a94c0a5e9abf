package virtual

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tallykey/phone/link"
	"tallykey/phone/virtual/dial"
)

// pauses between attempts to reach a desktop; the last one stays.
var pauses = []time.Duration{250 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
	30 * time.Second}

// Run connects to every paired desktop, also to those that are paired meanwhile, and answers what they ask, until ctx
// ends.
func (p *Phone) Run(ctx context.Context) error {
	running := map[string]context.CancelFunc{} // by what the desktop calls this phone, which is new with each pairing
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { p.hear(ctx) })
	for {
		p.mu.Lock()
		changed, pairings := p.changed, slices.Clone(p.state.Pairings)
		p.mu.Unlock()
		current := map[string]bool{}
		for _, d := range pairings {
			if current[d.Phone] = !d.Removed; d.Removed || running[d.Phone] != nil {
				continue
			}
			attend, stop := context.WithCancel(ctx)
			running[d.Phone] = stop
			l := newLine(&all)
			p.lines.add(d.Phone, l)
			all.Go(func() { p.attend(attend, d, l) })
		}
		for phone, stop := range running {
			if !current[phone] {
				stop()
				delete(running, phone)
				p.lines.remove(phone)
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			for phone, stop := range running {
				stop()
				p.lines.remove(phone)
			}
			return nil
		}
	}
}

// hear has a connection tried when its desktop announces itself: it was started anew, or its addresses have changed.
func (p *Phone) hear(ctx context.Context) {
	err := p.Hear(ctx, func(desktop string) {
		if d, ok := p.find(desktop); ok {
			if l := p.lines.of(d.Phone); l != nil {
				l.doubt(time.Now())
			}
		}
	})
	if err != nil && ctx.Err() == nil {
		p.Log.Info("announcements are not heard", "err", err)
	}
}

// attend keeps a session with one desktop.
func (p *Phone) attend(ctx context.Context, d pairing, l *line) {
	for fails := 0; ; fails++ {
		greeted, err := p.session(ctx, d, l)
		if ctx.Err() != nil || p.over(d, err) {
			return
		}
		if greeted {
			fails = 0
			p.notify(Event{Event: Disconnected, Desktop: d.ID, Name: d.Name})
		} else {
			p.notify(Event{Event: Away, Desktop: d.ID, Name: d.Name, Reason: reason(err)})
		}
		p.Log.Info("desktop not connected", "desktop", d.ID, "err", err)
		if !p.pause(ctx, l, pauses[min(fails, len(pauses)-1)]) {
			return
		}
		if now, ok := p.find(d.ID); ok && now.Phone == d.Phone {
			d = now // it may have moved
		}
	}
}

// over says whether there is nothing more to say to a desktop, and notes it.
func (p *Phone) over(d pairing, err error) bool {
	now, ok := p.find(d.ID)
	leaving := ok && now.Phone == d.Phone && !now.Left.IsZero()
	var end *EndError
	if !errors.As(err, &end) {
		if leaving = leaving && p.Now().Sub(now.Left) > leavePatience; leaving {
			p.left(now)
		}
		return leaving
	}
	switch {
	case end.Code == "phone_removed" && leaving:
		p.left(now)
		return true
	case end.Code == "phone_removed":
		p.removed(d)
	}
	p.notify(Event{Event: Refused, Desktop: d.ID, Name: d.Name, Code: end.Code})
	return end.Code == "phone_removed"
}

// left ends what there was with a desktop that the person removed.
func (p *Phone) left(d pairing) {
	if err := p.change(func(s *state) { s.leave(d.Phone) }); err != nil {
		p.Log.Error("end not kept", "desktop", d.ID, "err", err)
	}
	p.notify(Event{Event: Left, Desktop: d.ID, Name: d.Name})
}

// pause waits before the next attempt, and as long as the phone plays dead.
func (p *Phone) pause(ctx context.Context, l *line, d time.Duration) bool {
	for {
		if !sleep(ctx, d) {
			return false
		}
		if !l.isMuted() {
			return true
		}
		d = pauses[0]
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (p *Phone) removed(d pairing) {
	err := p.change(func(s *state) {
		if now, ok := s.find(d.ID); ok && now.Phone == d.Phone {
			s.alter(d.ID, func(d *Desktop) { d.Removed = true })
		}
	})
	if err != nil {
		p.Log.Error("removal not kept", "desktop", d.ID, "err", err)
	}
}

// session is one connection. greeted says whether the desktop took the phone.
func (p *Phone) session(ctx context.Context, d pairing, l *line) (greeted bool, err error) {
	conn, err := p.connect(ctx, target{d.ID, d.places(), [32]byte(d.Certificate), link.Secret(d.Secret)})
	if err != nil {
		return false, err
	}
	defer conn.Close()
	m, err := p.hello(ctx, conn, d)
	if err != nil {
		return false, err
	}
	l.set(conn, m.Sync)
	defer l.set(nil, false)
	p.notify(Event{Event: Connected, Desktop: d.ID, Name: d.Name}) // once there is a way to it
	if err := p.welcomed(l, d, m); err != nil {
		return true, err
	}
	p.inbox.ask(d.ID)
	return true, p.converse(ctx, conn, l, d.ID, func(m link.Message) error { return p.take(ctx, l, d, m) })
}

// take acts on a message of a paired desktop.
func (p *Phone) take(ctx context.Context, l *line, d pairing, m link.Message) error {
	switch m := m.(type) {
	case *link.Request:
		if now, ok := p.find(d.ID); ok && now.attended() {
			p.asked(ctx, l, d, m)
		}
	case *link.Welcome:
		return p.welcomed(l, d, m)
	case *link.Forget:
		p.forgotten(d, m.Credential)
	case *link.Refused:
		return &EndError{m.Code}
	default:
		if !p.about(d.ID, m) {
			return fmt.Errorf("virtual: unexpected %s", m.Type())
		}
	}
	return nil
}

// hello greets and waits for the welcome.
func (p *Phone) hello(ctx context.Context, conn *dial.Conn, d pairing) (*link.Welcome, error) {
	signature, err := d.DeviceKey.sign(link.HelloProof(conn.Ufrag()))
	if err != nil {
		return nil, err
	}
	hello := &link.Hello{V: link.Version, Phone: d.Phone, Name: p.Name, App: App, Signature: signature}
	if err := conn.Send(hello); err != nil {
		return nil, err
	}
	m, err := receive(ctx, conn, dialLimit)
	if err != nil {
		return nil, err
	}
	switch m := m.(type) {
	case *link.Refused:
		return nil, &EndError{m.Code}
	case *link.Welcome:
		if m.V != link.Version {
			return nil, &EndError{"version_unknown"}
		}
		return m, nil
	}
	return nil, fmt.Errorf("virtual: %s in place of a welcome", m.Type())
}

// moved keeps what a desktop says of itself, where that is new. It can't make itself another desktop.
func (p *Phone) moved(d pairing, m *link.Welcome) {
	now, ok := p.find(d.ID)
	var ends time.Time
	if m.Ends > 0 {
		ends = time.UnixMilli(m.Ends).UTC()
	}
	same := now.Name == m.Name && now.Port == m.Port && slices.Equal(now.Addresses, m.Addresses) && now.Ends.Equal(ends)
	if !ok || same || m.Desktop != d.ID {
		return
	}
	err := p.change(func(s *state) {
		s.alter(d.ID, func(d *Desktop) { d.Name, d.Port, d.Addresses, d.Ends = m.Name, m.Port, m.Addresses, ends })
	})
	if err != nil {
		p.Log.Error("address not kept", "desktop", d.ID, "err", err) // the next welcome brings it again
	}
}

// asked takes a website's request. It goes on when the connection breaks: the desktop asks again on the next one.
func (p *Phone) asked(ctx context.Context, l *line, d pairing, r *link.Request) {
	begin := func() (ceremony, error) {
		if r.Action == link.Pair {
			return nil, fmt.Errorf("%w: it is paired", errSite)
		}
		if err := check(r); err != nil {
			return nil, err
		}
		if r.Action == link.Create {
			return p.creating(d, r)
		}
		return p.signingIn(d, r)
	}
	p.inbox.arrive(ctx, l, d.ID, r, begin, func(e ending) {
		p.notify(Event{Event: Ended, Desktop: d.ID, Name: d.Name, ID: r.ID, Code: e.code})
	})
}
