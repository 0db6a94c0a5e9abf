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
	eventRequest       = "request"       // api.Request
	eventPhones        = "phones"        // []api.Phone
	eventRegistrations = "registrations" // []api.Registration
	eventPauses        = "pauses"        // []api.Pause
	eventSettings      = "settings"      // api.Settings
	eventShow          = "show"          // Section: another process asked for it
	eventGone          = "gone"          // nothing: the daemon went away
)

// callTimeout bounds the calls that the daemon answers from its memory.
const callTimeout = 5 * time.Second

// changeTimeout bounds those that write: to a keyring, which can be slow and ask for its password, or to the disk.
const changeTimeout = 30 * time.Second

// Bridge is what the page may ask for; nothing else of this program can be reached from it. Its exported methods are the
// other end of frontend/src/bridge.ts.
type Bridge struct {
	view     View
	language string
	socket   string
	doctor   func(ctx context.Context, fix bool) ([]byte, error) // tallykey doctor --json
	shell    shell                                               // read it after ready
	ready    chan struct{}                                       // closed once shell is set: Wails sets up desktop and page at the same time

	mu      sync.Mutex // guards the fields that follow
	section Section    // that the page begins with
	client  *api.Client
	live    map[string]bool // requests that have not ended
	shown   string          // the request that the page has painted, or the pairing
	done    bool            // the page closes the window itself, after an end
}

// shell is the desktop around the page: Wails, or a test.
type shell struct {
	emit    func(event string, data ...any)
	quit    func()
	copy    func(text string) error
	grow    func(height int)
	present func()                                   // in front of what covers it, with the keyboard
	browse  func(url string)                         // in the person's browser
	saveAs  func(title, name string) (string, error) // asks for a path; empty: the person wants none
}

// NewBridge serves one view, the main window with section first. It connects to the daemon on socket when the page opens.
func NewBridge(view View, section Section, language, socket string) *Bridge {
	return &Bridge{view: view, section: section, language: language, socket: socket, doctor: runDoctor,
		ready: make(chan struct{}), live: map[string]bool{}}
}

// show turns to a section, in front of what covers the window. Without a section only the latter.
func (b *Bridge) show(section Section) {
	if section != "" {
		b.mu.Lock()
		b.section = section // for a page that has not opened yet
		b.mu.Unlock()
	}
	<-b.ready
	b.shell.present()
	if section != "" {
		b.shell.emit(eventShow, section)
	}
}

// begin gives the bridge its desktop; the page's Open waits for it.
func (b *Bridge) begin(s shell) {
	b.shell = s
	close(b.ready)
}

// Setup is the first thing that the page learns.
type Setup struct {
	View     View         `json:"view"`
	Section  Section      `json:"section,omitempty"`
	Language string       `json:"language"` // "en" or "de"
	Running  bool         `json:"running"`  // false: no daemon answers
	Snapshot api.Snapshot `json:"snapshot"`
}

// Open connects to the daemon and starts the events. The page calls it once it listens, and again to try a daemon that
// was not running.
func (b *Bridge) Open() Setup {
	<-b.ready
	b.mu.Lock()
	setup := Setup{View: b.view, Section: b.section, Language: b.language}
	b.mu.Unlock()
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
	earlier := b.client
	b.client = c
	for _, r := range setup.Snapshot.Requests {
		b.live[r.ID] = r.State != api.Ended
	}
	b.mu.Unlock()
	if earlier != nil {
		earlier.Close()
	}
	go b.pump(c)
	return setup
}

// pump hands events to the page until the connection ends. The page learns of that unless it has another one by then.
func (b *Bridge) pump(c *api.Client) {
	for e := range c.Events() {
		b.pass(e)
	}
	c.Close()
	b.mu.Lock()
	current := b.client == c
	b.mu.Unlock()
	if current {
		b.shell.emit(eventGone)
	}
}

// pass hands one event to the page.
func (b *Bridge) pass(e api.Event) {
	switch {
	case e.Request != nil:
		b.mu.Lock()
		b.live[e.Request.ID] = e.Request.State != api.Ended
		b.mu.Unlock()
		b.shell.emit(eventRequest, *e.Request)
	case e.Phones != nil:
		b.shell.emit(eventPhones, *e.Phones)
	case e.Registrations != nil:
		b.shell.emit(eventRegistrations, *e.Registrations)
	case e.Pauses != nil:
		b.shell.emit(eventPauses, *e.Pauses)
	case e.Settings != nil:
		b.shell.emit(eventSettings, *e.Settings)
	}
}

// call asks the daemon.
func (b *Bridge) call(method string, params, result any) error {
	return b.within(callTimeout, method, params, result)
}

// change asks the daemon for something that lasts.
func (b *Bridge) change(method string, params, result any) error {
	return b.within(changeTimeout, method, params, result)
}

func (b *Bridge) within(limit time.Duration, method string, params, result any) error {
	b.mu.Lock()
	c := b.client
	b.mu.Unlock()
	if c == nil {
		return api.ErrNotRunning
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return c.Call(ctx, method, params, result)
}

// Painted tells the daemon that the request is on the screen. A request that came to a window with an earlier one brings
// the window to the front again: the person may have turned to something else in between.
func (b *Bridge) Painted(id string) error {
	b.mu.Lock()
	another := b.shown != "" && b.shown != id
	b.shown = id
	b.mu.Unlock()
	if another {
		b.shell.present()
	}
	return b.call(api.MethodPainted, api.ByID{ID: id}, nil)
}

// Cancel ends the request: the person closed the prompt.
func (b *Bridge) Cancel(id string) error { return b.call(api.MethodCancel, api.ByID{ID: id}, nil) }

// Report ends the request: "This isn't me".
func (b *Bridge) Report(id string) error { return b.call(api.MethodReport, api.ByID{ID: id}, nil) }

// AnotherWay ends the request: the browser's own WebAuthn takes over.
func (b *Bridge) AnotherWay(id string) error {
	return b.call(api.MethodAnotherWay, api.ByID{ID: id}, nil)
}

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

// Status is the daemon's account of itself.
func (b *Bridge) Status() (s api.Status, err error) {
	err = b.call(api.MethodStatus, nil, &s)
	return s, err
}

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
