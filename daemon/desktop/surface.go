package desktop

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"tallykey/daemon/api"
)

// PaintTimeout is how long the window may take to show a request before the notification has to do alone.
const PaintTimeout = 1500 * time.Millisecond

// Paint is what became of showing a request in the window.
type Paint string

// The outcomes. Late can be followed by Painted.
const (
	Painted  Paint = "painted"   // the window said so
	Late     Paint = "late"      // it has not, within PaintTimeout
	NoWindow Paint = "no_window" // there is no window program, or it ended before it painted
)

// String implements fmt.Stringer.
func (p Paint) String() string { return string(p) }

// Painting tells how long a request took to its Paint, from the moment when the surface learned of it.
type Painting struct {
	Request string
	Paint   Paint
	Took    time.Duration
}

// Config is what a Surface needs. Only Actions must be set.
type Config struct {
	WindowPath string // of tallykey-window; empty: no window is opened
	WindowEnv  []string
	NoTray     bool
	Language   string // "en" or "de"; empty: that of the environment
	Actions    Actions
	Painting   func(Painting) // may be nil; it must not block
	Log        *slog.Logger
}

// The parts of a Surface as it uses them; tests put in their own.
type (
	trayIcon interface {
		Set(TrayState)
		Run(context.Context) error
	}
	notifier interface {
		Show(r api.Request, more int)
		Close(id string)
		Run(context.Context) error
	}
	opener interface {
		Open(View) error
		Running(View) bool
		Close()
	}
)

// Surface shows requests to the person at the desktop: tray, notification and window at once. No method blocks.
type Surface struct {
	cfg    Config
	log    *slog.Logger
	words  words
	tray   trayIcon // nil without one
	notes  notifier
	window opener

	mu       sync.Mutex // guards the fields that follow; nothing is called back under it
	requests map[string]*showing
	queued   map[string]bool // requests that wait behind the one on the screen
	phones   []api.Phone
	pauses   []api.Pause
	problem  api.Code
	trayPart api.Part
	notePart api.Part
}

// showing is a request on its way to the person's eyes.
type showing struct {
	request  api.Request
	since    time.Time
	timer    *time.Timer
	painted  bool
	reopened bool // a window that ended before it painted was started once more
}

// NewSurface shows nothing before Run; what it is told until then is kept.
func NewSurface(cfg Config) *Surface {
	s := newSurface(cfg)
	s.window = NewWindow(WindowConfig{Path: cfg.WindowPath, Env: cfg.WindowEnv, Died: s.died, Log: s.log})
	s.notes = NewNotifications(NotificationsConfig{Language: s.cfg.Language, Part: s.setNotePart,
		Show:   func(string) { s.open(ViewPrompt) },
		Report: cfg.Actions.Report, Cancel: cfg.Actions.Cancel}, s.log)
	if !cfg.NoTray {
		s.tray = NewTray(TrayConfig{Activate: s.show, Part: s.setTrayPart}, s.log)
	}
	return s
}

func newSurface(cfg Config) *Surface {
	if cfg.Language == "" {
		cfg.Language = api.Language(os.Getenv)
	}
	if cfg.Painting == nil {
		cfg.Painting = func(Painting) {}
	}
	starting := api.Part{State: "starting"}
	s := &Surface{cfg: cfg, log: orDiscard(cfg.Log), words: wordsOf(cfg.Language), requests: map[string]*showing{}, queued: map[string]bool{},
		trayPart: starting, notePart: starting}
	if cfg.NoTray {
		s.trayPart = absent("switched off")
	}
	return s
}

// Run shows everything until ctx ends; then the windows close and the notifications go. A part that fails is logged and
// said by Parts, and the others go on.
func (s *Surface) Run(ctx context.Context) error {
	var parts sync.WaitGroup
	parts.Go(func() { s.ran("notifications", s.notes.Run(ctx), s.setNotePart) })
	if s.tray != nil {
		s.tray.Set(s.trayState())
		parts.Go(func() { s.ran("tray", s.tray.Run(ctx), s.setTrayPart) })
	}
	<-ctx.Done()
	s.window.Close()
	parts.Wait()
	return nil
}

func (s *Surface) ran(part string, err error, set func(api.Part)) {
	if err == nil {
		return
	}
	s.log.Error("part of the desktop ended", "part", part, "err", err)
	set(absent(err.Error()))
}

// Request takes a request in its newest state.
func (s *Surface) Request(r api.Request) {
	if r.Action == "pair" {
		s.pairing(r)
		return
	}
	s.mu.Lock()
	unseen, waited := s.requests[r.ID] == nil, len(s.queued)
	asks := s.take(r)
	more := len(s.queued)
	also := s.onScreen(r.ID)
	s.mu.Unlock()
	if !unseen || r.Code != api.CancelledByPage { // nobody misses what left the queue by itself
		s.notes.Show(r, more)
	}
	if also != nil && more != waited {
		s.notes.Show(*also, more)
	}
	if asks {
		go s.open(ViewPrompt) // starting a process takes milliseconds that the caller has better use for
	}
	s.refresh()
}

