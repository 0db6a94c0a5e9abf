// Package service is the running daemon: it opens the parts, ties them together and serves the local API.
//
// The socket comes first and the keyring is read beside it, so that a browser that asks in the first moments of a
// session gets an answer. Until the keyring is open, and where it can't be opened, requests fall through to the
// browser's own WebAuthn.
package service

import (
	"cmp"
	"context"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"tallykey/daemon/activity"
	"tallykey/daemon/api"
	"tallykey/daemon/desktop"
	"tallykey/daemon/discovery"
	"tallykey/daemon/registration"
	"tallykey/daemon/settings"
	"tallykey/daemon/socket"
	"tallykey/daemon/wellknown"
)

// Config is what a daemon is started with. Window, Tray, Announce and Lock may be left out.
type Config struct {
	Version   string
	Socket    string   // path
	State     string   // folder of the activity log
	Name      string   // what this desktop calls itself
	PhoneApp  *url.URL // where the phone app is served; the pairing link points there
	Port      int      // UDP port of the phone link; 0: the one of last time, or any
	Window    string   // path of tallykey-window; empty: no window is opened
	Tray      bool
	Announce  bool // say by mDNS where this desktop is
	Lock      bool // follow the screen lock: nothing is asked while the screen is locked
	Keyring   registration.Keyring
	Settings  settings.Config  // empty: settings.json in State, and no start at login
	WellKnown wellknown.Config // what websites publish; empty: read from public addresses
	Log       *slog.Logger
	Ready     func() // called once the socket answers

	send sendFunc // to push services; nil: the real ones, other than in tests
}

// Daemon is one running daemon.
type Daemon struct {
	cfg      Config
	log      *slog.Logger
	started  time.Time
	journal  *activity.Log
	surface  *desktop.Surface
	screen   *desktop.ScreenLock
	choices  *settings.Store
	networks *discovery.Choice
	tidy     *time.Timer
	stop     context.CancelCauseFunc

	core    atomic.Pointer[core] // nil until the keyring was read
	opening chan struct{}        // holds a token while no one opens or closes the core

	keyringMoved chan struct{} // holds a token once the keyring was locked or unlocked here

	mu       sync.Mutex // guards what follows
	keyring  api.Part
	link     api.Part
	lock     api.Part
	watchers map[*socket.Conn]*watcher
	toldLock time.Time // when the person was last told that the keyring file is locked
}

// New prepares a daemon.
func New(cfg Config) *Daemon {
	d := &Daemon{cfg: cfg, log: cfg.Log, started: time.Now(), opening: make(chan struct{}, 1),
		keyringMoved: make(chan struct{}, 1), keyring: api.Part{State: "starting"}, link: api.Part{State: "starting"},
		lock: api.Part{State: "absent", Detail: "switched off"}, watchers: map[*socket.Conn]*watcher{}}
	d.opening <- struct{}{}
	d.choices, d.networks, d.tidy = openChoices(cfg), &discovery.Choice{}, newTidy()
	if cfg.Lock {
		d.lock = api.Part{State: "starting"}
	}
	d.screen = d.newScreenLock()
	return d
}

// Run serves until ctx ends or a client asks for a stop. socket.ErrRunning means that another daemon is there.
func (d *Daemon) Run(ctx context.Context) (err error) {
	outer := ctx
	ctx, d.stop = context.WithCancelCause(context.WithoutCancel(outer))
	defer d.stop(nil)
	defer context.AfterFunc(outer, d.Stop)() // a signal, too, ends what waits as a stop and not as the page's wish
	if d.journal, err = activity.Open(filepath.Join(d.cfg.State, "activity.jsonl"), d.log); err != nil {
		return err
	}
	defer d.journal.Close()
	l, err := socket.Listen(d.cfg.Socket)
	if err != nil {
		return err
	}
	defer l.Close() // it removes the socket once; by now the path may be that of the next daemon
	var parts sync.WaitGroup
	defer parts.Wait()
	d.surface = d.newSurface()
	d.followChoices()
	defer d.choices.Close()
	parts.Go(func() { d.surface.Run(ctx) }) // says by Parts what of it failed
	if d.cfg.Lock {
		parts.Go(func() { d.screen.Run(ctx) }) // likewise
	}
	parts.Go(func() { d.keepOpen(ctx) })
	defer d.tidy.Stop()
	d.cfg.Ready()
	server := socket.Server{Methods: d.methods, Log: d.log}
	return server.Serve(ctx, l)
}

