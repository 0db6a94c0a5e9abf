// Package signin takes one request from a website's question to the phone's answer.
//
// A request is a prompt with a state: queued, waiting, delivered, answering, ended. One prompt is on the screen at a
// time; up to three wait behind it. What the prompt is about (a registration, a sign-in, a pairing) is its ceremony.
// Every way to end has a code of the table in package api, and an end reaches the website, the desktop, the phone and
// the activity log alike.
//
// Rules that hold here and nowhere else: the number is not shown before a phone has the request; a wrong number ends
// the request; no signature is released that the person's approval does not cover; bad ends pause the account.
package signin

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"tallykey/daemon/api"
	"tallykey/daemon/registration"
	"tallykey/phone/link"
)

// Link reaches phones. A peer is a paired phone's id, or OfferPeer.
type Link interface {
	// Send gives a message to a connected peer; it fails when the peer is away.
	Send(peer string, m link.Message) error
	// Connected lists the paired phones that are there now.
	Connected() []string
	// Heartbeat makes the loss of a peer known within limit; zero stops it.
	Heartbeat(peer string, interval, limit time.Duration)
	// Return is how long a peer that has just gone may need to come back, by what its link was like.
	Return(peer string) time.Duration
}

// OfferPeer is whoever connects with the pairing link that is on the screen.
const OfferPeer = "offer"

// Store keeps phones and registrations.
type Store interface {
	Registrations() []registration.Registration // the oldest first
	ByRPID(rpID string) []registration.Registration
	Add(ctx context.Context, r registration.Registration) error
	Update(ctx context.Context, credential []byte, change func(*registration.Registration)) error
	Phones() []registration.Phone
	Phone(id string) (registration.Phone, bool)
	AddPhone(ctx context.Context, p registration.Phone) error
}

// Journal remembers how requests ended, across restarts.
type Journal interface {
	Append(a api.Activity)
	Since(t time.Time) []api.Activity
}

// Config is what an Engine works with. All fields are needed but Locked, Wake, TypeNumbers, Related and Rand.
type Config struct {
	Desktop string // id
	Link    Link
	Store   Store
	Journal Journal
	Show    func(api.Request) // called for every change of a prompt, in order, from several goroutines; must not block
	Locked  func() bool       // says whether the desktop's screen is locked; must not block. nil: it never is
	// Wake is asked to wake absent phones for a request, perhaps again for the same ones; it must not block and answers by
	// Woken. nil: no phone can be woken.
	Wake func(request string, phones []string)
	// TypeNumbers says whether the number must be typed for every registration, by the person's settings; must not block.
	// nil: it need not.
	TypeNumbers func() bool
	// Related reads the list of origins that an RP ID takes besides its own and says whether origin is one (WebAuthn section
	// 5.11.1). nil: none is.
	Related func(ctx context.Context, rpID, origin string) bool
	Rand    io.Reader
	Log     *slog.Logger
}

// Limits of the engine.
const (
	maxQueue = 4 // on the screen and waiting behind it
	// A phone that is gone is to be known within two seconds or so on a good link. The link asks more often once an answer is
	// missing and stretches the limit by what it knows of round trips, so that neither loss nor delay looks like a phone that
	// has gone: see phonelink.Session.Heartbeat.
	heartbeat      = 400 * time.Millisecond
	heartbeatLimit = 1500 * time.Millisecond
	// reconnectWithin is how long a phone that vanished in the middle may take to come back (another access point, or a reload
	// of the app, which is a second or two on an old phone) beyond what Link.Return says of its link.
	reconnectWithin = 2 * time.Second
)

// Engine runs prompts. Its methods are safe for concurrent use.
type Engine struct {
	cfg Config

	ends ends
	work sync.WaitGroup // one for each prompt, until leave

	mu      sync.Mutex // guards what follows, and is never held while a callback or Link runs
	queue   []*prompt  // queue[0] is on the screen
	pairing *prompt
	stopped bool     // no prompt is taken any more
	proved  sync.Map // ids of phones, for Proved
}

// New makes an Engine. It starts no goroutine.
func New(cfg Config) *Engine {
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Locked == nil {
		cfg.Locked = func() bool { return false }
	}
	if cfg.TypeNumbers == nil {
		cfg.TypeNumbers = func() bool { return false }
	}
	if cfg.Related == nil {
		cfg.Related = func(context.Context, string, string) bool { return false }
	}
	return &Engine{cfg: cfg}
}