// pairing shows the number of a pairing. Its code and its end are shown by who started it, the window or a terminal.
func (s *Surface) pairing(r api.Request) {
	if r.State == api.Delivered || r.State == api.Answering {
		s.notes.Show(r, 0)
	} else {
		s.notes.Close(r.ID)
	}
}

// onScreen is a request that asks now, other than the given one; nil without one. Its caller holds mu.
func (s *Surface) onScreen(other string) *api.Request {
	for id, shown := range s.requests {
		if id != other {
			r := shown.request
			return &r
		}
	}
	return nil
}

// take notes the request; it says whether the request begins to ask now.
func (s *Surface) take(r api.Request) (asks bool) {
	shown := s.requests[r.ID]
	delete(s.queued, r.ID)
	switch {
	case r.State == api.Queued:
		s.queued[r.ID] = true
		return false
	case r.State == api.Ended:
		if shown != nil {
			shown.timer.Stop()
			delete(s.requests, r.ID)
		}
		return false
	case shown != nil:
		shown.request = r
		return false
	}
	s.requests[r.ID] = &showing{request: r, since: time.Now(), timer: time.AfterFunc(PaintTimeout, func() { s.late(r.ID) })}
	return true
}

// Painted takes the window's word that it shows the request (request.painted).
func (s *Surface) Painted(id string) {
	s.mu.Lock()
	shown := s.requests[id]
	if shown == nil || shown.painted {
		s.mu.Unlock()
		return
	}
	shown.painted = true
	shown.timer.Stop()
	took := time.Since(shown.since)
	s.mu.Unlock()
	s.cfg.Painting(Painting{id, Painted, took})
}

func (s *Surface) late(id string) {
	s.mu.Lock()
	shown := s.requests[id]
	late := shown != nil && !shown.painted
	s.mu.Unlock()
	if late {
		s.log.Warn("the window is late; the notification carries on", "request", id)
		s.cfg.Painting(Painting{id, Late, PaintTimeout})
	}
}

// open starts a window. Where that fails the notification and the command line have to do.
func (s *Surface) open(v View) {
	err := s.window.Open(v)
	if err == nil {
		return
	}
	if !errors.Is(err, ErrNoWindow) {
		s.log.Error("window", "err", err)
	}
	if v == ViewPrompt {
		s.unshown()
	}
}

// died takes note of a window that ended. A request that it has not painted yet gets a window once more: one window may
// have been on its way out, after the end of an earlier request, when this one came.
func (s *Surface) died(v View, _ error) {
	if v != ViewPrompt {
		return
	}
	s.mu.Lock()
	again := false
	for _, shown := range s.requests {
		if !shown.painted && !shown.reopened {
			shown.reopened, again = true, true
		}
	}
	s.mu.Unlock()
	if again {
		s.open(ViewPrompt)
		return
	}
	s.unshown()
}

// unshown tells of the requests that no window shows.
func (s *Surface) unshown() {
	s.mu.Lock()
	var without []Painting
	for id, shown := range s.requests {
		if !shown.painted && shown.timer.Stop() {
			without = append(without, Painting{id, NoWindow, time.Since(shown.since)})
		}
	}
	s.mu.Unlock()
	for _, p := range without {
		s.cfg.Painting(p)
	}
}

// Phones takes the paired phones; the tray says whether one is connected.
func (s *Surface) Phones(phones []api.Phone) {
	s.mu.Lock()
	s.phones = phones
	s.mu.Unlock()
	s.refresh()
}

// Pauses takes the pauses that hold; the tray shows that of every website and can end it.
func (s *Surface) Pauses(pauses []api.Pause) {
	s.mu.Lock()
	s.pauses = pauses
	s.mu.Unlock()
	s.refresh()
}

// Problem makes the tray say that something needs attention: a locked keyring, a link without a port. An empty code
// means that all is well again.
func (s *Surface) Problem(code api.Code) {
	s.mu.Lock()
	s.problem = code
	s.mu.Unlock()
	s.refresh()
}

// Parts is the health of tray and notifications.
func (s *Surface) Parts() (tray, notifications api.Part) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trayPart, s.notePart
}

func (s *Surface) setTrayPart(p api.Part) { s.setPart("tray", &s.trayPart, p) }
func (s *Surface) setNotePart(p api.Part) { s.setPart("notifications", &s.notePart, p) }

func (s *Surface) setPart(name string, at *api.Part, p api.Part) {
	s.mu.Lock()
	*at = p
	s.mu.Unlock()
	s.log.Info("desktop", "part", name, "state", p.State, "detail", p.Detail)
}

func (s *Surface) refresh() {
	if s.tray != nil {
		s.tray.Set(s.trayState())
	}
}

// show opens what a click on the tray asks for: the request that waits, or the overview.
func (s *Surface) show() {
	s.mu.Lock()
	waits := len(s.requests) > 0
	s.mu.Unlock()
	if waits {
		s.open(ViewPrompt)
		return
	}
	s.open(ViewMain)
}
