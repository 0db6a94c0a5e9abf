// Package virtual is a phone in Go: what the phone app does, without a screen. People who have no phone at hand use it
// through the command tallykey-phone; tests use it for everything that happens between desktop and phone. It checks
// what it is asked, makes and keeps keys, and answers as Options.Decide says.
//
// Its "screen lock" is software. It proves nothing about a person, and whoever can read its state file can sign in.
package virtual

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"tallykey/daemon/discovery"
	"tallykey/daemon/webauthn"
	"tallykey/phone/link"
)

// App is what the phone says it is.
const App = "virtual/0.1.0"

// Options make a phone. Only Decide must be set.
type Options struct {
	// Store is the path of the state file, which holds private keys; it is made with mode 0600. Without a path the phone
	// forgets everything at its end.
	Store string
	// Name is what the phone calls itself at pairing: at most link.MaxName bytes. "virtual phone" where empty.
	Name string
	// Origin is what its platform credentials are bound to; DefaultOrigin where empty.
	Origin string
	// Decide answers for the person. It may take its time: ctx ends with the request. One request is on the screen at a
	// time.
	Decide func(ctx context.Context, r *link.Request) Decision
	// Notify hears what happens, in order; it must not block for long. May be nil.
	Notify func(Event)
	// Find looks for a desktop whose addresses have changed; nil: discovery.Find.
	Find func(ctx context.Context, desktop string, got func([]netip.AddrPort) bool) error
	// Hear tells of desktops that announce themselves, as hints; nil: discovery.Hear.
	Hear func(ctx context.Context, heard func(desktop string)) error
	// NoScreenLock makes it a phone that can't verify a person: it must not pair.
	NoScreenLock bool
	// KeyProtection is how it says that it keeps keys; link.Device where empty. It changes words only: whatever it says,
	// the keys stand in the state file.
	KeyProtection link.KeyProtection
	// Push is what desktops that can wake the phone are told, or nil. One without an endpoint takes an earlier one back.
	Push *link.PushSubscription
	// Discover finds desktops by mDNS alone and not at their last addresses.
	Discover bool
	Now      func() time.Time // nil: time.Now
	Rand     io.Reader        // for ids; keys always come from the system. nil: crypto/rand
	Log      *slog.Logger     // nil: none
}

// DefaultOrigin is no website: .localhost never leaves the machine (RFC 6761).
const DefaultOrigin = "https://virtual.tallykey.localhost"

func (o *Options) complete() error {
	if o.Name == "" {
		o.Name = "virtual phone"
	}
	if o.Origin == "" {
		o.Origin = DefaultOrigin
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Find == nil {
		o.Find = discovery.Find
	}
	if o.Hear == nil {
		o.Hear = discovery.Hear
	}
	if o.Notify == nil {
		o.Notify = func(Event) {}
	}
	if o.KeyProtection == "" {
		o.KeyProtection = link.Device
	}
	if o.Decide == nil {
		return fmt.Errorf("virtual: nobody decides")
	}
	return o.check()
}

func (o *Options) check() error {
	if !slices.Contains([]link.KeyProtection{link.PRF, link.Device, link.PIN}, o.KeyProtection) {
		return fmt.Errorf("virtual: key protection %.16q", o.KeyProtection)
	}
	if o.Push != nil {
		if _, err := link.Encode(o.Push); err != nil {
			return fmt.Errorf("virtual: push subscription: %w", err)
		}
	}
	if !link.Printable(o.Name, link.MaxName) {
		return fmt.Errorf("virtual: name %.64q", o.Name)
	}
	if _, err := webauthn.EffectiveRPID(o.Origin, ""); err != nil {
		return fmt.Errorf("virtual: origin: %w", err)
	}
	return nil
}

// Phone is one phone. Its methods may be called from any goroutine.
type Phone struct {
	Options
	inbox  *inbox
	lines  lines
	unlock func()
	events sync.Mutex // one call of Notify at a time

	mu      sync.Mutex // guards the fields that follow
	state   state
	changed chan struct{} // closed and replaced when desktops change
	last    *link.Answer  // the newest
}

// New opens the phone's state or begins a new one. While the phone is open no other can use the same state: the error is
// ErrInUse. Close it.
func New(o Options) (*Phone, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	p := &Phone{Options: o, unlock: func() {}, changed: make(chan struct{}), state: state{Version: stateVersion}}
	p.inbox = newInbox(p)
	if o.Store == "" {
		return p, nil
	}
	var err error
	if p.unlock, err = lock(o.Store); err != nil {
		return nil, err
	}
	if p.state, err = load(o.Store); err != nil {
		p.unlock()
		return nil, err
	}
	return p, nil
}

// Close lets others use the state.
func (p *Phone) Close() { p.unlock() }

// Desktops returns the paired desktops, without their secrets.
func (p *Phone) Desktops() []Desktop {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.desktops()
}

// Registrations returns the accounts whose key is here: those of one relying party, or all where rpID is empty.
func (p *Phone) Registrations(rpID string) []Registration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.registrations(rpID)
}

func (p *Phone) notify(e Event) {
	p.events.Lock()
	defer p.events.Unlock()
	p.Notify(e)
}

// change alters the state and stores it. Where it can't be stored nothing has changed.
func (p *Phone) change(alter func(*state)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.state.clone()
	alter(&next)
	if p.Store != "" {
		if err := next.save(p.Store); err != nil {
			return err
		}
	}
	p.state = next
	close(p.changed)
	p.changed = make(chan struct{})
	return nil
}

// find returns a desktop's pairing.
func (p *Phone) find(desktop string) (pairing, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.find(desktop)
}

func (p *Phone) random(b []byte) error {
	_, err := io.ReadFull(p.Rand, b)
	return err
}

// Read returns what a state file holds, without its secrets, also while a phone uses it.
func Read(path string) ([]Desktop, []Registration, error) {
	s, err := load(path)
	return s.desktops(), s.registrations(""), err
}