// enqueue puts p behind the prompts that are there; api.Busy where too many are.
func (e *Engine) enqueue(p *prompt) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.stopped:
		return api.Errorf(api.DaemonStopped, "")
	case len(e.queue) >= maxQueue:
		return api.Errorf(api.Busy, "%d requests wait", len(e.queue))
	}
	e.work.Add(1)
	e.queue = append(e.queue, p)
	if len(e.queue) == 1 {
		close(p.turn)
	}
	return nil
}

// leave takes p away and lets the next prompt onto the screen.
func (e *Engine) leave(p *prompt) {
	defer e.work.Done()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pairing == p {
		e.pairing = nil
	}
	i := slices.Index(e.queue, p)
	if i < 0 {
		return
	}
	e.queue = slices.Delete(e.queue, i, i+1)
	if i == 0 && len(e.queue) > 0 {
		close(e.queue[0].turn)
	}
}

// live lists the prompts that phones or people can act on: the one on the screen, and a pairing.
func (e *Engine) live() []*prompt {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []*prompt
	if len(e.queue) > 0 {
		out = append(out, e.queue[0])
	}
	if e.pairing != nil {
		out = append(out, e.pairing)
	}
	return out
}

func (e *Engine) find(id string) *prompt {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.queue {
		if p.id == id {
			return p
		}
	}
	if e.pairing != nil && e.pairing.id == id {
		return e.pairing
	}
	return nil
}

// Requests lists the prompts as the desktop shows them, the one on the screen first.
func (e *Engine) Requests() []api.Request {
	all := e.all()
	out := make([]api.Request, 0, len(all))
	for _, p := range all {
		out = append(out, p.shown())
	}
	return out
}

// Cancel ends a request because the person closed its prompt on the desktop. api.RequestUnknown if it is over.
func (e *Engine) Cancel(id string) error { return e.tell(id, desktopEnd{api.CancelledOnDesktop}) }

// Report ends a request because the person says on the desktop that they did not start it.
func (e *Engine) Report(id string) error { return e.tell(id, desktopEnd{api.Reported}) }

// AnotherWay ends a website's request because the person wants to answer it with something else: the browser's own WebAuthn
// takes over. A pairing has no other way: api.RequestUnknown.
func (e *Engine) AnotherWay(id string) error {
	if p := e.find(id); p != nil && p.action == link.Pair {
		return api.Errorf(api.RequestUnknown, "a pairing")
	}
	return e.tell(id, desktopEnd{api.AnotherWay})
}

func (e *Engine) tell(id string, ev event) error {
	p := e.find(id)
	if p == nil {
		return api.Errorf(api.RequestUnknown, "%.32q", id)
	}
	p.give(ev)
	return nil
}

// PhoneUp says that a paired phone has connected: it gets what is pending, and the ends that it may have missed.
func (e *Engine) PhoneUp(phone string) {
	e.repeat(phone)
	e.broadcast(phoneUp{peer: phone})
}

// PhoneDown says that a peer is gone.
func (e *Engine) PhoneDown(peer string) { e.broadcast(phoneDown{peer}) }

// FromPhone takes a message of a connected peer. Messages about requests that are over are answered with their end.
func (e *Engine) FromPhone(peer string, m link.Message) {
	if with, ok := m.(*link.PairWith); ok {
		e.broadcast(phoneUp{peer: peer, with: with})
		return
	}
	id := requestOf(m)
	for _, p := range e.live() {
		if p.id == id && p.give(fromPhone{peer, m}) {
			return
		}
	}
	if id != "" {
		e.over(peer, id)
	}
}

func (e *Engine) broadcast(ev event) {
	for _, p := range e.live() {
		p.give(ev)
	}
}

func requestOf(m link.Message) string {
	switch m := m.(type) {
	case *link.Received:
		return m.ID
	case *link.Number:
		return m.ID
	case *link.Answer:
		return m.ID
	case *link.Decline:
		return m.ID
	}
	return ""
}

// send gives a peer a message. A failure needs no handling here: a peer that can't be reached is, or will be, down.
func (e *Engine) send(peer string, m link.Message) {
	if err := e.cfg.Link.Send(peer, m); err != nil {
		e.cfg.Log.Debug("phone did not get a message", "peer", peer, "type", m.Type(), "err", err)
	}
}

// codeOf says why a context ended: the daemon stops with a cause of its own; everything else is the page.
func codeOf(ctx context.Context) api.Code {
	var e *api.Error
	if errors.As(context.Cause(ctx), &e) {
		return e.Code
	}
	return api.CancelledByPage
}
