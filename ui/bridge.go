package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tallykey/daemon/api"
)

// Events that the page gets.
const (
	eventRequest = "request" // api.Request
	eventPhones  = "phones"  // []api.Phone
	eventGone    = "gone"    // nothing: the daemon went away
)

// callTimeout bounds every call to the daemon. All of them are answered from its memory, but for a keyring that is slow.
const callTimeout = 5 * time.Second

// Bridge is what the page may ask for; nothing else of this program can be reached from it. Its exported methods are the
// other end of frontend/src/bridge.ts.
type Bridge struct {
	view     View
	language string
	socket   string
	shell    shell         // read it after ready
	ready    chan struct{} // closed once shell is set: Wails sets up desktop and page at the same time

	mu     sync.Mutex // guards the fields that follow
	client *api.Client
	live   map[string]bool // requests that have not ended
	shown  string          // the request that the page has painted, or the pairing
	done   bool            // the page closes the window itself, after an end
}

// shell is the desktop around the page: Wails, or a test.
type shell struct {
	emit  func(event string, data ...any)
	quit  func()
	copy  func(text string) error
	grow  func(height int)
	start func(View) error // another window
}

// NewBridge serves one view. It connects to the daemon on socket when the page opens.
func NewBridge(view View, language, socket string) *Bridge {
	return &Bridge{view: view, language: language, socket: socket, ready: make(chan struct{}), live: map[string]bool{}}
}

// begin gives the bridge its desktop; the page's Open waits for it.
func (b *Bridge) begin(s shell) {
	b.shell = s
	close(b.ready)
}

// Setup is the first thing that the page learns.
type Setup struct {
	View     View         `json:"view"`
	Language string       `json:"language"` // "en" or "de"
	Running  bool         `json:"running"`  // false: no daemon answers
	Snapshot api.Snapshot `json:"snapshot"`
}

// Open connects to the daemon and starts the events. The page calls it once it listens, and again to try a daemon that
// was not running.
func (b *Bridge) Open() Setup {
	<-b.ready
	setup := Setup{View: b.view, Language: b.language}
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	c, err := api.Dial(ctx, b.socket)
	if err != nil {
		return setup
	}
	if setup.Snapshot, err = c.Watch(ctx); err != nil {
		c.Close()
		return setup
	}
	setup.Running = true
	b.mu.Lock()
	b.client = c
	for _, r := range setup.Snapshot.Requests {
		b.live[r.ID] = r.State != api.Ended
	}
	b.mu.Unlock()
	go b.pump(c)
	return setup
}

// pump hands events to the page until the connection ends.
func (b *Bridge) pump(c *api.Client) {
	for e := range c.Events() {
		switch {
		case e.Request != nil:
			b.mu.Lock()
			b.live[e.Request.ID] = e.Request.State != api.Ended
			b.mu.Unlock()
			b.shell.emit(eventRequest, *e.Request)
		case e.Phones != nil:
			b.shell.emit(eventPhones, *e.Phones)
		}
	}
	c.Close()
	b.shell.emit(eventGone)
}

func (b *Bridge) call(method string, params, result any) error {
	b.mu.Lock()
	c := b.client
	b.mu.Unlock()
	if c == nil {
		return api.ErrNotRunning
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	return c.Call(ctx, method, params, result)
}

// Painted tells the daemon that the request is on the screen.
func (b *Bridge) Painted(id string) error {
	b.mu.Lock()
	b.shown = id
	b.mu.Unlock()
	return b.call(api.MethodPainted, api.ByID{ID: id}, nil)
}

// Cancel ends the request: the person closed the prompt.
func (b *Bridge) Cancel(id string) error { return b.call(api.MethodCancel, api.ByID{ID: id}, nil) }

// Report ends the request: "This isn't me".
func (b *Bridge) Report(id string) error { return b.call(api.MethodReport, api.ByID{ID: id}, nil) }

// Pairing is a pairing in progress with its link as a picture.
type Pairing struct {
	api.Pairing
	Code Code `json:"code"`
}

// Pair starts a pairing; an earlier one ends.
func (b *Bridge) Pair() (Pairing, error) {
	var p Pairing
	if err := b.call(api.MethodPair, nil, &p.Pairing); err != nil {
		return Pairing{}, err
	}
	b.mu.Lock()
	b.shown, b.live[p.Request] = p.Request, true
	b.mu.Unlock()
	var err error
	p.Code, err = newCode(p.Link)
	return p, err
}

// Overview is what the main view shows.
type Overview struct {
	Status        api.Status         `json:"status"`
	Registrations []api.Registration `json:"registrations"`
	Activity      []api.Activity     `json:"activity"`
}

// Status is the daemon's account of itself.
func (b *Bridge) Status() (s api.Status, err error) {
	err = b.call(api.MethodStatus, nil, &s)
	return s, err
}

// Overview asks for everything that the main view shows. A keyring that can't be read does not hide the status that
// says so: then the lists are empty.
func (b *Bridge) Overview() (o Overview, err error) {
	if o.Status, err = b.Status(); err != nil {
		return o, err
	}
	listed := errors.Join(b.call(api.MethodRegistrations, nil, &o.Registrations),
		b.call(api.MethodActivity, nil, &o.Activity))
	var known *api.Error
	if listed != nil && !errors.As(listed, &known) {
		return o, listed
	}
	return o, nil
}

// RemovePhone removes a phone and its registrations.
func (b *Bridge) RemovePhone(id string) error {
	return b.call(api.MethodRemovePhone, api.ByID{ID: id}, nil)
}

// RemoveRegistration removes one registration by its credential ID.
func (b *Bridge) RemoveRegistration(id string) error {
	return b.call(api.MethodRemoveRegistration, api.ByID{ID: id}, nil)
}

// ShowPairing opens the pairing window beside this one.
func (b *Bridge) ShowPairing() error { return b.shell.start(ViewPair) }

// Copy puts text on the clipboard.
func (b *Bridge) Copy(text string) error { return b.shell.copy(text) }

// Grow makes the window taller, as far as the screen goes: a long site or large text must not shrink the number.
func (b *Bridge) Grow(height int) { b.shell.grow(height) }

// Close closes the window after an end; nothing is cancelled.
func (b *Bridge) Close() {
	b.mu.Lock()
	b.done = true
	b.mu.Unlock()
	b.shell.quit()
}

// closing runs when the window is about to close. Closing it is a way to say no: what is on the screen and has not
// ended is cancelled. What the page has not painted yet is not: nobody has seen it, so nobody refused it.
func (b *Bridge) closing() {
	b.mu.Lock()
	id, live := b.shown, b.live[b.shown]
	cancel := live && !b.done
	b.mu.Unlock()
	if cancel {
		b.Cancel(id) // a daemon that is gone has ended the request already
	}
}

// failure is an error as the page reads it: a code of the table, or a text for developers.
type failure struct {
	Code   api.Code `json:"code"`
	Detail string   `json:"detail"`
}

// newFailure gives every error of a method the form that the page reads.
func newFailure(err error) any {
	var known *api.Error
	switch {
	case errors.As(err, &known):
		return failure{known.Code, known.Detail}
	case errors.Is(err, api.ErrNotRunning):
		return failure{api.DaemonStopped, err.Error()}
	}
	return failure{"", fmt.Sprint(err)}
}
