//go:build !linux

package desktop

import (
	"context"
	"log/slog"
)

// ScreenLock knows whether the screen is locked. On this system it can't know yet, and Part says so.
type ScreenLock struct{ cfg ScreenLockConfig }

// NewScreenLock knows nothing.
func NewScreenLock(cfg ScreenLockConfig, _ *slog.Logger) *ScreenLock { return &ScreenLock{cfg} }

// Locked is false: unknown counts as not locked.
func (l *ScreenLock) Locked() bool { return false }

// Known is closed: more will never be known.
func (l *ScreenLock) Known() <-chan struct{} { return closed }

var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// Run says that nothing is known and waits for the end of ctx.
func (l *ScreenLock) Run(ctx context.Context) error {
	if l.cfg.Part != nil {
		l.cfg.Part(new(lockState).part())
	}
	<-ctx.Done()
	return nil
}
