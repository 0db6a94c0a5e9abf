package virtual

import (
	"context"
	"errors"
	"sync"

	"tallykey/phone/link"
)

// remembered is how many ended requests the phone knows, to repeat what it said of them.
const remembered = 32

// maxWaiting is how many requests of one desktop the phone takes at a time. A desktop asks one after the other; one that
// does not shall not fill the memory, nor keep the person busy.
const maxWaiting = 8

var errBusy = errors.New("virtual: too many requests of one desktop")

// inbox holds the requests of all desktops. One is on the screen; the others wait for it.
type inbox struct {
	phone  *Phone
	screen chan struct{} // holds one token while a request is on the screen

	mu    sync.Mutex         // guards the fields that follow
	items map[string]*prompt // by desktop and request, both of fixed length
	over  []*prompt          // the newest last
}

func newInbox(p *Phone) *inbox {
	return &inbox{phone: p, screen: make(chan struct{}, 1), items: map[string]*prompt{}}
}

// arrive takes a request; one that is known was asked again on a new connection. begin is called for a new one. The
// request goes on until its end or that of ctx, on a goroutine of its own; ended is called with the end.
func (b *inbox) arrive(ctx context.Context, l *line, desktop string, r *link.Request, begin func() (ceremony, error),
	ended func(ending)) {
	if p := b.known(desktop, r.ID); p != nil {
		p.resume()
		return
	}
	p := &prompt{phone: b.phone, request: r, desktop: desktop, line: l, in: make(chan link.Message, 8)}
	c, err := begin()
	if err == nil {
		p.ceremony = c
		err = b.enter(p)
	}
	if err != nil {
		b.refuse(p, err, ended)
		return
	}
	l.work.Go(func() {
		e := p.run(ctx, b.screen)
		if err := c.settle(e.code, e.paired, e.sure); err != nil {
			b.phone.Log.Error("end not kept", "request", r.ID, "code", e.code, "err", err)
			e.code = "phone_storage_failed"
		}
		b.leave(p)
		ended(e)
	})
}

func (b *inbox) enter(p *prompt) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, other := range b.items {
		if other.desktop == p.desktop {
			n++
		}
	}
	if n >= maxWaiting {
		return errBusy
	}
	b.items[p.desktop+p.request.ID] = p
	return nil
}

func (b *inbox) known(desktop, id string) *prompt {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.items[desktop+id]; p != nil {
		return p
	}
	for _, p := range b.over {
		if p.desktop == desktop && p.request.ID == id {
			return p
		}
	}
	return nil
}

// refuse ends a request that can't be shown. The desktop takes a decline only from a phone that received.
func (b *inbox) refuse(p *prompt, err error, ended func(ending)) {
	b.phone.Log.Warn("request refused", "request", p.request.ID, "err", err)
	shown, told := "key_gone", "key_gone"
	switch {
	case errors.Is(err, errSite):
		shown, told = "origin_mismatch", "declined"
	case errors.Is(err, errNoScreenLock):
		shown, told = "no_screen_lock", "no_screen_lock"
	case errors.Is(err, errBusy):
		shown, told = "busy", "declined"
	case errors.Is(err, errAlgorithm):
		shown, told = "options_unsupported", "options_unsupported"
	}
	p.say(&link.Received{ID: p.request.ID})
	p.say(&link.Decline{ID: p.request.ID, Code: told})
	b.leave(p)
	ended(ending{code: shown, sure: true})
}

func (b *inbox) leave(p *prompt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.items, p.desktop+p.request.ID)
	if b.over = append(b.over, p); len(b.over) > remembered {
		b.over = b.over[1:]
	}
}

// hear passes on what a desktop says of one of its own requests.
func (b *inbox) hear(desktop, id string, m link.Message) {
	b.mu.Lock()
	p := b.items[desktop+id]
	b.mu.Unlock()
	if p != nil {
		p.hear(m)
	}
}

// ask says again of every request of a desktop that it is on the screen. The desktop asks again for those that still wait;
// of one that ended while the connection was broken it tells the end.
func (b *inbox) ask(desktop string) {
	b.mu.Lock()
	var open []*prompt
	for _, p := range b.items {
		if p.desktop == desktop {
			open = append(open, p)
		}
	}
	b.mu.Unlock()
	for _, p := range open {
		p.ask()
	}
}

// waits says whether a desktop waits for an answer.
func (b *inbox) waits(desktop string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.items {
		if p.desktop == desktop {
			return true
		}
	}
	return false
}
