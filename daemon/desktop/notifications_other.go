//go:build !linux

package desktop

import (
	"context"
	"log/slog"

	"tallykey/daemon/api"
)

// NotificationsConfig is what Notifications do when a person uses one.
type NotificationsConfig struct {
	Language string
	Show     func(id string)
	Report   func(id string)
	Cancel   func(id string)
	Part     func(api.Part)
}

// Notifications show requests. On this system there are none yet, and Part says so.
type Notifications struct{ cfg NotificationsConfig }

// NewNotifications shows nothing.
func NewNotifications(cfg NotificationsConfig, _ *slog.Logger) *Notifications {
	if cfg.Part == nil {
		cfg.Part = func(api.Part) {}
	}
	return &Notifications{cfg}
}

// Show does nothing.
func (n *Notifications) Show(api.Request, int) {}

// Close does nothing.
func (n *Notifications) Close(string) {}

// Run says that there are no notifications and waits for the end of ctx.
func (n *Notifications) Run(ctx context.Context) error {
	n.cfg.Part(absent("no notifications on this system yet"))
	<-ctx.Done()
	return nil
}
