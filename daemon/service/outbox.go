package service

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/wellknown"
)

// notice is what a website must still be told: that the person removed a registration. Its token stands in a plain file
// of the user's own. Whoever reads it can do no more with it than the person has asked for.
type notice struct {
	RPID       string `json:"rpId"`
	Credential string `json:"credential"` // base64url
	Token      string `json:"token"`      // base64url
	On         string `json:"on"`         // onPhone or onDesktop
	Account    string `json:"account"`    // for the activity log, as Phone
	Phone      string `json:"phone"`
	Since      int64  `json:"since"` // milliseconds since 1970
}

// Where a registration was removed.
const (
	onPhone   = "phone"
	onDesktop = "desktop"
)

// Pauses between tries to tell a website, each twice the one before, and when it is given up. After thirty days its next
// use would have shown it, and nobody reads a log that far back.
const (
	firstPause = 5 * time.Second
	lastPause  = 6 * time.Hour
	giveUp     = 30 * 24 * time.Hour
)

// delivery is how far a notice is. tried holds how the first try went, once.
type delivery struct {
	held  bool // not to be told yet: the registration is still here
	code  api.Code
	pause time.Duration
	last  time.Time
	due   time.Time
	tried chan api.Code
}

// outbox tells websites of removals until each was told once, across restarts. With nothing to tell it has no timer.
type outbox struct {
	*persisted[notice]
	tell func(context.Context, notice) error // its error wraps wellknown.ErrRefused where another try is no use
	note func(n notice, code api.Code, err error)

	guard sync.Mutex
	under map[string]*delivery // by credential
	moved chan struct{}        // holds a token once something is to be looked at
}

// openOutbox reads what is still to be told. On an error what it returns is empty and works.
func openOutbox(folder string) (*outbox, error) {
	k, err := openPersisted[notice](filepath.Join(folder, "unregister.json"))
	o := &outbox{persisted: k, under: map[string]*delivery{}, moved: make(chan struct{}, 1)}
	for _, n := range k.list() {
		o.under[n.Credential] = newDelivery()
	}
	return o, err
}

func newDelivery() *delivery { return &delivery{pause: firstPause, tried: make(chan api.Code, 1)} }

// hold has a notice on the disk when it returns, to be told after release. If the daemon is killed before that, the next
// one tells it.
func (o *outbox) hold(n notice) error {
	o.guard.Lock()
	defer o.guard.Unlock()
	if o.under[n.Credential] != nil {
		return nil // it is being told already
	}
	if err := o.add(n); err != nil {
		return err
	}
	o.under[n.Credential] = newDelivery()
	o.under[n.Credential].held = true
	return nil
}

// release lets a notice be told. The channel gets how its first try went; nil where there is none.
func (o *outbox) release(credential string) <-chan api.Code {
	o.guard.Lock()
	d := o.under[credential]
	if d == nil {
		o.guard.Unlock()
		return nil
	}
	d.held = false
	o.guard.Unlock()
	o.look()
	return d.tried
}

// withdraw takes back a notice that was held and not released.
func (o *outbox) withdraw(credential string) error {
	o.guard.Lock()
	if d := o.under[credential]; d != nil && d.held {
		delete(o.under, credential)
	}
	o.guard.Unlock()
	return o.dropWhere(func(n notice) bool { return n.Credential == credential })
}

func (o *outbox) look() {
	select {
	case o.moved <- struct{}{}:
	default:
	}
}

// hurry tries at once what was not tried just now: the network is another one.
func (o *outbox) hurry() {
	o.guard.Lock()
	for _, d := range o.under {
		if time.Since(d.last) >= firstPause {
			d.due = time.Time{}
		}
	}
	o.guard.Unlock()
	o.look()
}

// run tells what is due until ctx ends.
func (o *outbox) run(ctx context.Context) {
	for ctx.Err() == nil {
		n, wait := o.next()
		if n != nil && wait <= 0 {
			o.try(ctx, *n)
			continue
		}
		var later <-chan time.Time // never, where there is nothing
		if n != nil {
			later = time.After(wait)
		}
		select {
		case <-later:
		case <-o.moved:
		case <-ctx.Done():
		}
	}
}

// next is the notice that is due first, and in how long.
func (o *outbox) next() (first *notice, wait time.Duration) {
	o.guard.Lock()
	defer o.guard.Unlock()
	for _, n := range o.list() {
		d := o.under[n.Credential]
		if d == nil || d.held {
			continue
		}
		if left := time.Until(d.due); first == nil || left < wait {
			first, wait = &n, left
		}
	}
	return first, wait
}

// try tells once, and notes the first end of each kind: told, not told yet, never told.
func (o *outbox) try(ctx context.Context, n notice) {
	code, err := api.WebsiteTold, o.tell(ctx, n)
	switch {
	case ctx.Err() != nil:
		return // the daemon stops
	case errors.Is(err, wellknown.ErrRefused) || err != nil && time.Since(time.UnixMilli(n.Since)) >= giveUp:
		code = api.WebsiteNotTold
	case err != nil:
		code = api.WebsiteWaiting
	}
	o.guard.Lock()
	d := o.under[n.Credential]
	changed, first := d.code != code, d.code == ""
	d.code, d.last, d.due, d.pause = code, time.Now(), time.Now().Add(d.pause), min(2*d.pause, lastPause)
	if code != api.WebsiteWaiting {
		delete(o.under, n.Credential)
	}
	o.guard.Unlock()
	if changed {
		o.note(n, code, err)
	}
	if code != api.WebsiteWaiting {
		o.forget(n)
	}
	if first {
		d.tried <- code
	}
}

// forget: a notice that can't be taken out of the file is told again after the next start, which does no harm.
func (o *outbox) forget(n notice) {
	if err := o.drop(n); err != nil {
		o.note(n, "", err)
	}
}
