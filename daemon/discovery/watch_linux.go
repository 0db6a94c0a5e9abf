package discovery

import (
	"context"
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// report pokes events for every change that the kernel tells, until ctx ends.
func report(ctx context.Context, events chan<- struct{}) error {
	const groups = unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR | unix.RTMGRP_IPV4_ROUTE |
		unix.RTMGRP_IPV6_ROUTE
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, &netlink.Config{Groups: groups})
	if err != nil {
		return fmt.Errorf("discovery: watch the network: %w", err)
	}
	defer conn.Close()
	context.AfterFunc(ctx, func() { conn.Close() })
	poke(events) // what changed before the subscription
	for fails := 0; ; {
		if _, err := conn.Receive(); err == nil {
			fails = 0
		} else if ctx.Err() != nil {
			return nil
		} else if fails++; fails > maxFails { // one says that the buffer ran over, which is a change
			return fmt.Errorf("discovery: watch the network: %w", err)
		}
		poke(events)
	}
}

// maxFails ends the loops of this package that read, where there is nothing but errors.
const maxFails = 100
