package desktop

import (
	"context"
	"testing"

	"tallykey/daemon/api"
	"tallykey/daemon/api/apitest"
	"tallykey/daemon/desktop/desktoptest"
)

// BenchmarkNotification measures from a request's new state to the notification service that has it.
func BenchmarkNotification(b *testing.B) {
	desktoptest.StartBus(b)
	service := desktoptest.StartNotifications(b, "actions", "body-markup")
	none := func(string) {}
	n := NewNotifications(NotificationsConfig{Language: "en", Show: none, Report: none, Cancel: none}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	r := apitest.Request(api.Delivered)
	n.Show(r, 0)
	service.Next()
	for b.Loop() {
		n.Show(r, 0)
		service.Next()
	}
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}
