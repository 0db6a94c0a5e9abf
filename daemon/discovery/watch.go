package discovery

import (
	"context"
	"time"
)

// settle is how long a change of network is waited out: an interface that comes up gets its addresses and routes one
// by one, and each alone is not worth telling.
const settle = 300 * time.Millisecond

// Watch calls changed after each change of this desktop's networks: an interface, an address, a default route. It ends
// with ctx. While nothing changes nothing wakes, where the system reports changes (Linux); elsewhere it looks every
// five seconds.
func Watch(ctx context.Context, changed func()) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	events := make(chan struct{}, 1)
	ended := make(chan error, 1)
	go func() { ended <- report(ctx, events) }()
	last := signature(attachments())
	for {
		select {
		case err := <-ended:
			return err
		case <-events:
		}
		if !quiet(ctx, events) {
			return <-ended
		}
		// The system repeats what it said, IPv6 lifetimes above all, several times an hour.
		if now := signature(attachments()); now != last {
			last = now
			changed()
		}
	}
}

// quiet waits until no event came for a while, but not for ever. It says false when ctx ended.
func quiet(ctx context.Context, events <-chan struct{}) bool {
	limit := time.NewTimer(10 * settle)
	defer limit.Stop()
	for {
		pause := time.NewTimer(settle)
		select {
		case <-events:
			pause.Stop()
		case <-pause.C:
			return true
		case <-limit.C:
			pause.Stop()
			return true
		case <-ctx.Done():
			pause.Stop()
			return false
		}
	}
}

// poke leaves an event for whoever reads next; several are as good as one.
func poke(events chan<- struct{}) {
	select {
	case events <- struct{}{}:
	default:
	}
}