// Stop ends the daemon; every request that still waits ends with api.DaemonStopped.
func (d *Daemon) Stop() {
	if core := d.core.Load(); core != nil {
		core.engine.Stop(api.DaemonStopped)
	}
	d.stop(api.Errorf(api.DaemonStopped, ""))
}

// Pauses between tries to open the keyring: it may be unlocked a moment after the session began, or never.
const (
	firstRetry = 2 * time.Second
	lastRetry  = 5 * time.Minute
)

// keepOpen opens the core, again and again where it fails, and closes it at the end.
func (d *Daemon) keepOpen(ctx context.Context) {
	pause := firstRetry
	for ctx.Err() == nil {
		var later <-chan time.Time // never, once it is open
		if d.open(ctx) != nil {
			later = time.After(pause)
			pause = min(2*pause, lastRetry)
		}
		select {
		case <-later:
		case <-d.keyringMoved:
			pause = firstRetry
		case <-ctx.Done():
		}
	}
	if core := d.core.Swap(nil); core != nil {
		core.close(api.DaemonStopped)
	}
}

// open opens the core once, if no one else is at it; it returns at once where it is open.
func (d *Daemon) open(ctx context.Context) error {
	select {
	case <-d.opening:
		defer func() { d.opening <- struct{}{} }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if d.core.Load() != nil {
		return nil
	}
	if err := d.screenKnown(ctx); err != nil {
		return err
	}
	core, err := d.newCore(ctx)
	if err != nil {
		d.log.Warn("not ready", "err", err)
		return err
	}
	d.core.Store(core)
	d.tidy.Reset(tidyAfter)
	d.phonesChanged()
	return nil
}

// patience is how long a request waits for a daemon that is just starting. It is shorter than the extension's.
const patience = 800 * time.Millisecond

// ready returns the open core. Where it is not open it tries, and fails with the keyring's or the link's code.
func (d *Daemon) ready(ctx context.Context) (*core, error) {
	if core := d.core.Load(); core != nil {
		return core, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := d.open(ctx); err != nil {
		return nil, d.openError(err)
	}
	return d.core.Load(), nil
}

func (d *Daemon) openError(err error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range []api.Part{d.keyring, d.link} {
		if p.Code != "" {
			return api.Errorf(p.Code, "%s", p.Detail)
		}
	}
	return api.Errorf(api.KeyringFailed, "%v", err)
}

func (d *Daemon) status(context.Context) (api.Status, error) {
	s := api.Status{Version: d.cfg.Version, PID: os.Getpid(), Started: d.started, Name: d.cfg.Name,
		PhoneApp: d.cfg.PhoneApp.String(), Phones: []api.Phone{}, Addresses: []string{}}
	d.mu.Lock()
	s.Keyring, s.Link, s.ScreenLock = d.keyring, d.link, d.lock
	d.mu.Unlock()
	s.Tray, s.Notifications = d.surface.Parts()
	s.Settings, s.Pauses, s.Browsers = d.choices.Get(), d.choices.Pauses(), d.choices.Browsers()
	if core := d.core.Load(); core != nil {
		core.describe(&s)
	}
	s.Process = process()
	return s, nil
}

func process() api.Process {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	return api.Process{Goroutines: runtime.NumGoroutine(), Heap: int64(heap[0].Value.Uint64())}
}

// setPart notes how a part is; the tray shows the first that has a problem.
func (d *Daemon) setPart(part *api.Part, p api.Part) {
	d.mu.Lock()
	*part = p
	problem := cmp.Or(d.keyring.Code, d.link.Code, d.choicesCode())
	d.mu.Unlock()
	d.surface.Problem(problem)
}
