package discovery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/grandcat/zeroconf"

	"tallykey/phone/link"
)

// asks are the pauses before the questions of Find. mDNS is UDP by multicast, where one packet in five may be lost on a
// radio network; zeroconf alone asks once and then waits for 2 to 6 s. RFC 6762 section 5.2 wants a second between
// questions: the early ones are a deviation, and end with the first answer.
var asks = []time.Duration{0, 100, 100, 150, 150, 200, 300, 400, 600, 2000, 4000} // ms

// quietAsks is where asks goes on after an answer.
const quietAsks = 9

const askLimit = 5 * time.Second

var errNoNetwork = errors.New("discovery: no network")

// Find looks for a desktop by its id and calls got with its addresses, each distinct answer once, until got returns
// true or ctx ends. The error says why nothing could be asked, if nothing could; that nobody answered is none.
func Find(ctx context.Context, desktop string, got func([]netip.AddrPort) bool) error {
	if !link.ValidID(desktop) {
		return errID
	}
	return look(ctx, desktop, func(_ string, at []netip.AddrPort) bool { return got(at) })
}

// Browse looks for desktops and calls got with the id and the addresses of each, every distinct answer once, until got
// returns true or ctx ends. Anybody on the network can make up answers. The error is that of Find.
func Browse(ctx context.Context, got func(desktop string, at []netip.AddrPort) bool) error {
	return look(ctx, "", got)
}

// look is Find for one desktop, and Browse where it is empty.
func look(ctx context.Context, desktop string, got func(string, []netip.AddrPort) bool) error {
	ctx, stop := context.WithCancel(ctx)
	f := finder{answers: make(chan *zeroconf.ServiceEntry), seen: map[string]bool{}}
	defer f.asked.Wait()
	defer stop()
	next := time.NewTimer(0)
	defer next.Stop()
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return f.failed
		case e := <-f.answers:
			if id, at, ok := f.fresh(e, desktop); ok {
				if got(id, at) {
					return nil
				}
				n = max(n, quietAsks)
				next.Reset(asks[n] * time.Millisecond)
			}
		case <-next.C:
			f.failed = f.ask(ctx)
			n = min(n+1, len(asks)-1)
			next.Reset(asks[n] * time.Millisecond)
		}
	}
}

type finder struct {
	answers chan *zeroconf.ServiceEntry
	asked   sync.WaitGroup
	seen    map[string]bool
	failed  error // of the last question
}

// maxSeen bounds the answers that are told apart: anybody on the network can make them up.
const maxSeen = 64

// fresh returns the id and the addresses of an answer that is about the desktop, or any where that is empty, and says
// something new.
func (f *finder) fresh(e *zeroconf.ServiceEntry, desktop string) (id string, at []netip.AddrPort, ok bool) {
	id = strings.ToLower(e.Instance)
	if desktop != "" && id != desktop || !link.ValidID(id) || e.Port <= 0 || e.Port > 65535 {
		return "", nil, false
	}
	for _, ip := range append(append([]net.IP(nil), e.AddrIPv4...), e.AddrIPv6...) {
		a, ok := netip.AddrFromSlice(ip)
		a = a.Unmap()
		// A link-local IPv6 address without its zone leads nowhere.
		useless := a.IsUnspecified() || a.IsMulticast() || a.Is6() && a.IsLinkLocalUnicast()
		if ok && !useless && len(at) < link.MaxAddresses {
			at = append(at, netip.AddrPortFrom(a, uint16(e.Port)))
		}
	}
	key := fmt.Sprint(id, at)
	if len(at) == 0 || f.seen[key] || len(f.seen) >= maxSeen {
		return "", nil, false
	}
	f.seen[key] = true
	return id, at, true
}

// ask sends one question. Resolver and channel are new each time: both are good for one use, and a second one panics or
// finds nothing.
func (f *finder) ask(ctx context.Context) error {
	networks := (*Choice)(nil).outside()
	if len(networks) == 0 {
		return errNoNetwork // zeroconf would take every interface for none
	}
	r, err := zeroconf.NewResolver(zeroconf.SelectIfaces(interfaces(networks)), zeroconf.SelectIPTraffic(traffic(networks)))
	if err != nil {
		return fmt.Errorf("discovery: %w", err)
	}
	ctx, stop := context.WithTimeout(ctx, askLimit)
	entries := make(chan *zeroconf.ServiceEntry, 8)
	err = r.Browse(ctx, Service, "local.", entries) // closes entries in any case
	f.asked.Go(func() {
		defer stop()
		for e := range entries { // to the end: an entry that nobody reads blocks the library for ever, sockets and all
			select {
			case f.answers <- e:
			case <-ctx.Done():
			}
		}
	})
	return err
}

func traffic(networks []attachment) zeroconf.IPType {
	for _, n := range networks {
		for _, p := range n.prefixes {
			if p.Addr().Is6() {
				return zeroconf.IPv4AndIPv6
			}
		}
	}
	return zeroconf.IPv4
}
