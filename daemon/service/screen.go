package service

import (
	"context"

	"tallykey/daemon/api"
	"tallykey/daemon/desktop"
)

// newSurface makes what the person at the desktop sees. It can begin and end things, and approve nothing.
func (d *Daemon) newSurface() *desktop.Surface {
	return desktop.NewSurface(desktop.Config{WindowPath: d.cfg.Window, NoTray: !d.cfg.Tray, Log: d.log,
		Actions: desktop.Actions{Cancel: d.quietly((*core).cancel), Report: d.quietly((*core).report),
			Pause: d.pauseAll, Resume: d.resume, Quit: d.Stop},
		Painting: func(p desktop.Painting) {
			d.log.Info("window", "request", p.Request, "paint", p.Paint, "took", p.Took)
		}})
}

// quietly acts on a request by a click that may come too late: then there is nothing to do.
func (d *Daemon) quietly(f func(*core, string) error) func(string) {
	return func(id string) {
		core := d.core.Load()
		if core == nil {
			return
		}
		if err := f(core, id); err != nil {
			d.log.Debug("click on a request that is over", "request", id, "err", err)
		}
	}
}

// newScreenLock follows the screen lock. What is pending when the screen locks ends.
func (d *Daemon) newScreenLock() *desktop.ScreenLock {
	return desktop.NewScreenLock(desktop.ScreenLockConfig{
		Part: func(p api.Part) {
			d.mu.Lock()
			d.lock = p
			d.mu.Unlock()
		},
		Changed: func(locked bool) {
			if core := d.core.Load(); core != nil && locked {
				go core.engine.ScreenLocked() // waits for a prompt that is just writing to the keyring
			}
		}}, d.log)
}

// screenKnown waits until it is known whether the screen is locked: a daemon that starts behind a locked screen, as after
// an upgrade at night, must not ask anybody meanwhile.
func (d *Daemon) screenKnown(ctx context.Context) error {
	if !d.cfg.Lock {
		return nil
	}
	select {
	case <-d.screen.Known():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
