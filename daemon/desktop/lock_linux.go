package desktop

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"tallykey/daemon/api"
)

// ScreenLock knows whether the screen of the person's session is locked, from systemd-logind (or elogind) on the system
// bus and from screen savers on the session bus. Where neither is there the screen counts as not locked.
type ScreenLock struct {
	cfg   ScreenLockConfig
	log   *slog.Logger
	doubt time.Duration

	locked atomic.Bool
	known  chan struct{}
}

// NewScreenLock knows nothing before Run.
func NewScreenLock(cfg ScreenLockConfig, log *slog.Logger) *ScreenLock {
	if cfg.Changed == nil {
		cfg.Changed = func(bool) {}
	}
	if cfg.Part == nil {
		cfg.Part = func(api.Part) {}
	}
	return &ScreenLock{cfg: cfg, log: orDiscard(log), doubt: doubtFor, known: make(chan struct{})}
}

// Locked says whether the screen is locked. It never blocks.
func (l *ScreenLock) Locked() bool { return l.locked.Load() }

// Known is closed once Run has asked every source for the first time: a daemon that starts on a locked screen must not ask
// anybody before it knows. It takes a few milliseconds, and seconds at most where a source hangs.
func (l *ScreenLock) Known() <-chan struct{} { return l.known }

// Run follows the screen until ctx ends. It is called once. A desktop without any source is no error: Part says so.
func (l *ScreenLock) Run(ctx context.Context) error {
	w := &lockWatch{lock: l, state: lockState{says: map[string]bool{}}, settle: time.NewTimer(l.doubt)}
	w.settle.Stop()
	defer w.settle.Stop()
	if w.login = openLogin(l.log); w.login != nil {
		defer w.login.conn.Close()
	}
	if w.savers = openSavers(l.log); w.savers != nil {
		defer w.savers.conn.Close()
	}
	w.readAll()
	w.tell()
	close(l.known)
	w.loop(ctx)
	return nil
}

// lockWatch is the screen lock while it runs. It belongs to one goroutine.
type lockWatch struct {
	lock   *ScreenLock
	state  lockState
	settle *time.Timer // runs while a doubt does
	login  *login      // nil without a system bus
	savers *savers     // nil without a session bus
	part   api.Part
}

func (w *lockWatch) readAll() {
	w.login.read(&w.state)
	w.savers.read(&w.state)
}

func (w *lockWatch) loop(ctx context.Context) {
	login, savers := w.login.heard(), w.savers.heard()
	for {
		select {
		case sig, ok := <-login:
			if w.happen(func() { w.login.take(w, sig) }, ok, loginSource); !ok {
				login = nil
			}
		case sig, ok := <-savers:
			if w.happen(func() { w.savers.take(w, sig) }, ok, saverSources()...); !ok {
				savers = nil
			}
		case <-w.settle.C:
			w.state.settle()
		case <-ctx.Done():
			return
		}
		w.tell()
	}
}

// happen takes a signal, or the end of its bus.
func (w *lockWatch) happen(take func(), ok bool, sources ...string) {
	if ok {
		take()
		return
	}
	for _, source := range sources {
		w.lost(source)
	}
}

// suspect takes a sign that the screen will be locked. settles says whether the doubt may end by itself yet.
func (w *lockWatch) suspect(settles bool) {
	w.state.doubt = true
	if settles {
		w.settle.Reset(w.lock.doubt)
	} else {
		w.settle.Stop()
	}
}

func (w *lockWatch) lost(source string) {
	if w.state.lost(source); w.state.doubt {
		w.settle.Reset(w.lock.doubt)
	}
}

// tell makes the state known, Locked before Changed.
func (w *lockWatch) tell() {
	locked := w.state.locked()
	if part := w.state.part(); part != w.part {
		w.part = part
		w.lock.cfg.Part(part)
	}
	if w.lock.locked.Swap(locked) != locked {
		w.lock.log.Info("screen", "locked", locked)
		w.lock.cfg.Changed(locked)
	}
}
