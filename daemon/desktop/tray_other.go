//go:build !linux && !windows

package desktop

import (
	"context"
	"log/slog"

	"tallykey/daemon/api"
)

// Tray is the icon in the panel. On this system there is none yet, and Part says so.
type Tray struct{ cfg TrayConfig }

// NewTray shows nothing.
func NewTray(cfg TrayConfig, _ *slog.Logger) *Tray {
	if cfg.Part == nil {
		cfg.Part = func(api.Part) {}
	}
	return &Tray{cfg}
}

// Set does nothing.
func (t *Tray) Set(TrayState) {}

// Run says that there is no tray and waits for the end of ctx.
func (t *Tray) Run(ctx context.Context) error {
	t.cfg.Part(absent("no tray on this system yet"))
	<-ctx.Done()
	return nil
}
