//go:build !linux

package discovery

import (
	"context"
	"time"
)

const poll = 5 * time.Second

// report pokes events every few seconds, until ctx ends.
func report(ctx context.Context, events chan<- struct{}) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		poke(events)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// maxFails ends the loops of this package that read, where there is nothing but errors.
const maxFails = 100
